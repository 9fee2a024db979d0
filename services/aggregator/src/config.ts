/**
 * The configuration of one node: a YAML document whose secrets may stand in files of their own
 * (`nodeKeyFile` instead of `nodeKey`, and so on) or in environment variables (`nodeKeyEnv`).
 *
 * @module
 */
import { availableParallelism, hostname } from "node:os";
import { decodeBase64url, Secret } from "@sumus/bytes";
import { HpkeError, x25519 } from "@sumus/crypto";
import { type ConfigReader, LOG_LEVELS, type LogLevel, readConfigFile } from "@sumus/runtime";
import type { StoreKeys } from "@sumus/storage";
import { CONFIG_CACHE_SECONDS, HPKE_KEY_RULES, type HpkeKeyRules } from "./hpke-keys/key-life.ts";
import { GATHER_DELAY_MS, RETENTION_SECONDS } from "./limits.ts";
import { UPLOAD_RATES, type UploadRates } from "./routes/upload-limits.ts";

const KEY_BYTES = 32;
const TOKEN_CHARACTERS_MIN = 16;
/** In the words of a refusal. */
export const TOKEN_EXPECTED: string = `at least ${TOKEN_CHARACTERS_MIN} printable ASCII characters without spaces`;
const WORKERS_MAX = 256;
const LOOPBACK = "127.0.0.1";
const GATHER_DELAY_BOUNDS = { min: 0, max: 60_000 };
const RATE_BOUNDS = { min: 1, max: 1_000_000_000 };
const DAY_SECONDS = 86_400;
const DAYS_MAX = 3650;
/** Twice as long as clients may remember a key [DAP-18, "HPKE Configuration Request"]. */
const KEEP_DAYS_BOUNDS = { min: (2 * CONFIG_CACHE_SECONDS) / DAY_SECONDS, max: DAYS_MAX };
const PORT_BOUNDS = { min: 0, max: 65_535 };

export type AggregatorRole = "leader" | "helper";

/** A helper's: while its leader waits, or later, when it asks again. */
export type Answers = (typeof ANSWERS)[number];
const ANSWERS = ["synchronous", "asynchronous"] as const;

export interface NodeConfig {
  readonly role: AggregatorRole;
  readonly listen: ListenPlace;
  /** Where health, readiness and metrics are; absent: nowhere. */
  readonly operatorListen: ListenPlace | undefined;
  /** Where clients find this node, as studies name it; absent: where it listens. */
  readonly url: string | undefined;
  readonly store: NodeStore;
  /** What this process is called among replicas that share a store, the same after a restart. */
  readonly replica: string | undefined;
  readonly keys: NodeKeys;
  readonly tokens: NodeTokens;
  /** Seal the secrets in the store. */
  readonly storeKeys: StoreKeys;
  /** Where the other node is, as studies name it. A helper may leave it open. */
  readonly peerUrl: string | undefined;
  /** How much a leader takes from whom. */
  readonly uploads: UploadRates;
  /** How a helper answers its leader. */
  readonly answers: Answers;
  /** How long a leader waits for more reports after a job that was not full. */
  readonly gatherDelayMs: number;
  /** When HPKE keys come and go. */
  readonly hpkeKeys: HpkeKeyRules;
  /** For how long answers are kept, and tasks after their end. */
  readonly retentionSeconds: number;
  /** Threads that verify reports; with 0 the main thread does it. */
  readonly workers: number;
  readonly logLevel: LogLevel;
}

interface ListenPlace {
  readonly hostname: string;
  readonly port: number;
}

/** An embedded database in a folder, or one of a PostgreSQL server. */
export type NodeStore =
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "postgres"; readonly url: Secret<string> };

/** Both nodes' X25519 keys: verification keys are derived from their agreement. */
export interface NodeKeys {
  readonly own: Secret<Uint8Array>;
  readonly peer: Uint8Array;
}

/** Who may do what. */
export interface NodeTokens {
  /** Opens studies. */
  readonly operator: Secret<string>;
  /** The leader presents it, the helper asks for it. */
  readonly peer: Secret<string>;
  /** Collects; the leader alone asks for it. */
  readonly collector: Secret<string> | undefined;
}

/**
 * @param expected the role, where something else says it: then the document need not
 * @throws {ConfigError} that names the field, its line, what was expected, and what came
 */
export function readNodeConfig(path: string, expected?: AggregatorRole): NodeConfig {
  const reader = readConfigFile(path);
  const choices = expected === undefined ? (["leader", "helper"] as const) : [expected];
  const role = reader.oneOf("role", choices, expected);
  const listen = reader.object("listen");
  const peer = reader.object("peer");
  const config: NodeConfig = {
    role,
    listen: readPlace(listen),
    operatorListen: reader.has("operatorListen")
      ? readPlace(reader.object("operatorListen"), LOOPBACK)
      : undefined,
    url: reader.has("url") ? reader.url("url") : undefined,
    store: readStore(reader),
    replica: readReplica(reader, listen),
    keys: {
      own: new Secret(decodeKey(reader, "nodeKey", reader.secret("nodeKey").reveal())),
      peer: readPublicKey(peer),
    },
    tokens: {
      operator: readToken(reader, "operatorToken"),
      peer: readToken(reader, "peerToken"),
      collector: role === "leader" ? readToken(reader, "collectorToken") : undefined,
    },
    storeKeys: readStoreKeys(reader),
    peerUrl: role === "leader" || peer.has("url") ? peer.url("url") : undefined,
    uploads: role === "leader" && reader.has("uploads") ? readRates(reader) : UPLOAD_RATES,
    gatherDelayMs: role === "leader" ? readGatherDelay(reader) : 0,
    hpkeKeys: reader.has("hpkeKeys") ? readKeyRules(reader.object("hpkeKeys")) : HPKE_KEY_RULES,
    answers: role === "helper" ? reader.oneOf("answers", ANSWERS, "synchronous") : "synchronous",
    retentionSeconds:
      reader.integer("keepDays", { min: 1, max: DAYS_MAX }, RETENTION_SECONDS / DAY_SECONDS) *
      DAY_SECONDS,
    // Why one less than there are cores: the main thread has the network and the store to serve.
    workers: reader.integer("workers", { min: 0, max: WORKERS_MAX }, availableParallelism() - 1),
    logLevel: reader.oneOf("logLevel", LOG_LEVELS, "info"),
  };
  reader.end();
  return config;
}

function readPlace(reader: ConfigReader, hostnameByDefault?: string): ListenPlace {
  const isLeftOut = hostnameByDefault !== undefined && !reader.has("hostname");
  return {
    hostname: isLeftOut ? hostnameByDefault : reader.text("hostname"),
    port: reader.integer("port", PORT_BOUNDS),
  };
}

/** `folder`, or `store: { postgres }`, whose URL may stand in a file: `postgresFile`. */
function readStore(reader: ConfigReader): NodeStore {
  if (!reader.has("store")) return { kind: "folder", folder: reader.text("folder") };
  const store = reader.object("store");
  const url = store.secret("postgres");
  if (!/^postgres(ql)?:\/\//.test(url.reveal())) {
    store.fail("postgres", "expected a URL such as postgres://sumus@host/leader, got another text");
  }
  return { kind: "postgres", url };
}

function readRates(reader: ConfigReader): UploadRates {
  const uploads = reader.object("uploads");
  const rate = (name: "reportsPerSecondPerAddress" | "reportsPerSecondPerTask"): number =>
    uploads.integer(name, RATE_BOUNDS, UPLOAD_RATES[name]);
  return {
    reportsPerSecondPerAddress: rate("reportsPerSecondPerAddress"),
    reportsPerSecondPerTask: rate("reportsPerSecondPerTask"),
    addressHeader: uploads.has("addressHeader") ? readHeaderName(uploads) : undefined,
  };
}

function readKeyRules(reader: ConfigReader): HpkeKeyRules {
  const keepDays = HPKE_KEY_RULES.keepSeconds / DAY_SECONDS;
  return {
    rotateAfterSeconds: reader.has("rotateAfterDays")
      ? reader.integer("rotateAfterDays", { min: 1, max: DAYS_MAX }) * DAY_SECONDS
      : undefined,
    keepSeconds: reader.integer("keepDays", KEEP_DAYS_BOUNDS, keepDays) * DAY_SECONDS,
  };
}

function readGatherDelay(reader: ConfigReader): number {
  return reader.integer("gatherDelayMs", GATHER_DELAY_BOUNDS, GATHER_DELAY_MS);
}

function readHeaderName(uploads: ConfigReader): string {
  const name = uploads.text("addressHeader");
  if (/^[a-z][a-z0-9-]*$/i.test(name)) return name;
  return uploads.fail("addressHeader", `expected a header such as x-forwarded-for, got "${name}"`);
}

/** By default the machine and the port, where both stay what they are. */
function readReplica(reader: ConfigReader, listen: ConfigReader): string | undefined {
  if (reader.has("replica")) return reader.text("replica");
  const port = listen.integer("port", PORT_BOUNDS);
  return port === 0 ? undefined : `${hostname()}:${port}`;
}

/** `storeKey`, and in `oldStoreKeys` any number of others, apart by white space. */
function readStoreKeys(reader: ConfigReader): StoreKeys {
  const decode = (name: string, text: string): Secret<Uint8Array> =>
    new Secret(decodeKey(reader, name, text, "a store key"));
  const others = hasSecret(reader, "oldStoreKeys")
    ? reader.secret("oldStoreKeys").reveal().split(/\s+/)
    : [];
  if (hasSecret(reader, "storeKey")) {
    return {
      current: decode("storeKey", reader.secret("storeKey").reveal()),
      others: others.map((text) => decode("oldStoreKeys", text)),
    };
  }
  if (others.length === 0) return { current: undefined, others: [] };
  return reader.fail("oldStoreKeys", "expected them beside a storeKey, got them alone");
}

function hasSecret(reader: ConfigReader, name: string): boolean {
  return [name, `${name}File`, `${name}Env`].some((field) => reader.has(field));
}

function readToken(reader: ConfigReader, name: string): Secret<string> {
  const token = reader.secret(name);
  if (isToken(token.reveal())) return token;
  return reader.fail(name, `expected ${TOKEN_EXPECTED}, got something else`);
}

/** Whether a text can be a bearer token of ours. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text) && text.length >= TOKEN_CHARACTERS_MIN;
}

/** @throws {ConfigError} also for a key of low order, with which no secret could be agreed on */
function readPublicKey(peer: ConfigReader): Uint8Array {
  const key = decodeKey(peer, "publicKey", peer.text("publicKey"));
  try {
    x25519(new Uint8Array(KEY_BYTES).fill(1), key);
    return key;
  } catch (error) {
    if (!(error instanceof HpkeError)) throw error;
    const expected = "expected the public key that the other organisation's node has";
    return peer.fail("publicKey", `${expected}, got the example's or another that is none`);
  }
}

function decodeKey(
  reader: ConfigReader,
  name: string,
  text: string,
  what = "an X25519 key",
): Uint8Array {
  const expected = `expected ${what}: ${KEY_BYTES} bytes in base64url`;
  let key: Uint8Array;
  try {
    key = decodeBase64url(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return reader.fail(name, `${expected}, got another text`);
  }
  return key.length === KEY_BYTES ? key : reader.fail(name, `${expected}, got ${key.length} bytes`);
}
