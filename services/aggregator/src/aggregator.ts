/**
 * One node, leader or helper: `(Request) => Promise<Response>` and the jobs that run between
 * requests. The lab, the tests and `main.ts` run this same object.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import { BodyBudget, type Fetch, type HttpClientOptions } from "@sumus/http";
import type { Logger, Metric } from "@sumus/runtime";
import { createSealer, type Sealer, type Store, type StoreKeys } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import { createFetch } from "./app.ts";
import type { AggregatorRole, Answers, NodeKeys, NodeTokens } from "./config.ts";
import { HPKE_KEY_RULES, type HpkeKeyRules } from "./hpke-keys/key-life.ts";
import { openHpkeKeyring } from "./hpke-keys/keyring.ts";
import { GatherGate } from "./jobs/gather-gate.ts";
import { GroupCommit } from "./jobs/group-commit.ts";
import type { Aside } from "./jobs/helper-client.ts";
import { createHelperStep } from "./jobs/helper-step.ts";
import { createHousekeeping } from "./jobs/housekeeping.ts";
import { type JobLoop, startJobLoop } from "./jobs/job-loop.ts";
import { createLeaderStep } from "./jobs/leader-step.ts";
import {
  RETENTION_SECONDS,
  UPLOAD_BATCH_BYTES_MAX,
  UPLOAD_BODIES_BYTES_MAX,
  UPLOAD_QUEUE_BYTES_MAX,
} from "./limits.ts";
import { createMeters, type Meters } from "./operator/node-metrics.ts";
import { createOperatorFetch } from "./operator/operator-app.ts";
import { createPeerProbe, type PeerProbe } from "./operator/peer-probe.ts";
import type { UploadQueue } from "./routes/reports.ts";
import { routesOf } from "./routes/routes-of.ts";
import { UPLOAD_RATES, UploadLimits, type UploadRates } from "./routes/upload-limits.ts";
import { createServedTasks } from "./served-tasks.ts";
import { createLeaseTokens, voidLeases } from "./store/lease.ts";
import { sealStoredSecrets } from "./store/stored-secrets.ts";
import { type Upload, type UploadVerdict, writeUploads } from "./store/uploads.ts";
import { createVerifier, type Verifier } from "./verifier.ts";

/** One worker computes while another waits for the store; who waits for a helper is not counted. */
const WORKER_COUNT = 2;

const NO_STORE_KEYS: StoreKeys = { current: undefined, others: [] };

/** Of a name that nobody gave. */
const REPLICA_BYTES = 8;

export interface AggregatorOptions {
  readonly role: AggregatorRole;
  /** Opened with `AGGREGATOR_MIGRATIONS`. */
  readonly store: Store;
  /**
   * Names this process among the replicas that share the store. With the name it had before, a
   * process that starts again takes its leases back at once; with another they run out first.
   */
  readonly replica?: string;
  readonly keys: NodeKeys;
  readonly tokens: NodeTokens;
  /** Seal the secrets in the store; by default they stand there as they are. */
  readonly storeKeys?: StoreKeys;
  /** This node's address as studies name it, without a slash at the end; asked when needed. */
  readonly url: () => string;
  /** The other node's; a leader must know it. */
  readonly peerUrl: string | undefined;
  /** How the leader reaches the helper, where it differs from the usual. */
  readonly peerHttp?: HttpClientOptions;
  /** How much a leader takes from whom; by default more than a lab sends. */
  readonly uploadRates?: UploadRates;
  /** How long a leader waits for more reports after a job that was not full; by default not at all. */
  readonly gatherDelayMs?: number;
  /** When HPKE keys come and go; by default they are rotated by hand. */
  readonly hpkeKeys?: HpkeKeyRules;
  /** Whether a helper answers its leader later; by default while it waits. */
  readonly answers?: Answers;
  /** For how long answers are kept, and tasks after their end; by default 90 days. */
  readonly retentionSeconds?: number;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** By default this thread verifies reports itself. Whoever made it closes it, after the node. */
  readonly verifier?: Verifier;
  /** What the process around the node counts, for its metrics. */
  readonly processMetrics?: () => readonly Metric[];
  readonly log: Logger;
}

export interface Aggregator {
  readonly fetch: Fetch;
  /** Health, readiness and metrics: for whoever runs the node, on a listener of its own. */
  readonly operatorFetch: Fetch;
  readonly jobs: {
    /** Starts the workers. */
    start(): void;
    /** One unit of work, for who runs the jobs by hand. Resolves to false when there was none. */
    step(): Promise<boolean>;
  };
  /** Says from now on that it is not ready, so that nothing new is sent here. */
  drain(): void;
  /** Finishes what is running. The store stays open. */
  close(): Promise<void>;
}

export async function createAggregator(options: AggregatorOptions): Promise<Aggregator> {
  const { role, store, clock, randomBytes, log, tokens, peerUrl } = options;
  const { retentionSeconds = RETENTION_SECONDS } = options;
  const { replica = encodeHex(randomBytes(REPLICA_BYTES)) } = options;
  const leaseToken = createLeaseTokens(replica, randomBytes);
  await store.transaction("void leases", (transaction) =>
    voidLeases(transaction, store.isShared ? replica : undefined),
  );
  const keyRules = options.hpkeKeys ?? HPKE_KEY_RULES;
  const sealer = await openSealer(options);
  const keyServices = { store, sealer, clock, randomBytes, log, ...keyRules };
  const keys = await openHpkeKeyring(keyServices);
  const tasks = createServedTasks({
    store,
    sealer,
    nodeKeys: options.keys,
    hpkeKeys: keys,
    peer: { url: peerUrl, token: tokens.peer },
    collectorToken: tokens.collector,
  });
  let loop: JobLoop | undefined;
  let houseLoop: JobLoop | undefined;
  const wake = (): void => loop?.wake();
  const aside: Aside = (waiting) => loop?.aside(waiting) ?? waiting;
  const gate = new GatherGate(options.gatherDelayMs ?? 0, wake);
  const uploads = createUploadQueue(store, gate);
  const addresses = () => ({ own: options.url(), peer: peerUrl });
  const { verifier = createVerifier(0, log), uploadRates = UPLOAD_RATES } = options;
  const uploadLimits = new UploadLimits(uploadRates);
  const uploadBodies = new BodyBudget(UPLOAD_BODIES_BYTES_MAX);
  const shared = { store, sealer, tasks, keys, clock, randomBytes, verifier };
  const meters = createMeters();
  const jobs = { ...shared, leaseToken, peerHttp: options.peerHttp, gate, aside, meters, log };
  const keepHouse = createHousekeeping({ ...keyServices, tasks, leaseToken, retentionSeconds });
  const step = measured(
    role === "leader" ? createLeaderStep(jobs) : createHelperStep(jobs),
    meters,
  );
  let isDraining = false;
  const routes = routesOf({
    ...shared,
    role,
    keepSeconds: keyRules.keepSeconds,
    tokens,
    uploads,
    uploadBodies,
    uploadLimits,
    addresses,
    answersLater: options.answers === "asynchronous",
    wake,
  });
  return {
    fetch: createFetch(routes, log, meters.requests),
    operatorFetch: createOperatorFetch({
      areSecretsSealed: sealer.seals,
      ...jobs,
      role,
      uploads,
      uploadBodies,
      processMetrics: options.processMetrics ?? (() => []),
      probePeer: probeOf(options),
      isDraining: () => isDraining,
    }),
    jobs: {
      start() {
        loop ??= startJobLoop(step, { workerCount: WORKER_COUNT, log });
        // Apart, so that no other work keeps it waiting.
        houseLoop ??= startJobLoop(keepHouse, { workerCount: 1, log });
      },
      step: async () => (await step()) || (await keepHouse()),
    },
    drain() {
      isDraining = true;
    },
    async close() {
      await uploads.idle();
      await Promise.all([loop?.stop(), houseLoop?.stop()]);
    },
  };
}

/** A helper waits for its leader: it asks it nothing. */
function probeOf({ role, peerUrl: url, peerHttp: http, clock }: AggregatorOptions): PeerProbe {
  if (role === "helper" || url === undefined) return () => Promise.resolve(undefined);
  return createPeerProbe({ url, http, clock });
}

/** Measures the steps that had work. */
function measured(step: () => Promise<boolean>, { steps }: Meters): () => Promise<boolean> {
  return async () => {
    const startMs = performance.now();
    const hadWork = await step();
    if (hadWork) steps.observe({}, (performance.now() - startMs) / 1000);
    return hadWork;
  };
}

/** @throws {SealError} when the store has secrets that these keys do not open */
async function openSealer(options: AggregatorOptions): Promise<Sealer> {
  const { store, storeKeys = NO_STORE_KEYS, randomBytes, log } = options;
  const sealer = createSealer(storeKeys, randomBytes);
  const count = await sealStoredSecrets(store, sealer);
  if (count > 0) log.info("secrets were sealed under the present store key", { count });
  return sealer;
}

function createUploadQueue(store: Store, gate: GatherGate): UploadQueue {
  return new GroupCommit<Upload, UploadVerdict>(
    async (uploads) => {
      const verdicts = await store.transaction("upload", (transaction) =>
        writeUploads(transaction, uploads),
      );
      gate.uploaded(verdicts.flat().filter((verdict) => verdict === undefined).length);
      return verdicts;
    },
    { batchBytesMax: UPLOAD_BATCH_BYTES_MAX, queueBytesMax: UPLOAD_QUEUE_BYTES_MAX },
  );
}
