/**
 * Garbage collection: ids of reports that can never be counted again, answers that were given long
 * ago, and tasks that ended long ago. It never deletes what keeps a report from being counted twice:
 * collected buckets and deleted tasks stay known for good.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import { describeError, type Logger } from "@sumus/runtime";
import { ConnectionLostError, type Store } from "@sumus/storage";
import type { Clock } from "@sumus/time";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { lockForCollection } from "../store/batches.ts";
import {
  deleteStale,
  endTask,
  eraseSome,
  markSwept,
  selectTaskNumbers,
  selectUnerasedTask,
  selectUnsweptTask,
  sweepSomeIds,
} from "../store/garbage.ts";
import { countUncollected } from "../store/tasks.ts";

export interface GarbageServices {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly clock: Clock;
  /** For how long answers are kept, and tasks after their end. */
  readonly retentionSeconds: number;
  readonly log: Logger;
}

export async function collectGarbage(services: GarbageServices): Promise<void> {
  await endOldTasks(services);
  await eraseTasks(services);
  await sweepReportIds(services);
  await deleteStaleAnswers(services);
}

/** When a task takes its last report; undefined when it goes on for ever. */
function endOf({ task, times }: ServedTask): number | undefined {
  const { timePrecision } = task.configuration;
  const endOfInterval = (interval: { start: number; duration: number }): number =>
    (interval.start + interval.duration) * timePrecision;
  if (times !== undefined) return Math.max(times.window.closes, endOfInterval(times.interval));
  return task.interval === undefined ? undefined : endOfInterval(task.interval);
}

async function endOldTasks(services: GarbageServices): Promise<void> {
  const { store, clock, retentionSeconds } = services;
  const before = clock.nowSeconds() - retentionSeconds;
  let last = 0;
  for (;;) {
    const numbers = await store.transaction("find old tasks", (transaction) =>
      selectTaskNumbers(transaction, before, last),
    );
    for (const number of numbers) {
      last = number;
      const served = await readTask(services, number);
      if (served !== undefined) await endIfOld(services, served, before);
    }
    if (numbers.length === 0) return;
  }
}

/** One task that cannot be read, being of an older version, must not keep all the others. */
async function readTask(
  { tasks, log }: GarbageServices,
  number: number,
): Promise<ServedTask | undefined> {
  try {
    return await tasks.byNumber(number);
  } catch (error) {
    if (error instanceof ConnectionLostError) throw error;
    log.error("a task could not be read", { number, why: describeError(error) });
    return undefined;
  }
}

async function endIfOld(
  { store, log }: GarbageServices,
  served: ServedTask,
  before: number,
): Promise<void> {
  const { number } = served;
  const end = endOf(served);
  if (end === undefined || end >= before) return;
  const uncollected = await store.transaction("end task", async (transaction) => {
    const count = await countUncollected(transaction, number);
    await endTask(transaction, number);
    return count;
  });
  const task = encodeHex(served.task.id);
  log.info("a task that ended long ago is deleted", { task, uncollected });
}

async function eraseTasks({ store }: GarbageServices): Promise<void> {
  for (;;) {
    const isDone = await store.transaction("erase task", async (transaction) => {
      const task = await selectUnerasedTask(transaction);
      if (task !== undefined) await eraseSome(transaction, task);
      return task === undefined;
    });
    if (isDone) return;
  }
}

/** One pass over a task's ids for all that was collected since the last one. */
async function sweepReportIds({ store }: GarbageServices): Promise<void> {
  for (;;) {
    const unswept = await store.transaction("find collected intervals", selectUnsweptTask);
    if (unswept === undefined) return;
    const { task, intervals } = unswept;
    let last: Uint8Array | undefined = new Uint8Array();
    while (last !== undefined) {
      const after: Uint8Array = last;
      last = await store.transaction("sweep report ids", (transaction) =>
        sweepSomeIds(transaction, task, after),
      );
    }
    await store.transaction("mark swept", async (transaction) => {
      await lockForCollection(transaction, task);
      await markSwept(transaction, task, intervals);
    });
  }
}

async function deleteStaleAnswers(services: GarbageServices): Promise<void> {
  const { store, clock, retentionSeconds: keepSeconds } = services;
  let mayBeMore = true;
  while (mayBeMore) {
    const nowSeconds = clock.nowSeconds();
    ({ mayBeMore } = await store.transaction("delete stale answers", (transaction) =>
      deleteStale(transaction, { keepSeconds, nowSeconds }),
    ));
  }
}
