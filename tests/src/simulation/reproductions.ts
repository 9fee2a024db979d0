/**
 * Scenarios that found a fault, as files: a failing run of the simulation writes one, and every run
 * of the suite tries all of them again.
 *
 * @module
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Scenario } from "./operations.ts";

const FOLDER = fileURLToPath(new URL("../../reproductions/", import.meta.url));

export interface Reproduction {
  /** What went wrong, in words. */
  readonly about: string;
  readonly scenario: Scenario;
}

/** All of them, by their file names. */
export function readReproductions(): readonly (readonly [string, Reproduction])[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .map((name) => [name, JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as Reproduction]);
}

/** Writes or overwrites the file of a seed: fast-check comes with ever smaller scenarios. */
export function keepReproduction(seed: number, about: string, scenario: Scenario): string {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `seed-${seed}.json`);
  const { batchMode, ops, lateOps } = scenario;
  const list = (items: readonly object[]): string =>
    items.length === 0
      ? "[]"
      : `[\n${items.map((op) => `      ${JSON.stringify(op)}`).join(",\n")}\n    ]`;
  writeFileSync(
    path,
    `{
  "about": ${JSON.stringify(about)},
  "scenario": {
    "batchMode": "${batchMode}",
    "ops": ${list(ops)},
    "lateOps": ${list(lateOps)}
  }
}
`,
  );
  return path;
}
