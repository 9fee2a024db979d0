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
  /**
   * Runs `work` between BEGIN and COMMIT at REPEATABLE READ, once. When the promise resolves the
   * transaction has outlived this process; when it rejects nothing of it has happened.
   *
   * @throws {SqlError} when the database refuses a statement or the commit
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
