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
  /** As `encodeTaskSecrets` makes them; null once deleted. */
  readonly secrets: Uint8Array | null;
  readonly state: TaskState;
  readonly createdAtSeconds: number;
}

const COLUMNS = `number, id, document, secrets, state, created_at AS "createdAtSeconds"`;

/** Creates the task unless its id is taken; returns whether it is new. */
export async function insertTask(
  transaction: Transaction,
  task: Pick<OwnTaskRow, "id" | "document" | "createdAtSeconds"> & { readonly secrets: Uint8Array },
): Promise<boolean> {
  const rows = await transaction.query(
    `INSERT INTO tasks (id, document, secrets, created_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING number`,
    [task.id, task.document, task.secrets, task.createdAtSeconds],
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
