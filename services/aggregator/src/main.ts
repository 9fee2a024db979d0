#!/usr/bin/env node
/**
 * Runs one node: `node main.ts CONFIG.json`. When it listens it prints one line of JSON,
 * `{"role","url"}`, on standard output; its log goes to standard error.
 *
 * @module
 */
import { cryptoRandomBytes } from "@sumus/crypto";
import { listen } from "@sumus/http";
import {
  ConfigError,
  describeError,
  stderrLogger,
  stopOnSignal,
  systemClock,
} from "@sumus/runtime";
import { FolderLockedError, openPostgresStore, openStore, type Store } from "@sumus/storage";
import { createAggregator } from "./aggregator.ts";
import { type NodeConfig, type NodeStore, readNodeConfig } from "./config.ts";
import { AGGREGATOR_MIGRATIONS } from "./store/schema.ts";
import { createVerifier } from "./verifier.ts";

/** Exit statuses: the configuration is wrong; the folder is taken or something else failed. */
const EXIT_CONFIG = 2;
const EXIT_FAILURE = 1;

async function run(config: NodeConfig): Promise<void> {
  const log = stderrLogger(config.logLevel, { role: config.role });
  const store = await openNodeStore(config.store);
  const verifier = createVerifier(config.workers, log);
  let listeningUrl = "";
  const aggregator = await createAggregator({
    role: config.role,
    store,
    ...(config.replica !== undefined && { replica: config.replica }),
    keys: config.keys,
    tokens: config.tokens,
    url: () => config.url ?? listeningUrl,
    peerUrl: config.peerUrl,
    clock: systemClock,
    randomBytes: cryptoRandomBytes,
    verifier,
    log,
  });
  const listener = await listen(aggregator.fetch, config.listen);
  listeningUrl = listener.url;
  aggregator.jobs.start();
  stopOnSignal(
    async () => {
      log.info("stopping");
      await listener.close();
      await aggregator.close();
      await verifier.close();
      await store.close();
    },
    (error) => log.error("stopping failed", { why: describeError(error) }),
  );
  log.info("listening", { url: listener.url });
  process.stdout.write(`${JSON.stringify({ role: config.role, url: listener.url })}\n`);
}

function openNodeStore(place: NodeStore): Promise<Store> {
  return place.kind === "folder"
    ? openStore(place.folder, AGGREGATOR_MIGRATIONS)
    : openPostgresStore(place.url, AGGREGATOR_MIGRATIONS);
}

function fail(message: string, status: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}

const [path, ...rest] = process.argv.slice(2);
if (path === undefined || rest.length > 0) fail("usage: main.ts CONFIG.json", EXIT_CONFIG);
try {
  await run(readNodeConfig(path));
} catch (error) {
  if (error instanceof ConfigError) fail(`${path}: ${error.message}`, EXIT_CONFIG);
  if (error instanceof FolderLockedError) fail(error.message, EXIT_FAILURE);
  fail(describeError(error), EXIT_FAILURE);
}
