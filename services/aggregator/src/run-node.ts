/**
 * A node as a process: its configuration becomes a store, worker threads, an aggregator and a
 * listener. `main.ts` and `sumus node run` differ only in how they speak to who started them.
 *
 * @module
 */
import { cryptoRandomBytes } from "@sumus/crypto";
import { type Fetch, type Listener, listen } from "@sumus/http";
import {
  ConfigError,
  describeError,
  measureProcess,
  stderrLogger,
  stopOnSignal,
  systemClock,
} from "@sumus/runtime";
import {
  FolderLockedError,
  openPostgresStore,
  openStore,
  SealError,
  type Store,
} from "@sumus/storage";
import { createAggregator } from "./aggregator.ts";
import { type AggregatorRole, type NodeConfig, type NodeStore, readNodeConfig } from "./config.ts";
import { connectionMetrics } from "./operator/node-metrics.ts";
import { AGGREGATOR_MIGRATIONS } from "./store/schema.ts";
import { createVerifier } from "./verifier.ts";

/** Something that the operator can put right kept a node from starting. */
export class NodeStartError extends Error {
  override readonly name = "NodeStartError";
  readonly code: "configInvalid" | "folderLocked" | "storeKeyWrong" | "placeTaken";

  constructor(code: NodeStartError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Reads a node's configuration for somebody who will tell a person what is wrong with it.
 *
 * @throws {NodeStartError} configInvalid, with the file and the line
 */
export function openNodeConfig(path: string, role?: AggregatorRole): NodeConfig {
  try {
    return readNodeConfig(path, role);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const place = error.line === undefined ? path : `${path}:${error.line}`;
    throw new NodeStartError("configInvalid", `${place}: ${error.message}`, { cause: error });
  }
}

/**
 * Runs a node until a signal ends the process. Its log goes to standard error.
 *
 * @param path of the configuration
 * @param options `role`: what the configuration must say, or need not say then; `announce` takes one
 *   line of JSON, `{"role","url","operatorUrl"}`, when the node listens
 * @throws {NodeStartError}
 */
export async function runNode(
  path: string,
  options: { readonly role?: AggregatorRole; readonly announce: (line: string) => void },
): Promise<void> {
  const config = openNodeConfig(path, options.role);
  try {
    await start(config, options.announce);
  } catch (error) {
    if (error instanceof FolderLockedError) {
      throw new NodeStartError("folderLocked", error.message, { cause: error });
    }
    if (error instanceof SealError) {
      throw new NodeStartError("storeKeyWrong", error.message, { cause: error });
    }
    throw error;
  }
}

async function start(config: NodeConfig, announce: (line: string) => void): Promise<void> {
  const log = stderrLogger(config.logLevel, { role: config.role });
  // What was opened is closed in the other order: at the end, and when something cannot be opened.
  await using opened = new AsyncDisposableStack();
  const store = await openNodeStore(config.store);
  opened.defer(() => store.close());
  if (config.storeKeys.current === undefined) {
    log.warn("secrets in the store are not sealed: the configuration has no storeKey");
  }
  const verifier = createVerifier(config.workers, log);
  opened.defer(() => verifier.close());
  const readProcess = measureProcess();
  let listener: Listener | undefined;
  const aggregator = await createAggregator({
    role: config.role,
    store,
    ...(config.replica !== undefined && { replica: config.replica }),
    keys: config.keys,
    tokens: config.tokens,
    storeKeys: config.storeKeys,
    url: () => config.url ?? listener?.url ?? "",
    peerUrl: config.peerUrl,
    uploadRates: config.uploads,
    gatherDelayMs: config.gatherDelayMs,
    hpkeKeys: config.hpkeKeys,
    answers: config.answers,
    retentionSeconds: config.retentionSeconds,
    clock: systemClock,
    randomBytes: cryptoRandomBytes,
    verifier,
    processMetrics: () => [
      ...connectionMetrics(listener?.connections ?? { open: 0, refused: 0 }),
      ...readProcess(),
    ],
    log,
  });
  opened.defer(() => aggregator.close());
  const operator =
    config.operatorListen && (await listenAt(aggregator.operatorFetch, config.operatorListen));
  if (operator) opened.defer(() => operator.close());
  const node = await listenAt(aggregator.fetch, config.listen);
  opened.defer(() => node.close());
  listener = node;
  aggregator.jobs.start();
  const running = opened.move();
  stopOnSignal(
    async () => {
      log.info("stopping");
      aggregator.drain();
      await running.disposeAsync();
    },
    (error) => log.error("stopping failed", { why: describeError(error) }),
  );
  const { url } = node;
  log.info("listening", { url });
  announce(JSON.stringify({ role: config.role, url, operatorUrl: operator?.url }));
}

/** @throws {NodeStartError} placeTaken, when the system does not let us listen there */
async function listenAt(fetch: Fetch, place: NodeConfig["listen"]): Promise<Listener> {
  try {
    return await listen(fetch, place);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    const message = `expected to listen on ${place.hostname}, port ${place.port}: ${error.message}`;
    throw new NodeStartError("placeTaken", message, { cause: error });
  }
}

function openNodeStore(place: NodeStore): Promise<Store> {
  return place.kind === "folder"
    ? openStore(place.folder, AGGREGATOR_MIGRATIONS)
    : openPostgresStore(place.url, AGGREGATOR_MIGRATIONS);
}
