/**
 * What a node tells everybody about a study: how many people so far, what was refused and why, and
 * what it waits for. All of it is public.
 *
 * @module
 */
import { encodeBase64url, encodeHex } from "@sumus/bytes";
import { formatTimestamp } from "@sumus/document";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock } from "@sumus/time";
import { peopleSoFar } from "./batch-check.ts";
import { PENDING_COUNTED_MAX } from "./limits.ts";
import type { ServedStudy, ServedTask } from "./served-tasks.ts";
import { selectTrouble } from "./store/aggregation-jobs.ts";
import { selectCollected } from "./store/batches.ts";
import { selectCounts } from "./store/counters.ts";
import { countPendingOfTasks } from "./store/pending-reports.ts";
import { selectStudy } from "./store/studies.ts";

export interface TaskStatus {
  /** As in DAP's URLs. */
  readonly id: string;
  readonly index: number;
  /** Reports that were verified and counted. */
  readonly accepted: number;
  /** Reports that were uploaded and wait for verification, 10,000 at most; 0 on a helper. */
  readonly pending: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly collected: boolean;
  /** Such as `37 of 100 people so far; 12 reports are being verified`. */
  readonly status: string;
}

export interface StudyStatus {
  readonly id: string;
  readonly title: string;
  readonly state: "waiting to open" | "open" | "closed" | "collected" | "cancelled";
  /** RFC 3339. */
  readonly opens: string;
  readonly closes: string;
  /** People whose report was accepted in every task, at most. */
  readonly people: number;
  readonly peopleMin: number;
  readonly status: string;
  /** What this node waits for, and until when; null when all is well. */
  readonly trouble: string | null;
  readonly tasks: readonly TaskStatus[];
}

export async function readStatus(
  services: { readonly store: Store; readonly clock: Clock },
  served: ServedStudy,
): Promise<StudyStatus> {
  const { store, clock } = services;
  const numbers = served.tasks.map(({ number }) => number);
  const { tasks, trouble, cancelledAt } = await store.transaction(
    "read status",
    async (transaction) => {
      const statuses: TaskStatus[] = [];
      for (const [index, task] of served.tasks.entries()) {
        statuses.push(await readTaskStatus(transaction, task, index));
      }
      const row = await selectStudy(transaction, served.id);
      return {
        tasks: statuses,
        trouble: await selectTrouble(transaction, numbers),
        cancelledAt: row?.cancelledAtSeconds ?? null,
      };
    },
  );
  const nowSeconds = clock.nowSeconds();
  const { peopleMin } = served.study.privacy;
  const people = Math.min(...tasks.map(({ accepted }) => accepted));
  const pending = Math.max(...tasks.map((task) => task.pending));
  return {
    id: encodeHex(served.id),
    title: served.study.title,
    state: cancelledAt === null ? stateOf(served, tasks, nowSeconds) : "cancelled",
    opens: formatTimestamp(served.study.window.opens),
    closes: formatTimestamp(served.study.window.closes),
    people,
    peopleMin,
    status:
      cancelledAt === null
        ? describeProgress(people, peopleMin, pending)
        : `cancelled ${formatTimestamp(cancelledAt)}; nothing was released`,
    trouble: trouble === undefined ? null : describeTrouble(trouble, nowSeconds),
    tasks,
  };
}

async function readTaskStatus(
  transaction: Transaction,
  { number, task }: ServedTask,
  index: number,
): Promise<TaskStatus> {
  const { accepted = 0, ...refused } = Object.fromEntries(await selectCounts(transaction, number));
  const pending = (await countPendingOfTasks(transaction, [number])).get(number) ?? 0;
  const collected = await selectCollected(transaction, number);
  return {
    id: encodeBase64url(task.id),
    index,
    accepted,
    pending,
    refused,
    collected: collected.length > 0,
    status: describeProgress(accepted, task.configuration.minBatchSize, pending),
  };
}

function stateOf(
  { study }: ServedStudy,
  tasks: readonly TaskStatus[],
  nowSeconds: number,
): StudyStatus["state"] {
  if (tasks.every(({ collected }) => collected)) return "collected";
  if (nowSeconds < study.window.opens) return "waiting to open";
  return nowSeconds < study.window.closes ? "open" : "closed";
}

/** Such as `37 of 100 people so far; 12 reports are being verified`. */
export function describeProgress(people: number, peopleMin: number, pending: number): string {
  const soFar = peopleSoFar(people, peopleMin);
  if (pending === 0) return soFar;
  const count = pending < PENDING_COUNTED_MAX ? `${pending}` : `${pending} or more`;
  return `${soFar}; ${count} ${pending === 1 ? "report is" : "reports are"} being verified`;
}

export function describeTrouble(
  { trouble, availableAtSeconds }: { trouble: string; availableAtSeconds: number },
  nowSeconds: number,
): string {
  const seconds = Math.max(0, availableAtSeconds - nowSeconds);
  return `${trouble}; trying again in ${seconds} s`;
}
