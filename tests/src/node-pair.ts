/**
 * A leader and a helper as their operators run them: two processes, two folders, two configurations,
 * real sockets. They are killed and started again at the tests' will, and write down everything they
 * would ever tell (`logLevel` debug), so that tests can look for what must not be told.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBase64url } from "@sumus/bytes";
import { x25519PublicKey } from "@sumus/crypto";
import { freePort, NodeProcess, type Role } from "./node-process.ts";

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
  readonly #nodes: Readonly<Record<Role, NodeProcess>>;

  private constructor(folder: string, ports: Readonly<Record<Role, number>>) {
    this.#folder = folder;
    this.urls = {
      leader: `http://127.0.0.1:${ports.leader}`,
      helper: `http://127.0.0.1:${ports.helper}`,
    };
    const node = (role: Role): NodeProcess => {
      const configuration = this.#configurationOf(role);
      return new NodeProcess({ name: role, role, port: ports[role], folder, configuration });
    };
    this.#nodes = { leader: node("leader"), helper: node("helper") };
  }

  /** Two addresses and a folder; nothing runs yet. */
  static async create(): Promise<NodePair> {
    const folder = await mkdtemp(join(tmpdir(), "sumus-pair-"));
    return new NodePair(folder, { leader: await freePort(), helper: await freePort() });
  }

  /** Standard output and error of all processes so far. */
  get log(): string {
    return Object.values(this.#nodes)
      .map(({ logPath }) => readFileSync(logPath, "utf8"))
      .join("");
  }

  operatorToken(): string {
    return this.tokens.operator;
  }

  collectorToken(): string {
    return this.tokens.collector;
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

  #configurationOf(role: Role): object {
    const other = role === "leader" ? "helper" : "leader";
    const { operator, peer, collector } = this.tokens;
    return {
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
  }

  /** Starts a node and waits until it listens. */
  start(role: Role): Promise<void> {
    return this.#nodes[role].start();
  }

  /** Ends a node: SIGKILL is a power cut, SIGTERM lets it finish what it writes. */
  end(role: Role, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    return this.#nodes[role].end(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("leader", "SIGKILL");
    await this.end("helper", "SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }
}
