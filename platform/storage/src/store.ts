/**
 * The store: named transactions over one database. A transaction that loses a race is tried again
 * a bounded number of times, so `work` must not have effects outside the database.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { type SqlDriver, SqlError, type Transaction } from "./sql.ts";

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
  /** Time in all tries together, waiting for the database included. */
  readonly durationMs: number;
}

export interface Store {
  /**
   * Runs `work` in one transaction. When the promise resolves, all of its writes survive the death
   * of this process; when it rejects, none of them happened.
   *
   * @param name what the transaction is for, for metrics: a constant, never data
   * @throws {SqlError} when the database refuses a statement, or after too many lost races
   * @throws whatever `work` throws, after rolling back
   */
  transaction<T>(name: string, work: (transaction: Transaction) => Promise<T>): Promise<T>;

  /** Per transaction name. */
  metrics(): ReadonlyMap<string, TransactionMetrics>;

  /** Waits for running transactions, then lets the database go. Later calls are refused. */
  close(): Promise<void>;
}

/** Named, retried and counted transactions over `driver`. */
export function createStore(driver: SqlDriver): Store {
  const metrics = new Map<string, TransactionMetrics>();
  let closing: Promise<void> | undefined;
  return {
    async transaction(name, work) {
      assert(closing === undefined, `the store was closed before transaction "${name}"`);
      const startMs = performance.now();
      for (let attempt = 1; ; attempt++) {
        try {
          const result = await driver.transaction(work);
          count(metrics, name, { committed: true, attempt, startMs });
          return result;
        } catch (error) {
          const lostRace = error instanceof SqlError && RACE_CODES.has(error.code);
          if (lostRace && attempt < TRIES_MAX) {
            await pause(PAUSE_MS_FIRST * 2 ** (attempt - 1));
            continue;
          }
          count(metrics, name, { committed: false, attempt, startMs });
          throw error;
        }
      }
    },
    metrics: () => metrics,
    close() {
      closing ??= driver.close();
      return closing;
    },
  };
}

function count(
  metrics: Map<string, TransactionMetrics>,
  name: string,
  outcome: { committed: boolean; attempt: number; startMs: number },
): void {
  const before = metrics.get(name);
  metrics.set(name, {
    committedCount: (before?.committedCount ?? 0) + (outcome.committed ? 1 : 0),
    failedCount: (before?.failedCount ?? 0) + (outcome.committed ? 0 : 1),
    retryCount: (before?.retryCount ?? 0) + outcome.attempt - 1,
    durationMs: (before?.durationMs ?? 0) + performance.now() - outcome.startMs,
  });
}

/** Chance spreads the tries of racing replicas; it decides nothing else. */
function pause(msMax: number): Promise<void> {
  const ms = msMax * (0.5 + Math.random() / 2);
  return new Promise((resolve) => setTimeout(resolve, ms));
}
