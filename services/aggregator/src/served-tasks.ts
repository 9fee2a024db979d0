/**
 * The tasks that this node serves. The store holds the studies' manifests and the documents of tasks
 * without a study; everything else about a task is derived from them, by this node as by everybody
 * else.
 *
 * @module
 */
import { assert, defined } from "@sumus/assert";
import { encodeHex, equalBytes, Secret } from "@sumus/bytes";
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
import type { Sealer, Store, Transaction } from "@sumus/storage";
import {
  type CompleteStudy,
  collectorHpkeConfig,
  decodeStudy,
  lowerStudy,
  type StudyWindow,
  studyBatchInterval,
  studyTasks,
} from "@sumus/study";
import { collectorHpkeConfig as configOfKey, dapTaskOf, decodeTask, noiseOf } from "@sumus/task";
import type { NodeKeys } from "./config.ts";
import {
  type StudyRow,
  selectStudy,
  selectStudyOfTask,
  selectStudyOfTaskNumber,
  selectTasks,
} from "./store/studies.ts";
import { openTaskSecrets, type TaskSecrets } from "./store/task-secrets.ts";
import { type OwnTaskRow, selectTask, selectTaskOfNumber } from "./store/tasks.ts";

/** Tasks kept derived; beyond that all are forgotten and derived again when asked for. */
const CACHED_TASKS_MAX = 512;

export interface ServedTask {
  /** This node's short name of the task. */
  readonly number: number;
  readonly task: DapTask;
  readonly verifyKey: Secret<Uint8Array>;
  /** What this node adds to every number of a batch's aggregate share, once; undefined: nothing. */
  readonly noise: Noise | undefined;
  readonly collectorConfig: HpkeConfig;
  /** When and for when a study takes reports; a task without a study says it in its extensions. */
  readonly times: StudyTimes | undefined;
  /** The other node, of this task. */
  readonly peer: TaskPeer;
  /** On a leader. */
  readonly collectorToken: Secret<string> | undefined;
}

interface StudyTimes {
  /** Times of reports that a collection of the study asks for; others are not taken. */
  readonly interval: Interval;
  /** Seconds since 1970: reports are taken from `opens` until before `closes`. */
  readonly window: StudyWindow;
}

export interface TaskPeer {
  /** Without a slash at the end; a leader knows it. */
  readonly url: string | undefined;
  /** The leader presents it, the helper asks for it. */
  readonly token: Secret<string>;
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
  /** Serves a task no longer that was deleted. */
  forget(taskId: Uint8Array): void;
  study(id: Uint8Array): Promise<ServedStudy | undefined>;
  /** What the transitions of DAP want to know of this node. */
  aggregator(served: ServedTask, nowSeconds: number): Aggregator;
}

export function createServedTasks(options: {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly nodeKeys: NodeKeys;
  readonly hpkeKeys: HpkeKeys;
  /** Where a task does not name others. */
  readonly peer: TaskPeer;
  readonly collectorToken: Secret<string> | undefined;
}): ServedTasks {
  const { store, sealer, nodeKeys, hpkeKeys, peer, collectorToken } = options;
  const seed = new Secret(x25519(nodeKeys.own.reveal(), nodeKeys.peer));
  const usual: Usual = { seed, peer, collectorToken };
  const byId = new Map<string, ServedTask>();
  const byNumber = new Map<number, ServedTask>();
  const studies = new Map<string, ServedStudy>();

  const keep = (tasks: readonly ServedTask[]): void => {
    if (byId.size + tasks.length > CACHED_TASKS_MAX) {
      for (const cache of [byId, byNumber, studies]) cache.clear();
    }
    for (const task of tasks) {
      byId.set(encodeHex(task.task.id), task);
      byNumber.set(task.number, task);
    }
  };
  const loadTask = async (
    select: (transaction: Transaction) => Promise<OwnTaskRow | undefined>,
  ): Promise<boolean> => {
    const row = await store.transaction("load task", select);
    if (row === undefined || row.secrets === null) return false;
    keep([serveTask(row, openTaskSecrets(sealer, row.id, row.secrets), usual)]);
    return true;
  };
  const loadStudy = async (
    select: (transaction: Transaction) => Promise<StudyRow | undefined>,
  ): Promise<ServedStudy | undefined> => {
    const found = await store.transaction("load study", async (transaction) => {
      const row = await select(transaction);
      return row && { row, tasks: await selectTasks(transaction, row.id) };
    });
    if (found === undefined) return undefined;
    const numbers = found.tasks.map(({ number }) => number);
    const served = serveStudy(found.row, numbers, usual);
    keep(served.tasks);
    studies.set(encodeHex(served.id), served);
    return served;
  };

  return {
    async byId(taskId) {
      const key = encodeHex(taskId);
      if (!byId.has(key) && !(await loadTask((transaction) => selectTask(transaction, taskId)))) {
        await loadStudy((transaction) => selectStudyOfTask(transaction, taskId));
      }
      const served = byId.get(key);
      if (served !== undefined) return served;
      throw new DapProblem(
        "unrecognizedTask",
        "expected a task created or of a study opened on this node",
      );
    },
    async byNumber(number) {
      const select = (transaction: Transaction) => selectTaskOfNumber(transaction, number);
      if (!byNumber.has(number) && !(await loadTask(select))) {
        await loadStudy((transaction) => selectStudyOfTaskNumber(transaction, number));
      }
      return defined(byNumber.get(number), "every task number belongs to a task");
    },
    forget(taskId) {
      const served = byId.get(encodeHex(taskId));
      byId.delete(encodeHex(taskId));
      if (served !== undefined) byNumber.delete(served.number);
    },
    async study(id) {
      return studies.get(encodeHex(id)) ?? loadStudy((transaction) => selectStudy(transaction, id));
    },
    aggregator: ({ task, verifyKey }, nowSeconds) => ({
      task,
      verifyKey,
      keys: hpkeKeys,
      nowSeconds,
    }),
  };
}

/** What every task of this node has unless its document says otherwise. */
interface Usual {
  /** Verification keys are derived from it. */
  readonly seed: Secret<Uint8Array>;
  readonly peer: TaskPeer;
  readonly collectorToken: Secret<string> | undefined;
}

/** Derives everything about a task that was created before. */
function serveTask(row: OwnTaskRow, secrets: TaskSecrets, usual: Usual): ServedTask {
  const document = decodeTask(row.document);
  const task = dapTaskOf(document);
  assert(equalBytes(task.id, row.id), "a document gives the task that it was created as");
  const { peer } = secrets;
  return {
    number: row.number,
    task,
    verifyKey: peer?.verifyKey ?? deriveVerifyKey(task, usual.seed),
    noise: noiseOf(document),
    collectorConfig: configOfKey(document.collector),
    times: undefined,
    peer: peer ? { url: document.helper.replace(/\/$/, ""), token: peer.token } : usual.peer,
    collectorToken: secrets.collectorToken ?? usual.collectorToken,
  };
}

/** Derives everything about a study that was opened before. */
function serveStudy(
  row: StudyRow,
  numbers: readonly number[],
  { seed, peer, collectorToken }: Usual,
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
      times: { interval, window: study.window },
      peer,
      collectorToken,
    })),
  };
}
