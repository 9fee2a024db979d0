/**
 * A PostgreSQL server behind the store: a bounded pool of connections, one a transaction. Several
 * processes may use the same database at the same time.
 *
 * @module
 */
import type { Secret } from "@sumus/bytes";
import { Pool, type PoolClient, type QueryResult, types } from "pg";
import { BYTEA_OID, decodeByteaText, decodeInt8Text, encodeByteaArray, INT8_OID } from "./bytea.ts";
import {
  CommitUnknownError,
  ConnectionLostError,
  DISK_FULL_CODE,
  type SqlDriver,
  SqlError,
  type SqlParameter,
  StoreFullError,
  type Transaction,
} from "./sql.ts";

/** How much of the server one process takes, and how long it waits. */
export interface PostgresLimits {
  readonly connectionsMax: number;
  /** For a free connection, or a new one. */
  readonly connectMsMax: number;
  /** For one statement, locks included; the server ends it with SQLSTATE 57014. */
  readonly statementMsMax: number;
}

export const DEFAULT_LIMITS: PostgresLimits = {
  connectionsMax: 10,
  connectMsMax: 10_000,
  statementMsMax: 30_000,
};

/** A server that does not end a statement in time by itself is not there any more. */
const SILENCE_MS_MAX = 10_000;

/** A transaction does nothing between its statements that takes longer. */
const IDLE_IN_TRANSACTION_MS_MAX = 60_000;

const PARSERS: ReadonlyMap<number, (text: string) => unknown> = new Map<
  number,
  (text: string) => unknown
>([
  [BYTEA_OID, decodeByteaText],
  [INT8_OID, decodeInt8Text],
]);

/** @param url as {@link openPostgresStore} takes it */
export function createPostgresDriver(url: Secret<string>, limits: PostgresLimits): SqlDriver {
  const pool = new Pool({
    connectionString: url.reveal(),
    application_name: "sumus",
    max: limits.connectionsMax,
    connectionTimeoutMillis: limits.connectMsMax,
    statement_timeout: limits.statementMsMax,
    query_timeout: limits.statementMsMax + SILENCE_MS_MAX,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
    keepAlive: true,
    types: { getTypeParser: (oid, format) => PARSERS.get(oid) ?? types.getTypeParser(oid, format) },
  });
  // Why: an idle connection that breaks is replaced by the pool; without a listener the process dies.
  pool.on("error", () => {});
  // The same for one that breaks just when a transaction gives it back, and nobody listens to it.
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    isShared: true,
    async transaction(work) {
      const client = await connect(pool);
      const session = new Session(client);
      try {
        return await session.run(work);
      } finally {
        session.end();
      }
    },
    close: () => pool.end(),
  };
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw translate(error);
  }
}

/** One connection for one transaction; a connection in doubt does not go back to the pool. */
class Session {
  readonly #client: PoolClient;
  #isBroken = false;
  readonly #onError = (): void => {
    this.#isBroken = true;
  };

  constructor(client: PoolClient) {
    this.#client = client;
    client.on("error", this.#onError);
  }

  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    let result: T;
    try {
      await this.#query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      result = await work({
        query: async <Row extends object>(sql: string, parameters: readonly SqlParameter[] = []) =>
          (await this.#query(sql, parameters)).rows as Row[],
      });
    } catch (error) {
      await this.#rollback();
      throw error;
    }
    await this.#commit();
    return result;
  }

  end(): void {
    this.#client.off("error", this.#onError);
    this.#client.release(this.#isBroken);
  }

  async #query(sql: string, parameters: readonly SqlParameter[] = []): Promise<QueryResult> {
    try {
      return await this.#client.query(sql, parameters.map(encodeParameter));
    } catch (error) {
      const translated = translate(error);
      if (translated instanceof ConnectionLostError) this.#isBroken = true;
      throw translated;
    }
  }

  async #rollback(): Promise<void> {
    if (this.#isBroken) return;
    try {
      await this.#query("ROLLBACK");
    } catch {
      // Why: closing the connection rolls back as well, and the first error is the caller's.
      this.#isBroken = true;
    }
  }

  /** @throws {CommitUnknownError} when the connection breaks between the question and the answer */
  async #commit(): Promise<void> {
    try {
      await this.#query("COMMIT");
    } catch (error) {
      if (error instanceof ConnectionLostError) throw new CommitUnknownError(error);
      throw error;
    }
  }
}

/** Byte strings travel in binary format: `pg` sends every `Buffer` so. */
function encodeParameter(parameter: SqlParameter): unknown {
  if (parameter instanceof Uint8Array) return bufferOf(parameter);
  if (Array.isArray(parameter) && isByteStrings(parameter)) {
    return bufferOf(encodeByteaArray(parameter));
  }
  return parameter;
}

function isByteStrings(items: readonly unknown[]): items is readonly Uint8Array[] {
  return items[0] instanceof Uint8Array;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What the server said, without the row that it said it about; all else is a lost connection. */
function translate(error: unknown): Error {
  if (!(error instanceof Error)) return new ConnectionLostError("for an unknown reason");
  // A parser's refusal of a value, after the answer has come in whole.
  if (error instanceof RangeError) return error;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  if (typeof code === "string" && typeof severity === "string" && severity === "ERROR") {
    if (code === DISK_FULL_CODE) return new StoreFullError(error.message);
    return new SqlError(code, error.message);
  }
  // FATAL and PANIC end the connection; everything without a severity is the client's or the socket's.
  return new ConnectionLostError(error.message, { cause: error });
}
