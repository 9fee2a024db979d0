/**
 * Crashes between any two writes, for tests of services: the state a dead process leaves behind is
 * exactly what its committed transactions wrote.
 *
 * @module
 */
import type { Store } from "./store.ts";

/** What callers of a crashed store see; the process that they stand for is gone. */
export class CrashError extends Error {
  override readonly name = "CrashError";
}

/** When a process dies: around the next transaction of this name. */
export interface CrashPlan {
  readonly name: string;
  /** Before it happens, or after it happened and before anybody hears of it. */
  readonly when: "before" | "after";
}

/**
 * A view of `store` that dies as planned. From then on every transaction is refused. The store
 * itself stays open, for the process that comes after.
 */
export function crashingStore(
  store: Store,
  plan: CrashPlan,
): Store & { readonly crashed: Promise<void> } {
  let dead = false;
  const { promise: crashed, resolve } = Promise.withResolvers<void>();
  const die = (): never => {
    dead = true;
    resolve();
    throw new CrashError("the process crashed");
  };
  return {
    isShared: store.isShared,
    crashed,
    async transaction(name, work) {
      if (dead) throw new CrashError("the process crashed");
      const isLast = name === plan.name;
      if (isLast && plan.when === "before") die();
      if (isLast) dead = true;
      const result = await store.transaction(name, work);
      if (isLast) die();
      return result;
    },
    metrics: () => store.metrics(),
    durations: store.durations,
    close: () => Promise.resolve(),
  };
}
