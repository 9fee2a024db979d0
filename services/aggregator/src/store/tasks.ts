/**
 * Tasks that stand for themselves. A deleted one stays as a row that says so: the id never means
 * another task, and what was counted once is not counted again.
 *
 * @module
 */
import type { Transaction } from "@sumus/storage";

export type TaskState = "open" | "paused" | "deleted";

/** A task that was created by its document. */
export interface OwnTaskRow {
  /** This node's short name of the task, for its tables. */
  readonly number: number;
  readonly id: Uint8Array;
  /** Canonical JSON. */
  readonly document: string;
  /** As `sealTaskSecrets` makes them; null once deleted. */
  readonly secrets: Uint8Array | null;
  readonly state: TaskState;
  readonly createdAtSeconds: number;
}

const COLUMNS = `number, id, document, secrets, state, created_at AS "createdAtSeconds"`;

/** Creates the task unless its id is taken; returns whether it is new. */
export async function insertTask(
  transaction: Transaction,
  task: Pick<OwnTaskRow, "id" | "document" | "createdAtSeconds"> & {
    readonly secrets: Uint8Array;
    /** Whether its reports need not wait for a collector. */
    readonly isEager: boolean;
    /** Null: the one that the node is paired with. */
    readonly ownHelper: string | null;
  },
): Promise<boolean> {
  const rows = await transaction.query(
    `INSERT INTO tasks (id, document, secrets, created_at, is_eager, own_helper)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING RETURNING number`,
    [task.id, task.document, task.secrets, task.createdAtSeconds, task.isEager, task.ownHelper],
  );
  return rows.length > 0;
}

/** Undefined when the id is a study's task's, or nobody's. */
export async function selectTask(
  transaction: Transaction,
  id: Uint8Array,
): Promise<OwnTaskRow | undefined> {
  const [row] = await transaction.query<OwnTaskRow>(
    `SELECT ${COLUMNS} FROM tasks WHERE id = $1 AND document IS NOT NULL`,
    [id],
  );
  return row;
}

export async function selectTaskOfNumber(
  transaction: Transaction,
  number: number,
): Promise<OwnTaskRow | undefined> {
  const [row] = await transaction.query<OwnTaskRow>(
    `SELECT ${COLUMNS} FROM tasks WHERE number = $1 AND document IS NOT NULL`,
    [number],
  );
  return row;
}

/** A task of any kind, for lists. */
export interface AnyTaskRow {
  readonly number: number;
  readonly state: TaskState;
  /** The study that it belongs to; null when it stands for itself. */
  readonly studyId: Uint8Array | null;
  /** Canonical JSON of the study or of the task itself: either has a title. */
  readonly document: string;
  readonly position: number | null;
  readonly createdAtSeconds: number;
}

const ANY_TASK = `SELECT t.number, t.state, t.study_id AS "studyId", t.position,
    coalesce(t.document, s.manifest) AS document,
    coalesce(t.created_at, s.opened_at) AS "createdAtSeconds"
  FROM tasks t LEFT JOIN studies s ON s.id = t.study_id
  WHERE t.state <> 'deleted'`;

/** The newest first, at most `countMax`. */
export function selectAnyTasks(transaction: Transaction, countMax: number): Promise<AnyTaskRow[]> {
  return transaction.query<AnyTaskRow>(`${ANY_TASK} ORDER BY t.number DESC LIMIT $1`, [countMax]);
}

export async function selectAnyTask(
  transaction: Transaction,
  id: Uint8Array,
): Promise<AnyTaskRow | undefined> {
  const [row] = await transaction.query<AnyTaskRow>(`${ANY_TASK} AND t.id = $1`, [id]);
  return row;
}

export async function updateTaskState(
  transaction: Transaction,
  task: number,
  state: Exclude<TaskState, "deleted">,
): Promise<void> {
  await transaction.query("UPDATE tasks SET state = $2 WHERE number = $1 AND state <> 'deleted'", [
    task,
    state,
  ]);
}

/** Reports that are uploaded or counted and that no collection has answered for. */
export async function countUncollected(transaction: Transaction, task: number): Promise<number> {
  const [row] = await transaction.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM pending_reports WHERE task = $1)
       + (SELECT coalesce(sum(report_count), 0) FROM accumulators WHERE task = $1)::bigint AS count`,
    [task],
  );
  return row?.count ?? 0;
}

/**
 * What refers to a task, in the order in which a deletion empties it: pending reports before their
 * jobs, jobs before the sums that a job which ends meanwhile writes.
 */
export const TASK_TABLES: readonly string[] = [
  "pending_reports",
  "collection_jobs",
  "aggregation_jobs",
  "selected_batches",
  "accumulators",
  "collected_intervals",
  "helper_jobs",
  "aggregate_shares",
  "batch_parameters",
  "report_ids",
  "task_counters",
];

/** Forgets everything about a task but that it was deleted. Its row is locked. */
export async function eraseTask(transaction: Transaction, task: number): Promise<void> {
  for (const table of TASK_TABLES) {
    await transaction.query(`DELETE FROM ${table} WHERE task = $1`, [task]);
  }
  await transaction.query("UPDATE tasks SET state = 'deleted', secrets = NULL WHERE number = $1", [
    task,
  ]);
}
