/**
 * The aggregators as people run them: nodes as processes over real stores, clients as processes
 * that make real reports and upload each in a request of its own. A row is one run: uploads while the
 * helper stands still, so that only durability is measured, then everything until the last report is
 * in both nodes' sums. CPU time is the kernel's, of every process with all its threads.
 */
import { COUNT, HISTOGRAM, SUM, type TaskCase } from "./aggregator/bench-task.ts";
import type { BenchStore } from "./aggregator/deployment.ts";
import { type MakingSpeed, measureMaking, PEER_CLIENT } from "./aggregator/report-making.ts";
import { type RunOptions, type RunResult, runOnce } from "./aggregator/run.ts";
import type { Bench, BenchOptions } from "./bench.ts";
import { formatNumber } from "./table.ts";

interface AggregatorRow {
  readonly bench: "aggregator";
  readonly case: string;
  /** Null where no node takes part, like all else that does not apply. */
  readonly store: BenchStore | null;
  readonly reports: number | null;
  /** Processes of each role. */
  readonly replicas: number | null;
  /** Durable when answered, one report a request. */
  readonly uploadsPerSecond: number | null;
  /** From the first upload until the last report is in both sums; of a client, reports made. */
  readonly reportsPerSecond: number;
  readonly cpuMsPerReport: {
    /** Making the report and sending it. */
    readonly client: number;
    readonly leader: number | null;
    readonly helper: number | null;
    /** Null when it is inside the nodes' processes. */
    readonly database: number | null;
  };
  /** Of the node that took most, at its peak. */
  readonly rssMb: number | null;
}

const CASES: readonly TaskCase[] = [COUNT, SUM, HISTOGRAM];
const WARM_UP_REPORTS = 2000;
const WHOLE_SIZES: Readonly<Record<BenchStore, readonly number[]>> = {
  pglite: [1000, 10_000],
  postgres: [1000, 10_000, 100_000],
};
/** An embedded database belongs to one process. */
const WHOLE_REPLICAS: Readonly<Record<BenchStore, readonly number[]>> = {
  pglite: [1],
  postgres: [1, 2],
};
const QUICK_REPORTS = 1000;

export const aggregatorBench: Bench<AggregatorRow> = {
  name: "aggregator",
  summary: "uploads, reports and CPU time of leader, helper, clients and database",
  columns: [
    { title: "case", width: 32, text: (row) => row.case },
    { title: "store", width: 8, text: (row) => row.store ?? "" },
    { title: "reports", width: 8, text: (row) => formatOptional(row.reports) },
    { title: "replicas", width: 8, text: (row) => formatOptional(row.replicas) },
    { title: "uploads/s", width: 9, text: (row) => formatOptional(row.uploadsPerSecond) },
    { title: "reports/s", width: 9, text: (row) => formatNumber(row.reportsPerSecond) },
    ...(["client", "leader", "helper", "database"] as const).map((who) => ({
      title: `${who}, ms`,
      width: 12,
      text: (row: AggregatorRow) => formatOptional(row.cpuMsPerReport[who]),
    })),
    { title: "all, ms", width: 8, text: (row) => formatNumber(totalCpuMs(row)) },
    { title: "RSS, MB", width: 7, text: (row) => formatOptional(row.rssMb) },
  ],
  async *measure(options) {
    for await (const speed of measureMaking(options.quick)) yield* makingRows(speed);
    for (const run of plan(options)) {
      const result = await runOnce(run);
      const row = runRow(run, result);
      memoryOf.set(row, result.rssMb);
      yield row;
    }
  },
  conclude: (rows) => ({
    sound: true,
    notes: [...makingNotes(rows), ...flatnessNotes(rows)],
    appendix: { rssMbOverTime: memorySeries(rows) },
  }),
};

/** A sample each quarter of a second, which is more than a row has room for. */
const memoryOf = new WeakMap<AggregatorRow, readonly number[]>();

function memorySeries(rows: readonly AggregatorRow[]): object[] {
  return rows.flatMap((row) => {
    const rssMb = memoryOf.get(row);
    const { case: name, store, reports, replicas } = row;
    return rssMb === undefined ? [] : [{ case: name, store, reports, replicas, rssMb }];
  });
}

function plan({ quick }: BenchOptions): RunOptions[] {
  const runs: RunOptions[] = [];
  for (const taskCase of CASES) {
    for (const store of ["pglite", "postgres"] as const) {
      for (const replicas of quick ? [1] : WHOLE_REPLICAS[store]) {
        for (const reports of quick ? [QUICK_REPORTS] : WHOLE_SIZES[store]) {
          const warmUpReports = quick ? QUICK_REPORTS / 2 : WARM_UP_REPORTS;
          runs.push({ taskCase, store, replicas, reports, warmUpReports });
        }
      }
    }
  }
  return runs;
}

function runRow(
  { taskCase, store, reports, replicas }: RunOptions,
  result: RunResult,
): AggregatorRow {
  const each = (cpuMs: number): number => round(cpuMs / reports);
  const { makingCpuMs, uploadingCpuMs, cpuMs } = result;
  return {
    bench: "aggregator",
    case: taskCase.name,
    store,
    reports,
    replicas,
    uploadsPerSecond: round(result.uploadsPerSecond),
    reportsPerSecond: round(result.reportsPerSecond),
    cpuMsPerReport: {
      client: each(makingCpuMs + uploadingCpuMs),
      leader: each(cpuMs.leader),
      helper: each(cpuMs.helper),
      database: cpuMs.database === null ? null : each(cpuMs.database),
    },
    rssMb: Math.max(...result.rssMb),
  };
}

const OWN_MAKING = "make ";
const PEER_MAKING = `${PEER_CLIENT} `;

function makingRows(speed: MakingSpeed): AggregatorRow[] {
  const row = (name: string, cpuMs: number): AggregatorRow => ({
    bench: "aggregator",
    case: name + speed.case,
    store: null,
    reports: null,
    replicas: null,
    uploadsPerSecond: null,
    reportsPerSecond: round(1000 / cpuMs),
    cpuMsPerReport: { client: round(cpuMs), leader: null, helper: null, database: null },
    rssMb: null,
  });
  return [row(OWN_MAKING, speed.cpuMsPerReport), row(PEER_MAKING, speed.peerCpuMsPerReport)];
}

function makingNotes(rows: readonly AggregatorRow[]): string[] {
  return rows.flatMap((row) => {
    if (!row.case.startsWith(OWN_MAKING)) return [];
    const name = row.case.slice(OWN_MAKING.length);
    const peer = rows.find((other) => other.case === PEER_MAKING + name);
    if (peer === undefined) return [];
    const ratio = formatNumber(peer.cpuMsPerReport.client / row.cpuMsPerReport.client);
    return [`${name}: ${PEER_CLIENT} needs ${ratio} times the CPU time to make a report.`];
  });
}

/** How the largest run compares with the one before it: cost and memory ought not to grow. */
function flatnessNotes(rows: readonly AggregatorRow[]): string[] {
  const notes: string[] = [];
  for (const [index, row] of rows.entries()) {
    const before = rows[index - 1];
    if (before === undefined || row.reports === null || before.reports === null) continue;
    if (row.reports <= before.reports) continue;
    const { store, replicas } = row;
    const cost = formatNumber(totalCpuMs(row) / totalCpuMs(before));
    const memory = formatNumber((row.rssMb ?? 0) / (before.rssMb ?? 1));
    notes.push(
      `${row.case}, ${store}, replicas ${replicas}: ${formatNumber(row.reports)} reports against ` +
        `${formatNumber(before.reports)}: ${cost} of the CPU time a report, ${memory} of the memory.`,
    );
  }
  return notes;
}

function totalCpuMs({
  cpuMsPerReport: { client, leader, helper, database },
}: AggregatorRow): number {
  return client + (leader ?? 0) + (helper ?? 0) + (database ?? 0);
}

function formatOptional(value: number | null): string {
  return value === null ? "" : formatNumber(value);
}

/** Three digits: more would be noise. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
