/**
 * The store: named transactions over one database. A transaction that loses a race, or its
 * connection before the commit, is tried again a bounded number of times, so `work` must not have
 * effects outside the database.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { Durations } from "@sumus/runtime";
import { ConnectionLostError, type SqlDriver, SqlError, type Transaction } from "./sql.ts";

/** Tries of one transaction before its failure is the caller's. */
const TRIES_MAX = 10;

/** The first pause between tries; each further one may be twice as long, half of it by chance. */
const PAUSE_MS_FIRST = 4;

/** SQLSTATEs of a transaction that lost a race: serialization failure, deadlock. */
const RACE_CODES: ReadonlySet<string> = new Set(["40001", "40P01"]);

/** What happened under one transaction name since the store was opened. */
export interface TransactionMetrics {
  /** Transactions that were committed. */
  readonly committedCount: number;
  /** Transactions that were given up. */
  readonly failedCount: number;
  /** Tries beyond the first. */
  readonly retryCount: number;
}

export interface Store {
  /** Whether other processes may work on the same database at the same time. */
  readonly isShared: boolean;

  /** CPU time so far of a database inside this process, in milliseconds; absent for a server. */
  embeddedCpuMs?(): number;

  /**
   * Runs `work` in one transaction. When the promise resolves, all of its writes survive the death
   * of this process; when it rejects, none of them happened.
   *
   * @param name what the transaction is for, for metrics: a constant, never data
   * @throws {SqlError} when the database refuses a statement, or after too many lost races
   * @throws {StoreFullError} when its disk is full; nothing happened
   * @throws {ConnectionLostError} when the server stays away; nothing happened
   * @throws {CommitUnknownError} when the server went away during COMMIT: repeat only what is
   *   idempotent by its keys. Never thrown by an embedded database
   * @throws whatever `work` throws, after rolling back
   */
  transaction<T>(name: string, work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /** Per transaction name. */
  metrics(): ReadonlyMap<string, TransactionMetrics>;

  /** How long transactions took by `name`: all tries, the pauses, and waiting for the database. */
  readonly durations: Durations;

  /** Waits for running transactions, then lets the database go. Later calls are refused. */
  close(): Promise<void>;
}

/** Named, retried and counted transactions over `driver`. */
export function createStore(driver: SqlDriver): Store {
  const metrics = new Map<string, TransactionMetrics>();
  const durations = new Durations();
  const running = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;
  const run = async <T>(name: string, work: Work<T>): Promise<T> => {
    const startMs = performance.now();
    const end = (committed: boolean, attempt: number): void => {
      count(metrics, name, { committed, attempt });
      durations.observe({ name }, (performance.now() - startMs) / 1000);
    };
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await driver.transaction((transaction) => guard(transaction, work));
        end(true, attempt);
        return result;
      } catch (error) {
        if (isRepeatable(error) && attempt < TRIES_MAX) {
          await pause(PAUSE_MS_FIRST * 2 ** (attempt - 1));
          continue;
        }
        end(false, attempt);
        throw error;
      }
    }
  };
  const close = async (): Promise<void> => {
    await Promise.allSettled(running);
    await driver.close();
  };
  return {
    isShared: driver.isShared,
    ...(driver.embeddedCpuMs !== undefined && { embeddedCpuMs: driver.embeddedCpuMs }),
    async transaction(name, work) {
      assert(closing === undefined, `the store was closed before transaction "${name}"`);
      const outcome = run(name, work);
      running.add(outcome);
      try {
        return await outcome;
      } finally {
        running.delete(outcome);
      }
    },
    metrics: () => metrics,
    durations,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

type Work<T> = (transaction: Transaction) => Promise<T>;

/**
 * Holds `work` to the rules of {@link Transaction}: a failed statement ends the transaction also
 * when `work` goes on as if nothing had happened, since COMMIT would silently roll back; and no
 * statement runs after the end, where it would be in nobody's transaction or another's.
 */
async function guard<T>(transaction: Transaction, work: Work<T>): Promise<T> {
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  try {
    const result = await work({
      async query(sql, parameters) {
        assert(!isOver, "a statement runs before its transaction ends");
        try {
          return await transaction.query(sql, parameters);
        } catch (error) {
          failure ??= { error };
          throw error;
        }
      },
    });
    if (failure !== undefined) throw failure.error;
    return result;
  } finally {
    isOver = true;
  }
}

/** Nothing of the transaction happened, and the next try may fare better. */
function isRepeatable(error: unknown): boolean {
  if (error instanceof ConnectionLostError) return true;
  return error instanceof SqlError && RACE_CODES.has(error.code);
}

function count(
  metrics: Map<string, TransactionMetrics>,
  name: string,
  outcome: { committed: boolean; attempt: number },
): void {
  const before = metrics.get(name);
  metrics.set(name, {
    committedCount: (before?.committedCount ?? 0) + (outcome.committed ? 1 : 0),
    failedCount: (before?.failedCount ?? 0) + (outcome.committed ? 0 : 1),
    retryCount: (before?.retryCount ?? 0) + outcome.attempt - 1,
  });
}

/** Chance spreads the tries of racing replicas; it decides nothing else. */
function pause(msMax: number): Promise<void> {
  const ms = msMax * (0.5 + Math.random() / 2);
  return new Promise((resolve) => setTimeout(resolve, ms));
}
