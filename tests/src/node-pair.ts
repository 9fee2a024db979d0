/**
 * A leader and a helper as their operators run them: two processes, two folders, two configurations,
 * real sockets. They are killed and started again at the tests' will, and write down everything they
 * would ever tell (`logLevel` debug), so that tests can look for what must not be told.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "@sumus/assert";
import { encodeBase64url } from "@sumus/bytes";
import { x25519PublicKey } from "@sumus/crypto";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.resolve("@sumus/aggregator")));

export type Role = "leader" | "helper";

/** An address that outlives the process behind it. */
async function freeUrl(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert(typeof address === "object" && address !== null, "a socket has a port");
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${address.port}`;
}

function createToken(): string {
  return randomBytes(24).toString("base64url");
}

export class NodePair implements AsyncDisposable {
  readonly urls: Readonly<Record<Role, string>>;
  readonly tokens: Readonly<Record<"operator" | "peer" | "collector", string>> = {
    operator: createToken(),
    peer: createToken(),
    collector: createToken(),
  };
  readonly #keys = {
    leader: new Uint8Array(randomBytes(32)),
    helper: new Uint8Array(randomBytes(32)),
  };
  readonly #folder: string;
  readonly #alive = new Map<Role, ChildProcess>();
  /** Standard output and error of all processes so far. */
  log = "";

  private constructor(folder: string, urls: Readonly<Record<Role, string>>) {
    this.#folder = folder;
    this.urls = urls;
  }

  /** Two addresses and a folder; nothing runs yet. */
  static async create(): Promise<NodePair> {
    const folder = await mkdtemp(join(tmpdir(), "sumus-pair-"));
    return new NodePair(folder, { leader: await freeUrl(), helper: await freeUrl() });
  }

  /** Keys and tokens in every form in which they could be printed. */
  secrets(): string[] {
    const keys = Object.values(this.#keys).map((key) => Buffer.from(key));
    const texts = keys.flatMap((key) => [
      encodeBase64url(key),
      key.toString("base64"),
      key.toString("hex"),
    ]);
    return [...Object.values(this.tokens), ...texts];
  }

  /** Starts a node and waits until it listens. */
  async start(role: Role): Promise<void> {
    assert(!this.#alive.has(role), "a node is started once at a time");
    const other = role === "leader" ? "helper" : "leader";
    const { operator, peer, collector } = this.tokens;
    const path = join(this.#folder, `${role}.json`);
    const configuration = {
      role,
      listen: { hostname: "127.0.0.1", port: Number(new URL(this.urls[role]).port) },
      folder: join(this.#folder, role),
      nodeKey: encodeBase64url(this.#keys[role]),
      peer: {
        url: this.urls[other],
        publicKey: encodeBase64url(x25519PublicKey(this.#keys[other])),
      },
      operatorToken: operator,
      peerToken: peer,
      ...(role === "leader" && { collectorToken: collector }),
      logLevel: "debug",
    };
    await writeFile(path, JSON.stringify(configuration), { mode: 0o600 });
    const child = spawn(process.execPath, [MAIN, path], { stdio: ["ignore", "pipe", "pipe"] });
    this.#alive.set(role, child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.log += text;
      });
    }
    const [line] = await once(child.stdout, "data");
    assert(String(line).includes(this.urls[role]), `the ${role} says where it listens: ${line}`);
  }

  /** Ends a node: SIGKILL is a power cut, SIGTERM lets it finish what it writes. */
  async end(role: Role, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#alive.get(role);
    if (child === undefined) return;
    this.#alive.delete(role);
    const gone = once(child, "close");
    child.kill(signal);
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("leader", "SIGKILL");
    await this.end("helper", "SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }
}
