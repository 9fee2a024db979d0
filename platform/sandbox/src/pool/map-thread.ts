/** What a thread of maps and its pool say to each other, and the thread's side of it. */
import type { MapLanguage, MapOutcome, MapRequest } from "../map-run.ts";
import { createSandbox, type Sandbox } from "../sandbox.ts";

/** To a thread: one map. It answers in order. */
export interface MapOrder {
  readonly id: number;
  readonly request: MapRequest;
}

/**
 * From a thread: that it loads a language (which takes its time, whatever the map), that it begins
 * with a map, and what became of one.
 */
export type MapNews =
  | { readonly kind: "loading" }
  | { readonly kind: "running" }
  | {
      readonly kind: "done";
      readonly id: number;
      readonly outcome: MapOutcome;
      /** CPU time of the thread for maps so far; null where the platform does not tell. */
      readonly cpuMs: number | null;
    };

/** A thread, as its pool sees it. */
export interface MapThread {
  send(order: MapOrder): void;
  /** Whether the process should live on for it. */
  hold(busy: boolean): void;
  /** Ends it, whatever it does. */
  kill(): void;
}

/** Starts a thread; `onEnd` is called once, when it ended by itself. */
export type StartThread = (
  onNews: (news: MapNews) => void,
  onEnd: (cause: unknown) => void,
) => MapThread;

/**
 * @param report tells the pool
 * @param cpuMs CPU time of this thread so far; null where the platform does not tell
 * @returns takes an order
 */
export function serveMaps(
  report: (news: MapNews) => void,
  cpuMs: () => number | null,
): (order: MapOrder) => void {
  const sandboxes = new Map<MapLanguage, Sandbox>();
  /** What was spent on anything but maps. */
  let otherMs = cpuMs() ?? 0;
  const handle = async ({ id, request }: MapOrder): Promise<void> => {
    let sandbox = sandboxes.get(request.language);
    if (sandbox === undefined) {
      report({ kind: "loading" });
      const before = cpuMs() ?? 0;
      sandbox = await createSandbox({ languages: [request.language] });
      sandboxes.set(request.language, sandbox);
      otherMs += (cpuMs() ?? 0) - before;
      report({ kind: "running" });
    }
    const outcome = sandbox.run(request);
    // In sum, for the system's count of a thread is some milliseconds behind: a run has no figure.
    const spentMs = cpuMs();
    report({ kind: "done", id, outcome, cpuMs: spentMs === null ? null : spentMs - otherMs });
  };
  let last: Promise<void> = Promise.resolve();
  return (order) => {
    // One after the other, loading included. What a sandbox throws is a fault of ours: it ends the
    // thread, and the pool says so.
    last = last.then(() => handle(order));
  };
}
