/**
 * The leader's side of collection: waits until a batch is complete, adds this node's noise, asks
 * the helper for its share, and puts both together [DAP-18, "Collecting Results"].
 *
 * @module
 */
import { defined, unreachable } from "@sumus/assert";
import { encodeHex } from "@sumus/bytes";
import {
  aggregationOf,
  createAggregateShareReq,
  DapPeerError,
  DapProblem,
  mergeBatches,
  parseProblemDocument,
  problemDocument,
  readAggregateShare,
  readCollectionJob,
  resourcePath,
} from "@sumus/dap";
import {
  type CollectionJobReq,
  decodeAggregateShare,
  encodeAggregateShare,
  encodeCollectionJobResp,
  type Interval,
  mediaType,
} from "@sumus/dap/messages";
import { describeError, type Logger } from "@sumus/runtime";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import { type BatchToCollect, markCollected, readReadiness } from "../batch-check.ts";
import { drawNoise, sealNoised } from "../noised-share.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { deleteSums, selectBatches } from "../store/accumulators.ts";
import { lockForCollection } from "../store/batches.ts";
import {
  type CollectionJob,
  deferCollectionJob,
  failCollectionJob,
  leaseCollectionJob,
  postponeCollectionJob,
  restCollectionJob,
  storeCollected,
  storeCollectionResponse,
} from "../store/collection-jobs.ts";
import { LeaseLostError } from "../store/lease.ts";
import { bucketsOf } from "../store/selected-batches.ts";
import { deferOnce } from "./deferral.ts";
import type { HelperClient, HelperDelay } from "./helper-client.ts";
import type { HelperTurns } from "./helper-turns.ts";
import { OwedWrites } from "./owed-writes.ts";

/** A waiting job is looked at when reports of its task were aggregated, and this often anyway. */
const LOOK_SECONDS = 60;

const SHARE_QUESTION = mediaType("aggregate-share-req");

export interface CollectionDriver {
  /** Works on one job that is due. Resolves to false when there was none. */
  step(): Promise<boolean>;
}

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly helper: HelperClient;
  readonly turns: HelperTurns;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly leaseToken: () => Uint8Array;
  readonly log: Logger;
}

export function createCollectionDriver(services: Services): CollectionDriver {
  const { store, turns, clock, leaseToken } = services;
  const owed = new OwedWrites();
  return {
    async step() {
      await owed.settle();
      const lease = { token: leaseToken(), nowSeconds: clock.nowSeconds() };
      const job = await store.transaction("lease collection job", (transaction) =>
        leaseCollectionJob(transaction, lease, turns.taken),
      );
      if (job === undefined) return false;
      try {
        await turns.during(job.helper, () => runJob(services, job));
      } catch (error) {
        if (error instanceof LeaseLostError) throw error;
        // Without this the job would wait for its lease to run out.
        const trouble = `this node failed: ${describeError(error)}`;
        services.log.error("a collection job must wait", { trouble });
        await owed.write(() => postpone(services, job, trouble));
      }
      return true;
    },
  };
}

async function runJob(services: Services, job: CollectionJob): Promise<void> {
  const served = await services.tasks.byNumber(job.task);
  const request = readCollectionJob(served.task, job.request);
  if (job.state === "waiting") await collectWhenComplete(services, served, job, request);
  else await askHelper(services, served, job, request);
}

async function collectWhenComplete(
  services: Services,
  served: ServedTask,
  job: CollectionJob,
  request: CollectionJobReq,
): Promise<void> {
  const { store, randomBytes } = services;
  try {
    const complete = await store.transaction("look at batch", (transaction) =>
      lookAtBatch(transaction, services, served, { job, request }),
    );
    if (complete === undefined) return;
    const aggregation = aggregationOf(served.task, request.aggParam);
    const noise = drawNoise(served, aggregation, randomBytes);
    await store.transaction("collect", async (transaction) => {
      await lockForCollection(transaction, served.number);
      const batch = await lookAtBatch(transaction, services, served, { job, request });
      if (batch === undefined) return;
      await collect(transaction, services, served, { job, request, batch, noise });
    });
  } catch (error) {
    if (!(error instanceof DapProblem)) throw error;
    await fail(services, served, job, error);
  }
}

/**
 * The batch, when no report of it is on its way and enough were accepted. While reports are, the job
 * waits for them from within this very transaction, so that the commit which changes the answer
 * finds it waiting. With too few people it rests: a batch never closes at a moment nobody chose.
 *
 * @throws {DapProblem} batchOverlap
 */
async function lookAtBatch(
  transaction: Transaction,
  { clock }: Services,
  served: ServedTask,
  { job, request }: { job: CollectionJob; request: CollectionJobReq },
): Promise<BatchToCollect | undefined> {
  const readiness = await readReadiness(transaction, served, request.query, job.batch);
  switch (readiness.kind) {
    case "complete":
      return readiness.batch;
    case "pending": {
      const nowSeconds = clock.nowSeconds();
      await postponeCollectionJob(transaction, job, { nowSeconds, pauseSeconds: LOOK_SECONDS });
      return undefined;
    }
    case "tooFew":
      await restCollectionJob(transaction, job.task, job.id);
      return undefined;
    default:
      return unreachable(readiness);
  }
}

/** Marks the batch collected and stores everything that later steps send. */
async function collect(
  transaction: Transaction,
  { clock, randomBytes }: Services,
  served: ServedTask,
  input: {
    job: CollectionJob;
    request: CollectionJobReq;
    batch: BatchToCollect;
    noise: Uint8Array;
  },
): Promise<void> {
  const { job, request, noise } = input;
  const { buckets, selected } = input.batch;
  const sums = await selectBatches(transaction, served.number, buckets);
  const batch = mergeBatches(aggregationOf(served.task, request.aggParam), sums);
  const share = sealNoised(
    served,
    "leader",
    { batch, noise, collectionJobReq: request },
    randomBytes,
  );
  await markCollected(transaction, served, input.batch, clock.nowSeconds());
  await storeCollected(transaction, job, {
    batch: selected?.ordinal ?? null,
    reportCount: batch.reportCount,
    reportInterval: defined(batch.interval, "a batch with reports has an interval"),
    leaderShare: encodeAggregateShare({ encryptedAggregateShare: share }),
    shareRequest: createAggregateShareReq(served.task, request, batch, selected?.id),
  });
}

async function askHelper(
  services: Services,
  served: ServedTask,
  job: CollectionJob,
  request: CollectionJobReq,
): Promise<void> {
  const { store, helper, log } = services;
  const collection = { kind: "aggregateShares", taskId: served.task.id } as const;
  const place = { collection, path: job.helperPath ?? resourcePath(collection) };
  const body = defined(job.shareRequest, "a job that asks has its request");
  const answer =
    job.helperPath === null
      ? await helper.ask(served.peer, { ...place, mediaType: SHARE_QUESTION, body })
      : await helper.poll(served.peer, place);
  if (answer.kind === "deferred" || answer.kind === "forgotten") {
    await defer(services, job, answer);
    return;
  }
  if (answer.kind !== "ready") {
    await handleRefusal(services, served, job, answer);
    return;
  }
  let response: Uint8Array;
  try {
    response = assemble(job, answer.body);
  } catch (error) {
    if (!(error instanceof DapPeerError)) throw error;
    await postpone(services, job, error.message);
    return;
  }
  await store.transaction("answer", async (transaction) => {
    await storeCollectionResponse(transaction, job, response);
    await deleteSums(transaction, served.number, collectedBuckets(job, request));
  });
  log.info("collected", { task: encodeHex(served.task.id), reports: job.reportCount });
}

/**
 * Gives the job back: the helper works on its share, or is to be asked anew. However long that takes
 * the leader does not give up: the batch is collected, and nobody can ask for it again.
 */
async function defer(
  { store, clock }: Services,
  job: CollectionJob,
  answer: Extract<HelperDelay, { kind: "deferred" | "forgotten" }>,
): Promise<void> {
  const isDeferred = answer.kind === "deferred";
  const nowSeconds = clock.nowSeconds();
  const availableAtSeconds = nowSeconds + (isDeferred ? answer.pauseSeconds : 1);
  const helperPath = isDeferred ? answer.path : null;
  const deferrals = isDeferred ? deferOnce(job, nowSeconds) : { ...job, trouble: answer.trouble };
  await store.transaction("defer collection job", (transaction) =>
    deferCollectionJob(transaction, job, { ...deferrals, helperPath, availableAtSeconds }),
  );
}

/** The buckets of the batch that a job which asks has collected. */
function collectedBuckets({ batch }: CollectionJob, { query }: CollectionJobReq): Interval {
  if (query.batchMode === "time_interval") return query.batchInterval;
  return bucketsOf({ ordinal: defined(batch, "a job that asks has its batch") });
}

/** @throws {DapPeerError} when the helper's answer is no aggregate share */
function assemble(job: CollectionJob, helperBody: Uint8Array): Uint8Array {
  const helperShare = readAggregateShare(helperBody);
  const leaderBody = defined(job.leaderShare, "a job that asks has its own share");
  return encodeCollectionJobResp({
    reportCount: defined(job.reportCount, "a job that asks has counted"),
    interval: {
      start: defined(job.start, "a job that asks has an interval"),
      duration: defined(job.duration, "a job that asks has an interval"),
    },
    leaderEncryptedAggShare: decodeAggregateShare(leaderBody).encryptedAggregateShare,
    helperEncryptedAggShare: helperShare,
  });
}

/** A refusal in DAP's words ends the job; any other may pass. */
async function handleRefusal(
  services: Services,
  served: ServedTask,
  job: CollectionJob,
  answer: Extract<HelperDelay, { kind: "later" | "nonsense" }>,
): Promise<void> {
  const problem = answer.kind === "nonsense" ? parseProblemDocument(answer.problem) : undefined;
  if (problem === undefined) {
    services.log.warn("a collection job must wait", { trouble: answer.trouble });
    await postpone(services, job, answer.trouble);
    return;
  }
  await fail(services, served, job, new DapProblem(problem.type, answer.trouble));
}

function postpone({ store, clock }: Services, job: CollectionJob, trouble: string): Promise<void> {
  return store.transaction("postpone collection job", (transaction) =>
    postponeCollectionJob(transaction, job, { trouble, nowSeconds: clock.nowSeconds() }),
  );
}

async function fail(
  { store, log }: Services,
  served: ServedTask,
  job: CollectionJob,
  problem: DapProblem,
): Promise<void> {
  log.error("a collection job failed", {
    task: encodeHex(served.task.id),
    type: problem.type,
    why: problem.detail,
  });
  const text = JSON.stringify(problemDocument(problem, served.task.id));
  await store.transaction("fail collection job", (transaction) =>
    failCollectionJob(transaction, job, text),
  );
}
