import type { Transaction } from "@sumus/storage";

/** A study as it was opened. */
export interface StudyRow {
  readonly id: Uint8Array;
  /** Canonical JSON. */
  readonly manifest: string;
  readonly openedAtSeconds: number;
  /** Null while it is to be answered, or was. */
  readonly cancelledAtSeconds: number | null;
  /** When this node made its first share of the answer; null before. Never beside the other. */
  readonly releasedAtSeconds: number | null;
}

const COLUMNS = `s.id, s.manifest, s.opened_at AS "openedAtSeconds",
  s.cancelled_at AS "cancelledAtSeconds", s.released_at AS "releasedAtSeconds"`;

export interface TaskRow {
  /** This node's short name of the task, for its tables. */
  readonly number: number;
  readonly id: Uint8Array;
  readonly position: number;
}

/** @param charge what it holds of a population's budget; null when that is not registered */
export async function insertStudy(
  transaction: Transaction,
  study: Pick<StudyRow, "id" | "manifest" | "openedAtSeconds">,
  taskIds: readonly Uint8Array[],
  charge: { readonly population: string; readonly nanoRho: number } | null,
): Promise<void> {
  await transaction.query(
    `INSERT INTO studies (id, manifest, opened_at, population, nano_rho)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [
      study.id,
      study.manifest,
      study.openedAtSeconds,
      charge?.population ?? null,
      charge?.nanoRho ?? null,
    ],
  );
  await transaction.query(
    `INSERT INTO tasks (id, study_id, position)
     SELECT id, $1, place - 1 FROM unnest($2::bytea[]) WITH ORDINALITY AS t(id, place)
     ON CONFLICT DO NOTHING`,
    [study.id, taskIds],
  );
}

export async function selectStudy(
  transaction: Transaction,
  id: Uint8Array,
): Promise<StudyRow | undefined> {
  const [row] = await transaction.query<StudyRow>(
    `SELECT ${COLUMNS} FROM studies s WHERE s.id = $1`,
    [id],
  );
  return row;
}

export async function markCancelled(
  transaction: Transaction,
  id: Uint8Array,
  nowSeconds: number,
): Promise<void> {
  await transaction.query("UPDATE studies SET cancelled_at = $2 WHERE id = $1", [id, nowSeconds]);
}

/** The node makes a share of this task: from now on its study cannot be cancelled. */
export async function markReleased(
  transaction: Transaction,
  taskNumber: number,
  nowSeconds: number,
): Promise<void> {
  await transaction.query(
    `UPDATE studies SET released_at = $2
     WHERE id = (SELECT study_id FROM tasks WHERE number = $1) AND released_at IS NULL`,
    [taskNumber, nowSeconds],
  );
}

/** The study that a task belongs to. */
export async function selectStudyOfTask(
  transaction: Transaction,
  taskId: Uint8Array,
): Promise<StudyRow | undefined> {
  const [row] = await transaction.query<StudyRow>(
    `SELECT ${COLUMNS}
     FROM studies s JOIN tasks t ON t.study_id = s.id WHERE t.id = $1`,
    [taskId],
  );
  return row;
}

/** The study that owns the task with this number. */
export async function selectStudyOfTaskNumber(
  transaction: Transaction,
  taskNumber: number,
): Promise<StudyRow | undefined> {
  const [row] = await transaction.query<StudyRow>(
    `SELECT ${COLUMNS}
     FROM studies s JOIN tasks t ON t.study_id = s.id WHERE t.number = $1`,
    [taskNumber],
  );
  return row;
}

/** The newest first, at most `countMax` with manifests of at most `bytesMax` together. */
export function selectStudies(
  transaction: Transaction,
  countMax: number,
  bytesMax: number,
): Promise<StudyRow[]> {
  return transaction.query<StudyRow>(
    `SELECT ${COLUMNS} FROM (
       SELECT *, sum(octet_length(manifest)) OVER (ORDER BY opened_at DESC, id) AS bytes
       FROM studies ORDER BY opened_at DESC, id LIMIT $1
     ) AS s WHERE bytes <= $2 ORDER BY opened_at DESC, id`,
    [countMax, bytesMax],
  );
}

/** The tasks of a study in canonical order. */
export function selectTasks(transaction: Transaction, studyId: Uint8Array): Promise<TaskRow[]> {
  return transaction.query<TaskRow>(
    "SELECT number, id, position FROM tasks WHERE study_id = $1 ORDER BY position",
    [studyId],
  );
}
