/**
 * One node as a process of its own: started from its `main.ts` with a configuration in a folder,
 * started again when it dies unasked, so that a killed node goes on where its folder says it was.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cpuMsOf } from "@sumus/runtime";
import { LabError } from "../lab-error.ts";
import type { Progress } from "../progress.ts";

/** A node that dies more often than this has a fault that no restart mends. */
const RESTARTS_MAX = 20;
const RESTART_PAUSE_MS = 250;
/** A node gets this long to finish what it is writing; a killed one loses nothing either. */
const STOP_PATIENCE_MS = 5000;
/** The first start of an embedded database takes some seconds on a busy machine. */
const START_PATIENCE_MS = 120_000;
const POLL_MS = 100;
/** Characters of a dead node's log that are shown. */
const LOG_TAIL = 2000;

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.resolve("@sumus/aggregator")));

const END_WITH_PARENT = new URL("./end-with-parent.ts", import.meta.url).href;

export interface NodeProcess {
  readonly url: string;
  /** CPU time so far, of all processes this node had, in milliseconds. */
  cpuMs(): number;
  /** Of the process that runs now. */
  pid(): number | undefined;
  /** Waits until the node answers. Throws a LabError when it does not. */
  ready(): Promise<void>;
  /** Ends the node and waits until it is gone. */
  stop(): Promise<void>;
}

export interface NodeOptions {
  readonly role: "leader" | "helper";
  readonly folder: string;
  readonly url: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly progress: Progress;
}

class SupervisedNode implements NodeProcess {
  readonly url: string;
  readonly #options: NodeOptions;
  readonly #configPath: string;
  readonly #logPath: string;
  #child: ChildProcess | undefined;
  #restarts = 0;
  #stopping = false;
  /** Why the process could not even be started. */
  #failure: Error | undefined;
  /** CPU time of processes that are gone. */
  #pastCpuMs = 0;
  /** The last reading of the living process: a dead one cannot be asked. */
  #cpuMs = 0;
  readonly #meter: NodeJS.Timeout;

  constructor(options: NodeOptions, configPath: string) {
    this.url = options.url;
    this.#options = options;
    this.#configPath = configPath;
    this.#logPath = join(options.folder, `${options.role}.log`);
    this.#meter = setInterval(() => this.#readCpu(), 500);
    this.#meter.unref();
    process.on("exit", this.#killAtExit);
    this.#start();
  }

  /** The lab itself ends, whatever the reason: no node outlives it. */
  readonly #killAtExit = (): void => {
    this.#child?.kill("SIGKILL");
  };

  #start(): void {
    const log = openSync(this.#logPath, "a", 0o600);
    const child = spawn(process.execPath, ["--import", END_WITH_PARENT, MAIN, this.#configPath], {
      stdio: ["ignore", log, log, "ipc"],
      // Ctrl-C in a terminal goes to a whole process group: the lab ends its nodes itself.
      detached: true,
      env: {
        PATH: process.env["PATH"],
        NODE_NO_WARNINGS: "1",
        // Where there is a cache of compiled code, nodes start in half the time.
        NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      },
    });
    closeSync(log);
    this.#child = child;
    // A process that cannot be started has no exit; whoever waits for the node hears of it.
    child.once("error", (error) => {
      this.#failure = error;
      this.#stopping = true;
    });
    child.once("exit", (code, signal) => this.#onExit(child, signal ?? `code ${code}`));
  }

  #onExit(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#pastCpuMs += this.#cpuMs;
    this.#cpuMs = 0;
    this.#child = undefined;
    if (this.#stopping) return;
    this.#restarts++;
    const { role, progress } = this.#options;
    if (this.#restarts > RESTARTS_MAX) {
      progress.note(`The ${role} died ${this.#restarts} times; it is not started again.`);
      return;
    }
    progress.note(`The ${role} died (${how}). Starting it again; its store has all it knew.`);
    setTimeout(() => {
      if (!this.#stopping) this.#start();
    }, RESTART_PAUSE_MS);
  }

  #readCpu(): void {
    const pid = this.#child?.pid;
    if (pid !== undefined) this.#cpuMs = Math.max(this.#cpuMs, cpuMsOf(pid));
  }

  cpuMs(): number {
    this.#readCpu();
    return this.#pastCpuMs + this.#cpuMs;
  }

  pid(): number | undefined {
    return this.#child?.pid;
  }

  async ready(): Promise<void> {
    const deadline = performance.now() + START_PATIENCE_MS;
    while (performance.now() < deadline) {
      if (this.#restarts > 3 || this.#stopping) break;
      try {
        const response = await fetch(`${this.url}/hpke_config`);
        await response.arrayBuffer();
        if (response.ok) return;
      } catch (error) {
        // Nobody listens yet: fetch says so with a TypeError.
        if (!(error instanceof TypeError)) throw error;
      }
      await sleep(POLL_MS);
    }
    if (this.#failure !== undefined) {
      const message = `The ${this.#options.role} cannot be started: ${this.#failure.message}.`;
      throw new LabError("failed", message, "Is Node still where it was? Run npm run setup.");
    }
    const log = await readFile(this.#logPath, "utf8");
    throw new LabError(
      "failed",
      `The ${this.#options.role} did not start. The end of its log:\n${log.slice(-LOG_TAIL)}`,
      "Is there room in the temporary folder, and 1 GB of memory?",
    );
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#meter);
    const child = this.#child;
    const isAlive =
      child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
    if (child !== undefined && isAlive) {
      const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_PATIENCE_MS);
      await gone;
      clearTimeout(timer);
    }
    process.off("exit", this.#killAtExit);
  }
}

/** Writes the configuration and starts the process. The file holds keys: for the owner alone. */
export async function startNode(options: NodeOptions): Promise<NodeProcess> {
  const path = join(options.folder, `${options.role}.json`);
  await writeFile(path, JSON.stringify(options.config), { mode: 0o600 });
  return new SupervisedNode(options, path);
}
