import { describeError, type Logger } from "@sumus/runtime";

/** How often a worker without work looks again, for jobs that become due by the clock. */
const LOOK_MS = 500;

/** Steps that wait aside; beyond that they keep their workers. */
const ASIDE_MAX = 64;

/** A worker's pause after an error that its step did not expect. */
const ERROR_PAUSE_MS = 1000;

export interface JobLoop {
  /** There is new work: idle workers look at once. */
  wake(): void;
  /**
   * Waits for somebody else in the middle of a step: meanwhile another worker takes this one's place.
   */
  aside<T>(waiting: Promise<T>): Promise<T>;
  /** Lets running steps finish and starts no more. */
  stop(): Promise<void>;
}

/**
 * Runs `step` over and over in several workers, so that one computes while another waits for the
 * store. No error ends the loop: every step is safe to repeat.
 *
 * @param step one unit of work; resolves to false when there was none
 */
export function startJobLoop(
  step: () => Promise<boolean>,
  options: { readonly workerCount: number; readonly log: Logger },
): JobLoop {
  let stopped = false;
  let wakeUps = 0;
  let asideCount = 0;
  /** Workers that are not aside. */
  let presentCount = 0;
  const workers = new Set<Promise<void>>();
  const sleepers = new Set<() => void>();
  const wake = (): void => {
    wakeUps++;
    for (const sleeper of sleepers) sleeper();
  };
  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const rise = (): void => {
        clearTimeout(timer);
        sleepers.delete(rise);
        resolve();
      };
      const timer = setTimeout(rise, ms);
      sleepers.add(rise);
    });
  const work = async (): Promise<void> => {
    // Too many are present when one came back from aside: the first that is free goes.
    while (!stopped && presentCount <= options.workerCount) {
      const wakeUpsBefore = wakeUps;
      try {
        if (await step()) continue;
        // Work that came while the step was looking must not wait for the next look.
        if (wakeUps === wakeUpsBefore && !stopped) await sleep(LOOK_MS);
      } catch (error) {
        options.log.error("a job step failed; it will be repeated", { why: describeError(error) });
        if (!stopped) await sleep(ERROR_PAUSE_MS);
      }
    }
    presentCount--;
  };
  const fill = (): void => {
    while (!stopped && presentCount < options.workerCount) {
      presentCount++;
      const worker: Promise<void> = work().finally(() => workers.delete(worker));
      workers.add(worker);
    }
  };
  fill();
  return {
    wake,
    async aside(waiting) {
      if (asideCount >= ASIDE_MAX) return await waiting;
      asideCount++;
      presentCount--;
      fill();
      try {
        return await waiting;
      } finally {
        asideCount--;
        presentCount++;
      }
    },
    async stop() {
      stopped = true;
      wake();
      await Promise.all(workers);
    },
  };
}
