/**
 * The tasks that this node serves. The store holds the studies' manifests; everything else about a
 * task is derived from them, by this node as by everybody else.
 *
 * @module
 */
import { assert, defined } from "@sumus/assert";
import { encodeHex, Secret } from "@sumus/bytes";
import { x25519 } from "@sumus/crypto";
import {
  type Aggregator,
  DapProblem,
  type DapTask,
  deriveVerifyKey,
  type HpkeKeys,
} from "@sumus/dap";
import type { HpkeConfig, Interval } from "@sumus/dap/messages";
import type { Noise } from "@sumus/dp";
import type { Store, Transaction } from "@sumus/storage";
import {
  type CompleteStudy,
  collectorHpkeConfig,
  decodeStudy,
  lowerStudy,
  type StudyWindow,
  studyBatchInterval,
  studyTasks,
} from "@sumus/study";
import type { NodeKeys } from "./config.ts";
import {
  type StudyRow,
  selectStudy,
  selectStudyOfTask,
  selectStudyOfTaskNumber,
  selectTasks,
} from "./store/studies.ts";

/** Tasks kept derived; beyond that all are forgotten and derived again when asked for. */
const CACHED_TASKS_MAX = 512;

export interface ServedTask {
  /** This node's short name of the task. */
  readonly number: number;
  readonly task: DapTask;
  readonly verifyKey: Secret<Uint8Array>;
  /** What this node adds to every number of a batch's aggregate share, once. */
  readonly noise: Noise;
  readonly collectorConfig: HpkeConfig;
  /** Times of reports that a collection of the study asks for; others are not taken. */
  readonly interval: Interval;
  /** Seconds since 1970: reports are taken from `opens` until before `closes`. */
  readonly window: StudyWindow;
}

export interface ServedStudy {
  readonly id: Uint8Array;
  /** Canonical JSON. */
  readonly manifest: string;
  readonly study: CompleteStudy;
  /** In canonical order. */
  readonly tasks: readonly ServedTask[];
}

export interface ServedTasks {
  /** @throws {DapProblem} unrecognizedTask */
  byId(taskId: Uint8Array): Promise<ServedTask>;
  byNumber(number: number): Promise<ServedTask>;
  study(id: Uint8Array): Promise<ServedStudy | undefined>;
  /** What the transitions of DAP want to know of this node. */
  aggregator(served: ServedTask, nowSeconds: number): Aggregator;
}

export function createServedTasks(options: {
  readonly store: Store;
  readonly nodeKeys: NodeKeys;
  readonly hpkeKeys: HpkeKeys;
}): ServedTasks {
  const { store, nodeKeys, hpkeKeys } = options;
  const seed = new Secret(x25519(nodeKeys.own.reveal(), nodeKeys.peer));
  const byId = new Map<string, ServedTask>();
  const byNumber = new Map<number, ServedTask>();
  const studies = new Map<string, ServedStudy>();

  const load = async (
    select: (transaction: Transaction) => Promise<StudyRow | undefined>,
  ): Promise<ServedStudy | undefined> => {
    const found = await store.transaction("load study", async (transaction) => {
      const row = await select(transaction);
      return row && { row, tasks: await selectTasks(transaction, row.id) };
    });
    if (found === undefined) return undefined;
    const numbers = found.tasks.map(({ number }) => number);
    const served = serveStudy(found.row, numbers, seed);
    if (byId.size + served.tasks.length > CACHED_TASKS_MAX) {
      for (const cache of [byId, byNumber, studies]) cache.clear();
    }
    studies.set(encodeHex(served.id), served);
    for (const task of served.tasks) {
      byId.set(encodeHex(task.task.id), task);
      byNumber.set(task.number, task);
    }
    return served;
  };

  return {
    async byId(taskId) {
      const key = encodeHex(taskId);
      if (!byId.has(key)) await load((transaction) => selectStudyOfTask(transaction, taskId));
      const served = byId.get(key);
      if (served !== undefined) return served;
      throw new DapProblem("unrecognizedTask", "expected a task of a study opened on this node");
    },
    async byNumber(number) {
      if (!byNumber.has(number)) {
        await load((transaction) => selectStudyOfTaskNumber(transaction, number));
      }
      return defined(byNumber.get(number), "every task number belongs to a study");
    },
    async study(id) {
      return studies.get(encodeHex(id)) ?? load((transaction) => selectStudy(transaction, id));
    },
    aggregator: ({ task, verifyKey }, nowSeconds) => ({
      task,
      verifyKey,
      keys: hpkeKeys,
      nowSeconds,
    }),
  };
}

/** Derives everything about a study that was opened before. */
function serveStudy(
  row: StudyRow,
  numbers: readonly number[],
  seed: Secret<Uint8Array>,
): ServedStudy {
  const study = decodeStudy(row.manifest);
  const plan = lowerStudy(study);
  const tasks = studyTasks(study);
  assert(tasks.length === numbers.length, "a study has the tasks it was opened with");
  const config = collectorHpkeConfig(study);
  const interval = studyBatchInterval(study);
  return {
    id: row.id,
    manifest: row.manifest,
    study,
    tasks: tasks.map((task, index) => ({
      number: defined(numbers[index], "a number for each task"),
      task,
      verifyKey: deriveVerifyKey(task, seed),
      noise: defined(plan.tasks[index], "a plan for each task").noise,
      collectorConfig: config,
      interval,
      window: study.window,
    })),
  };
}
