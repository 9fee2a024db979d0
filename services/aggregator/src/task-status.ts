/**
 * What a node tells its operator about a task.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import { encodeBase64url, encodeHex } from "@sumus/bytes";
import { isPoplar1 } from "@sumus/dap";
import { formatTimestamp } from "@sumus/document";
import type { Transaction } from "@sumus/storage";
import { vdafJson } from "@sumus/task";
import { COLLECTED_SHOWN_MAX } from "./limits.ts";
import type { ServedTask } from "./served-tasks.ts";
import { describeProgress, describeTrouble } from "./status.ts";
import { selectTrouble } from "./store/aggregation-jobs.ts";
import { selectCollected } from "./store/batches.ts";
import { selectCounts, selectCountsOfTasks } from "./store/counters.ts";
import { countPendingOfTasks } from "./store/pending-reports.ts";
import { countCollectedBatches, countWaitingBatches } from "./store/selected-batches.ts";
import type { AnyTaskRow } from "./store/tasks.ts";

/** One line of a list. */
export interface TaskOverview {
  /** As in DAP's URLs. */
  readonly id: string;
  readonly title: string;
  /** The study that it belongs to. */
  readonly study: string | null;
  readonly state: "open" | "paused";
  readonly vdaf: Readonly<Record<string, string | number>>;
  readonly batchMode: string;
  readonly minBatchSize: number;
  /** Reports that were verified and counted. */
  readonly accepted: number;
  /** Reports that were uploaded and wait for verification, 10,000 at most; 0 on a helper. */
  readonly pending: number;
  readonly refused: number;
}

export interface TaskDetails extends Omit<TaskOverview, "refused"> {
  readonly timePrecision: number;
  readonly leader: string;
  readonly helper: string;
  readonly createdAt: string;
  readonly refused: Readonly<Record<string, number>>;
  readonly collectedBatches: number;
  /** The latest of them by their times; none in leader-selected mode. */
  readonly collectedIntervals: readonly { readonly starts: string; readonly ends: string }[];
  /** Such as `37 of 100 people so far; 12 reports are being verified`; or about its batches. */
  readonly status: string;
  /** What this node waits for, and until when; null when all is well. */
  readonly trouble: string | null;
}

/** @param served each row's task */
export async function readTaskOverviews(
  transaction: Transaction,
  rows: readonly AnyTaskRow[],
  served: readonly ServedTask[],
): Promise<TaskOverview[]> {
  const numbers = rows.map(({ number }) => number);
  const counts = await selectCountsOfTasks(transaction, numbers);
  const pending = await countPendingOfTasks(transaction, numbers);
  return rows.map((row, index) => {
    const { accepted = 0, ...refused } = Object.fromEntries(counts.get(row.number) ?? []);
    return {
      ...describeTask(row, defined(served[index], "a served task a row")),
      accepted,
      pending: pending.get(row.number) ?? 0,
      refused: Object.values(refused).reduce((sum, count) => sum + count, 0),
    };
  });
}

export async function readTaskDetails(
  transaction: Transaction,
  row: AnyTaskRow,
  served: ServedTask,
  nowSeconds: number,
): Promise<TaskDetails> {
  const { configuration } = served.task;
  const { accepted = 0, ...refused } = Object.fromEntries(
    await selectCounts(transaction, row.number),
  );
  const pending = (await countPendingOfTasks(transaction, [row.number])).get(row.number) ?? 0;
  const intervals = await selectCollected(transaction, row.number);
  const trouble = await selectTrouble(transaction, [row.number]);
  const at = (time: number): string => formatTimestamp(time * configuration.timePrecision);
  return {
    ...describeTask(row, served),
    timePrecision: configuration.timePrecision,
    leader: configuration.leaderAggregatorEndpoint,
    helper: configuration.helperAggregatorEndpoint,
    createdAt: formatTimestamp(row.createdAtSeconds),
    accepted,
    pending,
    refused,
    collectedBatches: intervals.length + (await countCollectedBatches(transaction, row.number)),
    collectedIntervals: intervals.slice(-COLLECTED_SHOWN_MAX).map(({ start, duration }) => ({
      starts: at(start),
      ends: at(start + duration),
    })),
    status: await describeStatus(transaction, served, { accepted, pending }),
    trouble: trouble === undefined ? null : describeTrouble(trouble, nowSeconds),
  };
}

/** In leader-selected mode it is the batches that fill up, not the task. */
async function describeStatus(
  transaction: Transaction,
  { number, task }: ServedTask,
  { accepted, pending }: { readonly accepted: number; readonly pending: number },
): Promise<string> {
  const { batchMode, minBatchSize } = task.configuration;
  if (batchMode === "time_interval") return describeProgress(accepted, minBatchSize, pending);
  const { full, filling } = await countWaitingBatches(transaction, number, minBatchSize);
  const batches = full === 1 ? "1 batch is" : `${full} batches are`;
  const next = describeProgress(filling, minBatchSize, pending);
  return `${batches} full and not collected; in the next ${next}`;
}

function describeTask(
  row: AnyTaskRow,
  { task }: ServedTask,
): Omit<TaskOverview, "accepted" | "pending" | "refused"> {
  // Our own document: that it has a title was checked when it came.
  const { title } = JSON.parse(row.document) as { readonly title: string };
  return {
    id: encodeBase64url(task.id),
    title: row.position === null ? title : `${title}, task ${row.position + 1}`,
    study: row.studyId && encodeHex(row.studyId),
    state: row.state === "paused" ? "paused" : "open",
    vdaf: vdafJson(
      isPoplar1(task.vdaf) ? { kind: "poplar1", bits: task.vdaf.bits } : task.vdaf.config,
    ),
    batchMode: task.configuration.batchMode,
    minBatchSize: task.configuration.minBatchSize,
  };
}
