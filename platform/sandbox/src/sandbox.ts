/**
 * One door for maps in every language: rows in, at most one row out, or a reason in words. Nothing
 * a map does can throw past {@link Sandbox.run}, outlive its run, or reach anything but its rows.
 *
 * Fuel and memory bound every run. A kill that does not rely on them needs a thread of its own
 * around this: see `createMapPool`.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { createJavaScriptMachine } from "./javascript/javascript-machine.ts";
import {
  DEFAULT_LIMITS,
  MAP_LANGUAGES,
  type MapLanguage,
  type MapMachine,
  type MapOutcome,
  type MapRequest,
} from "./map-run.ts";
import { createNoneMachine } from "./none-machine.ts";
import { createSqlMapMachine } from "./sql/sql-map-machine.ts";
import { createWasiMachine } from "./wasm/wasi-machine.ts";
import { createWasmMachine } from "./wasm/wasm-machine.ts";

export interface SandboxOptions {
  /** Those to load; all of them when left out. */
  readonly languages?: readonly MapLanguage[];
  /** Milliseconds of a clock that never goes back; the platform's when left out. */
  readonly nowMs?: () => number;
}

export interface Sandbox {
  /** Runs a map on the rows of one person, synchronously. */
  run(request: MapRequest): MapOutcome;
}

/** Loads languages, each once a process; the sandbox itself is then synchronous. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { languages = MAP_LANGUAGES, nowMs = () => performance.now() } = options;
  const machines = new Map<MapLanguage, MapMachine>();
  for (const language of languages) machines.set(language, await createMachine(language, nowMs));
  return {
    run({ language, limits, source, tables }) {
      const machine = machines.get(language);
      assert(machine !== undefined, `the language ${language} is loaded`);
      return machine.run(source, tables, { ...DEFAULT_LIMITS, ...limits });
    },
  };
}

async function createMachine(language: MapLanguage, nowMs: () => number): Promise<MapMachine> {
  switch (language) {
    case "sql":
      return await createSqlMapMachine(nowMs);
    case "javascript":
      return await createJavaScriptMachine();
    case "wasm":
      return createWasmMachine();
    case "wasi":
      return createWasiMachine();
    case "none":
      return createNoneMachine();
  }
}
