/**
 * What both databases understand: plain PostgreSQL, its parameters and its rows. A driver carries
 * statements to one database; everything above it is the same for all.
 *
 * @module
 */

/** A parameter. Whole columns go in as one array each, for `unnest`. */
export type SqlParameter =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly string[]
  | readonly number[]
  | readonly Uint8Array[];

/** Statements inside one transaction. */
export interface Transaction {
  /**
   * Runs one statement. `bytea` comes back as `Uint8Array`, `bigint` as a number.
   *
   * @throws {SqlError} when the database refuses it; the transaction is then over
   */
  query<Row extends object>(sql: string, parameters?: readonly SqlParameter[]): Promise<Row[]>;
}

/** One database behind the store. */
export interface SqlDriver {
  /** Whether other processes may work on the same database at the same time. */
  readonly isShared: boolean;

  /** CPU time so far of a database inside this process, in milliseconds; absent for a server. */
  embeddedCpuMs?(): number;

  /**
   * Runs `work` between BEGIN and COMMIT at REPEATABLE READ, once. When the promise resolves the
   * transaction has outlived this process; when it rejects nothing of it has happened.
   *
   * @throws {SqlError} when the database refuses a statement or the commit
   * @throws {StoreFullError} when there is no room on its disk
   * @throws {ConnectionLostError} when the server is gone and the transaction with it
   * @throws {CommitUnknownError} when the server is gone, and only it knows what happened
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /** Waits for what runs and lets the database go. */
  close(): Promise<void>;
}

/**
 * A statement that the database refused. It carries neither parameters nor values, since those may
 * be secret.
 */
export class SqlError extends Error {
  override readonly name = "SqlError";
  /** The five characters of SQLSTATE, such as `40001`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** There is no room for what a transaction would write: nothing of it has happened. */
export class StoreFullError extends Error {
  override readonly name = "StoreFullError";
  readonly code = "storeFull";
}

/** SQLSTATE `disk_full`. */
export const DISK_FULL_CODE = "53100";

/** The server cannot be reached, or went away before the commit: nothing has happened. */
export class ConnectionLostError extends Error {
  override readonly name = "ConnectionLostError";
  readonly code = "connectionLost";

  constructor(why: string, options?: ErrorOptions) {
    super(`expected the database to answer, but the connection was lost: ${why}`, options);
  }
}

/**
 * The connection broke after COMMIT was sent and before its answer came: the transaction happened
 * or it did not. Whoever asked repeats the question in words that are safe to say twice; unique keys
 * in the database tell the second time from the first.
 */
export class CommitUnknownError extends Error {
  override readonly name = "CommitUnknownError";
  readonly code = "commitUnknown";

  constructor(cause: ConnectionLostError) {
    super("the connection was lost during COMMIT; the transaction may have happened", { cause });
  }
}
