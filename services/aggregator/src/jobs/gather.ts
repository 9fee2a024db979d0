/**
 * Makes aggregation jobs of pending reports: of those that have waited longest, and where collectors
 * choose aggregation parameters, of those that a collector has named one for.
 *
 * @module
 */
import { type Aggregation, aggregationOf } from "@sumus/dap";
import { BATCH_ID_BYTES } from "@sumus/dap/messages";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import { DEFERRED_JOBS_MAX, JOB_BYTES_MAX, JOB_REPORTS_MAX, OPEN_JOBS_MAX } from "../limits.ts";
import type { ServedTasks } from "../served-tasks.ts";
import {
  type AggregationJob,
  deleteAggregationJob,
  insertAggregationJob,
  selectBusyTasks,
} from "../store/aggregation-jobs.ts";
import { type OpenBatch, selectHungriestBatch } from "../store/batch-parameters.ts";
import { lockForReports } from "../store/batches.ts";
import { assignPending, hasFree, selectHungriestTask } from "../store/pending-reports.ts";
import { insertBatch, type SelectedBatch, selectFillingBatch } from "../store/selected-batches.ts";
import type { GatherGate } from "./gather-gate.ts";
import type { HelperTurns } from "./helper-turns.ts";

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly leaseToken: () => Uint8Array;
  readonly gate: GatherGate;
  readonly turns: Pick<HelperTurns, "taken">;
}

/** What a job can be made of: any reports of a task, or those of a batch that is waited for. */
interface Source {
  readonly task: number;
  readonly batch: OpenBatch | undefined;
}

/** A new job under a lease, or undefined when there is nothing to make one of. */
export async function gatherJob(services: Services): Promise<AggregationJob | undefined> {
  const { store, tasks, clock, leaseToken, randomBytes, gate, turns } = services;
  const source = await store.transaction("find pending reports", async (transaction) => {
    const max = { open: OPEN_JOBS_MAX, deferred: DEFERRED_JOBS_MAX };
    return chooseSource(transaction, gate, await selectBusyTasks(transaction, max, turns.taken));
  });
  if (source === undefined) return undefined;
  const { task } = await tasks.byNumber(source.task);
  const aggregation = aggregationOf(task, source.batch?.aggParam);
  const lease = { token: leaseToken(), nowSeconds: clock.nowSeconds() };
  const newBatchId = randomBytes(BATCH_ID_BYTES);
  const { job, count, countMax } = await store.transaction("gather", (transaction) =>
    gather(transaction, { source, aggregation, lease, newBatchId }),
  );
  if (count === 0) return undefined;
  gate.gathered(source.task, count, countMax);
  return job;
}

/** A collector waits for its batch: it goes first. */
async function chooseSource(
  transaction: Transaction,
  gate: GatherGate,
  busy: readonly number[],
): Promise<Source | undefined> {
  const batch = await selectHungriestBatch(transaction, busy);
  if (batch !== undefined) return { task: batch.task, batch };
  const task = await chooseTask(transaction, gate, busy);
  return task === undefined ? undefined : { task, batch: undefined };
}

async function chooseTask(
  transaction: Transaction,
  gate: GatherGate,
  busy: readonly number[],
): Promise<number | undefined> {
  const resting = [...busy];
  for (;;) {
    const task = await selectHungriestTask(transaction, resting);
    if (task === undefined) return undefined;
    const countMin = gate.countMin(task);
    if (countMin === 1 || (await hasFree(transaction, task, countMin))) return task;
    resting.push(task);
  }
}

/** In leader-selected mode the job's reports go into one batch, as many as it lacks. */
async function gather(
  transaction: Transaction,
  input: {
    readonly source: Source;
    readonly aggregation: Aggregation;
    readonly lease: { readonly token: Uint8Array; readonly nowSeconds: number };
    readonly newBatchId: Uint8Array;
  },
): Promise<{ job: AggregationJob; count: number; countMax: number }> {
  const { source, aggregation, lease, newBatchId } = input;
  const { task } = source;
  const { batchMode, minBatchSize } = aggregation.task.configuration;
  let batch: SelectedBatch | undefined;
  let countMax = jobReportsMax(aggregation);
  let times = source.batch?.buckets;
  if (batchMode === "leader_selected") {
    // Why: a job that joins a batch and a collection that takes the batch exclude each other.
    await lockForReports(transaction, [task]);
    const promised = times?.start ?? null;
    const filling = await selectFillingBatch(transaction, task, minBatchSize, promised);
    countMax = Math.min(countMax, minBatchSize - (filling?.accepted ?? 0));
    batch = filling;
    // A batch that was promised may have been collected meanwhile: then no job is made for it.
    if (promised === null) batch ??= await insertBatch(transaction, task, newBatchId);
    else if (filling === undefined) countMax = 0;
    times = undefined;
  }
  const { aggParam } = aggregation;
  const job = await insertAggregationJob(transaction, { task, batch, aggParam }, lease);
  const count = await assignPending(transaction, task, job.number, countMax, times);
  if (count === 0) await deleteAggregationJob(transaction, job);
  return { job, count, countMax };
}

/** Large reports, and where a parameter asks for many numbers large states, make small jobs. */
function jobReportsMax({ task, vdaf }: Aggregation): number {
  const { inputShareSizes, publicShareSize } = task.vdaf;
  const stateBytes = vdaf.rounds > 1 ? vdaf.aggregateShareSize : 0;
  const sizes = [...inputShareSizes, publicShareSize, stateBytes];
  const reportBytes = sizes.reduce((sum, size) => sum + size, 0);
  return Math.max(1, Math.min(JOB_REPORTS_MAX, Math.floor(JOB_BYTES_MAX / reportBytes)));
}
