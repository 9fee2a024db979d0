/**
 * Where reports are verified: in this thread, between requests, or on worker threads. Outcomes are
 * the same either way, and whatever happens to a worker: what none of them brings back is computed
 * here.
 *
 * @module
 */
import {
  type Aggregator,
  type HelperOutcome,
  helperInitStep,
  type InitStep,
  type LeaderInitOutcome,
  leaderInitStep,
} from "@sumus/dap";
import type { Report, VerifyInit } from "@sumus/dap/messages";
import { describeError, type Logger, WorkerPool, WorkerPoolError } from "@sumus/runtime";
import type { AggregatorRole } from "./config.ts";
import { VERIFICATION_QUEUE_MAX, VERIFICATION_REPORTS_MAX } from "./limits.ts";
import { mapInLanes, takeInSlices } from "./slices.ts";
import { takeApart, type VerificationJob, type VerificationResult } from "./verification-job.ts";

export interface Verifier {
  /** The leader's first step for each report, in order. */
  leader(aggregator: Aggregator, reports: readonly Report[]): Promise<LeaderInitOutcome[]>;
  /** The helper's verification of each report, in order. */
  helper(aggregator: Aggregator, verifyInits: readonly VerifyInit[]): Promise<HelperOutcome[]>;
  /** Slices of reports that wait for a worker. */
  readonly queueLength: number;
  /** Finishes what is running. */
  close(): Promise<void>;
}

/** Computes an outcome for each item, in order. */
type Verify = <Item, Outcome>(
  role: AggregatorRole,
  step: InitStep<Item, Outcome>,
  aggregator: Aggregator,
  items: readonly Item[],
) => Promise<Outcome[]>;

const WORKER = new URL("./verification-worker.ts", import.meta.url);

/**
 * @param workerCount threads that verify; with 0 this one does
 * @param module what the threads run, for tests of threads that die
 */
export function createVerifier(workerCount: number, log: Logger, module: URL = WORKER): Verifier {
  const here = verifyHere(log);
  if (workerCount === 0)
    return verifierOf(here, { queueLength: 0, close: () => Promise.resolve() });
  const pool = new WorkerPool<VerificationJob, VerificationResult>({
    module,
    workerCount,
    queueMax: VERIFICATION_QUEUE_MAX,
  });
  return verifierOf(verifyOn(pool, { workerCount, here, log }), pool);
}

function verifierOf(verify: Verify, workers: Pick<Verifier, "queueLength" | "close">): Verifier {
  return {
    leader: (aggregator, reports) => verify("leader", leaderInitStep, aggregator, reports),
    helper: (aggregator, inits) => verify("helper", helperInitStep, aggregator, inits),
    get queueLength() {
      return workers.queueLength;
    },
    close: () => workers.close(),
  };
}

function verifyHere(log: Logger): Verify {
  return (_, step, aggregator, items) =>
    takeInSlices(step.verify(aggregator, items, (error) => tellTrouble(log, describeError(error))));
}

function verifyOn(
  pool: WorkerPool<VerificationJob, VerificationResult>,
  options: { readonly workerCount: number; readonly here: Verify; readonly log: Logger },
): Verify {
  const { workerCount, here, log } = options;
  return async <Item, Outcome>(
    role: AggregatorRole,
    step: InitStep<Item, Outcome>,
    aggregator: Aggregator,
    items: readonly Item[],
  ) => {
    const parts = takeApart(aggregator);
    const verifySlice = async (slice: readonly Item[]): Promise<Outcome[]> => {
      try {
        const { outcomes, unexpected } = await pool.run(() => {
          const encoded = step.encodeItems(slice);
          const message = { role, aggregator: parts, items: encoded };
          return { message, transfer: [encoded.buffer] };
        });
        for (const trouble of unexpected) tellTrouble(log, trouble);
        return step.decodeOutcomes(aggregator, slice, outcomes);
      } catch (error) {
        if (!(error instanceof WorkerPoolError)) throw error;
        if (error.code === "queueFull" || error.code === "closed") throw error;
        log.error("workers failed; their reports are verified here", { why: describeError(error) });
        return here(role, step, aggregator, slice);
      }
    };
    // One lane more than workers: the next slice waits at the door while they compute.
    return (await mapInLanes(slicesOf(items), workerCount + 1, verifySlice)).flat();
  };
}

function slicesOf<Item>(items: readonly Item[]): (readonly Item[])[] {
  const count = Math.ceil(items.length / VERIFICATION_REPORTS_MAX);
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * VERIFICATION_REPORTS_MAX, (index + 1) * VERIFICATION_REPORTS_MAX),
  );
}

function tellTrouble(log: Logger, why: string): void {
  log.error("a report made verification fail; it is dropped, the others go on", { why });
}
