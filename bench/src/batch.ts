/**
 * A node's verification of a whole aggregation job, decryption included: in the main thread, on one
 * worker thread, on two. Settings take turns, so that a slow second of a shared machine meets all.
 * Speed is by the clock, since cores are what workers are for; cost is CPU time of all threads; and
 * `blocked` is how long the main thread kept its network and store waiting at worst.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createVerifier, type Verifier } from "@sumus/aggregator";
import { leaderInitJob } from "@sumus/dap";
import { decodeAggregationJobInitReq, decodeReport } from "@sumus/dap/messages";
import { createParties } from "@sumus/dap/testing";
import { createLogger } from "@sumus/runtime";
import type { Bench } from "./bench.ts";
import { median } from "./cpu-speed.ts";
import { formatNumber } from "./table.ts";

const BUCKETS = 256;
const WORKER_COUNTS: readonly number[] = [0, 1, 2];
const WHOLE = { reports: 2000, rounds: 7 };
const QUICK = { reports: 300, rounds: 3 };
const NANOSECONDS_PER_MILLISECOND = 1e6;

interface BatchRow {
  readonly bench: "batch";
  readonly case: string;
  readonly role: "leader" | "helper";
  /** 0: the main thread verifies. */
  readonly workers: number;
  readonly reports: number;
  /** By the clock. */
  readonly reportsPerSecond: number;
  /** Of all threads. */
  readonly cpuMsPerReport: number;
  /** The longest wait of the main thread's other work. */
  readonly blockedMsMax: number;
}

type Sample = Pick<BatchRow, "reportsPerSecond" | "cpuMsPerReport" | "blockedMsMax">;

export const batchBench: Bench<BatchRow> = {
  name: "batch",
  summary: "a node's verification of many reports with 0, 1 and 2 worker threads",
  columns: [
    { title: "case", width: 16, text: (row) => row.case },
    { title: "role", width: 6, text: (row) => row.role },
    { title: "workers", width: 7, text: (row) => String(row.workers) },
    { title: "reports/s", width: 10, text: (row) => formatNumber(row.reportsPerSecond) },
    { title: "CPU ms/report", width: 13, text: (row) => formatNumber(row.cpuMsPerReport) },
    { title: "blocked, ms", width: 11, text: (row) => formatNumber(row.blockedMsMax) },
  ],
  async *measure({ quick }) {
    const { reports, rounds } = quick ? QUICK : WHOLE;
    const log = createLogger({ level: "warn", write: (line) => process.stderr.write(`${line}\n`) });
    const verifiers = WORKER_COUNTS.map((count) => createVerifier(count, log));
    try {
      for (const { role, verify } of jobsOf(reports)) {
        const samples: Sample[][] = verifiers.map(() => []);
        for (const verifier of verifiers) await verify(verifier);
        for (let round = 0; round < rounds; round++) {
          for (const [index, verifier] of verifiers.entries()) {
            samples[index]?.push(await sample(() => verify(verifier), reports));
          }
        }
        for (const [index, workers] of WORKER_COUNTS.entries()) {
          yield batchRow({ role, workers, reports }, samples[index] ?? []);
        }
      }
    } finally {
      for (const verifier of verifiers) await verifier.close();
    }
  },
};

interface Job {
  readonly role: "leader" | "helper";
  readonly verify: (verifier: Verifier) => Promise<readonly { readonly ok: boolean }[]>;
}

/** Both nodes' part in the same reports. */
function jobsOf(count: number): Job[] {
  const parties = createParties({ kind: "histogram", length: BUCKETS });
  const { leader, helper } = parties;
  const reports = Array.from({ length: count }, (_, index) =>
    decodeReport(parties.report(index % BUCKETS)),
  );
  const { request } = leaderInitJob(leader, reports);
  const { verifyInits } = decodeAggregationJobInitReq(request);
  return [
    { role: "leader", verify: (verifier) => verifier.leader(leader, reports) },
    { role: "helper", verify: (verifier) => verifier.helper(helper, verifyInits) },
  ];
}

async function sample(verify: () => ReturnType<Job["verify"]>, reports: number): Promise<Sample> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  const outcomes = await verify();
  const milliseconds = performance.now() - before;
  const { user, system } = process.cpuUsage(cpuBefore);
  await new Promise((resolve) => setTimeout(resolve, 2));
  delay.disable();
  if (!outcomes.every(({ ok }) => ok)) throw new Error("expected honest reports to be verified");
  return {
    reportsPerSecond: (reports / milliseconds) * 1000,
    cpuMsPerReport: (user + system) / 1000 / reports,
    blockedMsMax: delay.max / NANOSECONDS_PER_MILLISECOND,
  };
}

function batchRow(
  names: Pick<BatchRow, "role" | "workers" | "reports">,
  samples: readonly Sample[],
): BatchRow {
  const middle = (field: keyof Sample): number =>
    Number(median(samples.map((each) => each[field])).toPrecision(4));
  return {
    bench: "batch",
    case: `Histogram(${BUCKETS})`,
    ...names,
    reportsPerSecond: middle("reportsPerSecond"),
    cpuMsPerReport: middle("cpuMsPerReport"),
    blockedMsMax: middle("blockedMsMax"),
  };
}
