/**
 * Does the time of what handles secrets depend on them? A t-test in the manner of dudect, see
 * `timing/cropped-test.ts`; SECURITY.md tells results and limits. A suspect is tested once more with
 * fresh samples, and differs when it is suspect again on the same side.
 */
import type { Bench, Conclusion } from "./bench.ts";
import { formatNumber } from "./table.ts";
import { controlSubjects } from "./timing/controls.ts";
import { T_MAX, type Verdict } from "./timing/cropped-test.ts";
import { runExperiment } from "./timing/experiment.ts";
import { hpkeSubjects } from "./timing/hpke-subjects.ts";
import { kernelSubjects } from "./timing/kernel-subjects.ts";
import { noiseSubjects } from "./timing/noise-subjects.ts";
import { poplar1Subjects } from "./timing/poplar1-subjects.ts";
import { prio3Subjects } from "./timing/prio3-subjects.ts";
import type { Subject, SubjectKind } from "./timing/subject.ts";

const WHOLE_MILLISECONDS = 8_000;
const QUICK_MILLISECONDS = 600;

export interface TimingRow {
  readonly bench: "timing";
  readonly case: string;
  readonly kind: SubjectKind;
  /** What the secret is in either class. */
  readonly classes: readonly [string, string];
  readonly samples: number;
  /** Medians of either class. */
  readonly nanoseconds: readonly [number, number];
  /** What difference would have been seen, in nanoseconds. */
  readonly detectable: number;
  /** Welch's t, positive when the first class is slower. */
  readonly t: number;
  /** The same from fresh samples; only where `t` is beyond the threshold. */
  readonly tAgain?: number;
  readonly threshold: number;
  /** Whether both are beyond the threshold, on the same side. */
  readonly differs: boolean;
}

export const timingBench: Bench<TimingRow> = {
  name: "timing",
  summary: "does time depend on secrets? a t-test of every path that handles them",
  columns: [
    { title: "case", width: 46, text: (row) => row.case },
    { title: "classes", width: 34, text: (row) => row.classes.join(" | ") },
    { title: "samples", width: 9, text: (row) => formatNumber(row.samples) },
    { title: "ns", width: 8, text: (row) => formatNumber(row.nanoseconds[0]) },
    { title: "ns", width: 8, text: (row) => formatNumber(row.nanoseconds[1]) },
    { title: "seen from", width: 9, text: (row) => `${formatNumber(row.detectable)} ns` },
    { title: "t", width: 8, text: (row) => row.t.toFixed(2) },
    { title: "t again", width: 8, text: (row) => row.tAgain?.toFixed(2) ?? "" },
    { title: "verdict", width: 24, text: (row) => verdictOf(row) },
  ],
  async *measure({ quick }) {
    for (const subject of subjects()) {
      const run = (): Verdict =>
        runExperiment(subject, quick ? QUICK_MILLISECONDS : WHOLE_MILLISECONDS);
      const verdict = run();
      yield timingRow(subject, verdict, isSuspect(verdict) ? run() : undefined);
    }
  },
  conclude,
};

/** @param again the experiment repeated, when the first verdict was suspect */
export function timingRow(subject: Subject, verdict: Verdict, again?: Verdict): TimingRow {
  const [first, second] = verdict.nanoseconds;
  return {
    bench: "timing",
    case: subject.name,
    kind: subject.kind,
    classes: subject.classes,
    samples: verdict.samples,
    nanoseconds: [Math.round(first), Math.round(second)],
    detectable: Number(verdict.detectable.toPrecision(2)),
    t: Number(verdict.t.toFixed(2)),
    ...(again && { tAgain: Number(again.t.toFixed(2)) }),
    threshold: T_MAX,
    differs: again !== undefined && isSuspect(again) && again.t > 0 === verdict.t > 0,
  };
}

function isSuspect({ t }: Verdict): boolean {
  return Math.abs(t) > T_MAX;
}

/** Sound when the controls came out as they must and no path shows a difference. */
export function conclude(rows: readonly TimingRow[]): Conclusion {
  const broken = rows.filter(({ kind, differs }) =>
    kind === "positive control" ? !differs : kind === "null control" && differs,
  );
  const leaking = rows.filter(({ kind, differs }) => kind === "path" && differs);
  const notes = [
    ...broken.map((row) => `control failed, trust no verdict of this run: ${row.case}`),
    ...leaking.map((row) => `time depends on the secret: ${row.case} (t = ${row.t})`),
  ];
  return { sound: notes.length === 0, notes };
}

function* subjects(): Iterable<Subject> {
  yield* controlSubjects();
  yield* kernelSubjects();
  yield* prio3Subjects();
  yield* poplar1Subjects();
  yield* hpkeSubjects();
  yield* noiseSubjects();
}

function verdictOf({ kind, differs }: TimingRow): string {
  if (kind === "limit") return differs ? "differs, known limit" : "no difference seen";
  if (kind === "positive control") return differs ? "detected" : "CONTROL FAILED";
  if (kind === "null control") return differs ? "CONTROL FAILED" : "no difference seen";
  return differs ? "DIFFERS" : "no difference seen";
}
