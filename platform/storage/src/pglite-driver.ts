/**
 * PostgreSQL inside this process. Transactions run one after another over the single connection.
 *
 * Every commit is written to the operating system before it is acknowledged, so it outlives this
 * process (`kill -9`); PGlite has no fsync, so it may not outlive the machine. The embedded server
 * has neither a checkpointer nor an autovacuum: this driver does both jobs between transactions.
 *
 * @module
 */
import { existsSync, statfsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { PGlite, type Transaction as PgliteTransaction } from "@electric-sql/pglite";
import { threadCpuMs } from "@sumus/runtime";
import {
  BYTEA_ARRAY_OID,
  BYTEA_OID,
  decodeByteaText,
  decodeInt8Text,
  encodeByteaArray,
  INT8_OID,
} from "./bytea.ts";
import { emptyDatabase, unpackEmptyDatabase } from "./pglite-template.ts";
import {
  DISK_FULL_CODE,
  type SqlDriver,
  SqlError,
  StoreFullError,
  type Transaction,
} from "./sql.ts";

/** Transactions between two looks at the write-ahead log. */
const TRANSACTIONS_PER_LOOK = 64;

/** Write-ahead log that a crash would have to replay: beyond this a checkpoint is due. */
const LOG_BYTES_MAX = 64 * 1024 * 1024;

/** Free space without which nothing is written. */
const ROOM_BYTES_MIN = 128 * 1024 * 1024;

const START_PARAMETERS = [
  ...PGlite.defaultStartParams,
  "-c",
  "shared_buffers=64MB",
  "-c",
  "max_wal_size=128MB",
  "-c",
  "min_wal_size=32MB",
];

/** @param folder where the database lives; absent for one that dies with its driver */
export async function createPgliteDriver(folder?: string): Promise<SqlDriver> {
  const database = await openDatabase(folder);
  let transactionCount = 0;
  return {
    isShared: false,
    embeddedCpuMs: measureCpu(database),
    async transaction(work) {
      if (folder !== undefined) requireRoom(folder);
      // Before, not after: an error here must not look like one of a transaction that committed.
      if (++transactionCount % TRANSACTIONS_PER_LOOK === 0) await maintain(database);
      return await inTransaction(database, work);
    },
    close: () => database.close(),
  };
}

/** Everything that the embedded server does passes through one synchronous method. */
function measureCpu(database: PGlite): () => number {
  let totalMs = 0;
  const execute = database.execProtocolRawSync.bind(database);
  database.execProtocolRawSync = (message) => {
    const before = threadCpuMs();
    try {
      return execute(message);
    } finally {
      totalMs += threadCpuMs() - before;
    }
  };
  return () => totalMs;
}

/**
 * Why: where there is no room for its next write-ahead log, PGlite panics and spins for ever with the
 * whole process. A transaction, an upload's at worst, writes less than this.
 *
 * @throws {StoreFullError}
 */
function requireRoom(folder: string): void {
  const { bavail, bsize, blocks } = statfsSync(folder);
  // Some file systems do not say how large they are.
  if (blocks === 0 || bavail * bsize >= ROOM_BYTES_MIN) return;
  const megabytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MB`;
  throw new StoreFullError(
    `expected ${megabytes(ROOM_BYTES_MIN)} of free space at ${folder}, got ` +
      `${megabytes(bavail * bsize)}; make room, and the store goes on`,
  );
}

async function openDatabase(folder: string | undefined): Promise<PGlite> {
  if (folder === undefined) return boot({ loadDataDir: await emptyDatabase() });
  const dataDir = join(folder, "pglite");
  if (!existsSync(dataDir)) await createDataDir(dataDir);
  return boot({ dataDir });
}

/** The rename is the moment of creation: what a crash left half unpacked is thrown away. */
async function createDataDir(dataDir: string): Promise<void> {
  const draft = `${dataDir}.new`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await unpackEmptyDatabase(draft);
  await rename(draft, dataDir);
}

async function boot(place: { dataDir?: string; loadDataDir?: Blob }): Promise<PGlite> {
  const database = await PGlite.create({
    ...place,
    startParams: START_PARAMETERS,
    relaxedDurability: false,
    parsers: { [BYTEA_OID]: decodeByteaText, [INT8_OID]: decodeInt8Text },
  });
  // A byte string from a serializer travels in binary format; PGlite's types know only text.
  Object.assign(database.serializers, {
    [BYTEA_OID]: (bytes: Uint8Array) => bytes,
    [BYTEA_ARRAY_OID]: encodeByteaArray,
  });
  return database;
}

async function inTransaction<T>(
  database: PGlite,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await database.transaction(async (inner) => {
      await inner.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      return await work(bindTransaction(inner));
    });
  } catch (error) {
    throw redact(error);
  }
}

function bindTransaction(inner: PgliteTransaction): Transaction {
  return {
    async query<Row extends object>(sql: string, parameters: readonly unknown[] = []) {
      try {
        const { rows } = await inner.query<Row>(sql, [...parameters]);
        return rows;
      } catch (error) {
        throw redact(error);
      }
    },
  };
}

/** PGlite's errors carry the statement's parameters; ours do not. */
function redact(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !("severity" in error)) return error;
  if (error.code === DISK_FULL_CODE) return new StoreFullError(error.message);
  return new SqlError(String(error.code), error.message);
}

async function maintain(database: PGlite): Promise<void> {
  const { rows } = await database.query<{ bytes: number }>(
    "SELECT (pg_current_wal_insert_lsn() - redo_lsn)::bigint AS bytes FROM pg_control_checkpoint()",
  );
  if ((rows[0]?.bytes ?? 0) < LOG_BYTES_MAX) return;
  await database.exec("VACUUM");
  await database.exec("CHECKPOINT");
}
