/**
 * One node as its operator runs it, `sumus node run`, at an address that outlives the process: it is
 * killed and started again at the tests' will.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "@sumus/assert";

const MAIN = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

export type Role = "leader" | "helper";

/** Below the ports that the system gives to whoever connects somewhere. */
const PORTS = { first: 20_000, count: 12_000 };

/** A port that nobody listens on at the moment, and that nobody gets by chance. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

export class NodeProcess {
  readonly name: string;
  readonly role: Role;
  readonly port: number;
  /** What its processes said on standard output and error, all of them in turn. */
  readonly logPath: string;
  readonly #configPath: string;
  #child: ChildProcess | undefined;

  /**
   * @param name unique in `folder`, where its configuration and its log are kept
   * @param configuration what stands in the file beside the role and the place to listen
   */
  constructor(options: {
    readonly name: string;
    readonly role: Role;
    readonly port: number;
    readonly folder: string;
    readonly configuration: object;
  }) {
    const { name, role, port, folder, configuration } = options;
    this.name = name;
    this.role = role;
    this.port = port;
    this.logPath = join(folder, `${name}.log`);
    this.#configPath = join(folder, `${name}.json`);
    const listen = { hostname: "127.0.0.1", port };
    const text = JSON.stringify({ role, listen, ...configuration });
    writeFileSync(this.#configPath, text, { mode: 0o600 });
    writeFileSync(this.logPath, "");
  }

  /** Starts the process and waits until it listens. */
  async start(): Promise<void> {
    assert(this.#child === undefined, "a node is started once at a time");
    const words = ["node", "run", "--role", this.role, "--config", this.#configPath];
    const child = spawn(process.execPath, [MAIN, ...words], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    const said = Promise.race([
      once(child.stdout, "data").then(([text]) => String(text)),
      once(child, "close").then(([code]) => `it ended with ${code}`),
    ]);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => appendFileSync(this.logPath, text));
    }
    const line = await said;
    const isKilled = this.#child !== child;
    assert(
      isKilled || line.includes(`:${this.port}`),
      `expected ${this.name} to listen, got: ${line}; its log is ${this.logPath}`,
    );
  }

  /** Ends the process: SIGKILL is what a crash is, SIGTERM lets it finish what it writes. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "close");
    child.kill(signal);
    await gone;
  }

  /** The number of the running process. */
  get processId(): number | undefined {
    return this.#child?.pid;
  }
}
