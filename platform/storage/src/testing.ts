/**
 * Crashes between any two writes, for tests of services: the state a dead process leaves behind is
 * exactly what its committed transactions wrote.
 *
 * @module
 */
import { CommitUnknownError, ConnectionLostError, type Transaction } from "./sql.ts";
import type { Store } from "./store.ts";

/** What callers of a crashed store see; the process that they stand for is gone. */
export class CrashError extends Error {
  override readonly name = "CrashError";
}

/** What happens to the next transaction of a name, once. */
export interface StoreFault {
  /** Absent: whatever transaction comes next. */
  readonly name?: string;
  /**
   * - `before`: the process dies, and the transaction never begins;
   * - a number: it dies after so many statements, or else when all are done and COMMIT is not: none
   *   of them happened;
   * - `after`: it dies when the transaction happened, and before anybody hears of it;
   * - `doubt, done` and `doubt, undone`: the connection breaks during COMMIT and the process lives on
   *   without knowing which of the two it was.
   */
  readonly when: "before" | number | "after" | "doubt, done" | "doubt, undone";
}

export interface FaultyStore extends Store {
  /** Resolves when the process dies. */
  readonly crashed: Promise<void>;
  /** From now on a transaction that fits meets this fault, instead of one that was planned before. */
  plan(fault: StoreFault): void;
}

/**
 * A view of `store` that fails as planned. Of a dead process every transaction is refused. The store
 * itself stays open, for the process that comes after.
 */
export function faultyStore(store: Store): FaultyStore {
  let planned: StoreFault | undefined;
  let dead = false;
  const { promise: crashed, resolve } = Promise.withResolvers<void>();
  const die = (): never => {
    dead = true;
    resolve();
    throw new CrashError("the process crashed");
  };
  const takeFault = (name: string): StoreFault | undefined => {
    if (planned === undefined || (planned.name !== undefined && planned.name !== name)) return;
    const fault = planned;
    planned = undefined;
    return fault;
  };
  return {
    isShared: store.isShared,
    crashed,
    plan(fault) {
      planned = fault;
    },
    async transaction(name, work) {
      if (dead) throw new CrashError("the process crashed");
      const when = takeFault(name)?.when;
      if (when === undefined) return await store.transaction(name, work);
      if (when === "before") return die();
      if (typeof when === "number") return await store.transaction(name, dieAfter(when, work, die));
      if (when === "doubt, undone") return await store.transaction(name, breakOff(work));
      if (when === "doubt, done") {
        await store.transaction(name, work);
        return breakOffNow();
      }
      dead = true;
      // Also when the transaction failed by itself.
      await store.transaction(name, work).finally(resolve);
      return die();
    },
    metrics: () => store.metrics(),
    durations: store.durations,
    close: () => Promise.resolve(),
  };
}

type Work<T> = (transaction: Transaction) => Promise<T>;

/** The database rolls back what the dead had begun. */
function dieAfter<T>(statementCount: number, work: Work<T>, die: () => never): Work<T> {
  return async (transaction) => {
    let count = 0;
    await work({
      query: (sql, parameters) =>
        count++ < statementCount ? transaction.query(sql, parameters) : die(),
    });
    return die();
  };
}

function breakOff<T>(work: Work<T>): Work<T> {
  return async (transaction) => {
    await work(transaction);
    return breakOffNow();
  };
}

function breakOffNow(): never {
  throw new CommitUnknownError(new ConnectionLostError("as a test wished"));
}
