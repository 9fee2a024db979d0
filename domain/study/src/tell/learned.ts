import { checkStudy } from "../check/check-study.ts";
import { aggregateVdaf } from "../lower/aggregate-vdaf.ts";
import { lowerStudy } from "../lower/lower-study.ts";
import type { ReleaseMeasure } from "../release/estimate-study.ts";
import type { Study } from "../study.ts";

/** What happened to a study's reports, task by task, as its leader tells everybody. */
export interface TaskCourse {
  readonly accepted: number;
  /** Reports by DAP's name of the reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** What one party learned from a study that was answered: in figures, and in a sentence of them. */
export type Learned = { readonly learned: string } & (
  | ({ readonly party: "leader" } & ReportsSeen & {
        /** Bytes that arrived, of all people together, at least. */
        readonly bytes: number;
        /** How finely a report says when it was made; null of a draft, which has no window. */
        readonly secondsOfTime: number | null;
        /** Those that uploads come from. */
        readonly addressesSeen: true;
      })
  | ({ readonly party: "helper" } & ReportsSeen & { readonly addressesSeen: false })
  | {
      readonly party: "leader and helper together";
      /** Contributions that both halves are of: readable, had they broken their word. */
      readonly contributions: number;
    }
  | {
      readonly party: "collector";
      readonly tasks: number;
      /** Numbers of all sums, each with the noise of both nodes. */
      readonly sums: number;
    }
  | {
      readonly party: "commissioner";
      readonly people: number;
      readonly numbers: number;
      readonly suppressed: number;
      readonly epsilon: number;
      readonly delta: number;
      readonly rho: number;
    }
  | { readonly party: "everybody"; readonly people: number; readonly refused: number }
);

interface ReportsSeen {
  readonly accepted: number;
  readonly refused: number;
  readonly refusals: Readonly<Record<string, number>>;
}

/**
 * What each party learned, true to what happened.
 *
 * @param course of each task, in their order
 * @param people who were counted in every task
 */
export function learnedFrom(
  study: Study,
  course: readonly TaskCourse[],
  people: number,
  measures: readonly ReleaseMeasure[],
): readonly Learned[] {
  const seen = reportsSeen(course);
  const { tasks, rho } = lowerStudy(study);
  const { privacy, window } = study;
  const bytes = bytesOf(study, course);
  const sums = tasks.reduce((sum, task) => sum + aggregateVdaf(task).outputLength, 0);
  const suppressed = measures.filter((measure) => measure.suppressed).length;
  const secondsOfTime = window === null ? null : window.closes - window.opens;
  return [
    {
      party: "leader",
      ...seen,
      bytes,
      secondsOfTime,
      addressesSeen: true,
      learned:
        `${reportsOf(seen)}, at least ${count(bytes)} bytes; from which address each came, and when ` +
        "(the report itself names no more than the window); one half of every contribution, which " +
        "is random numbers",
    },
    {
      party: "helper",
      ...seen,
      addressesSeen: false,
      learned:
        "the other half of what the leader passed on, without an address; its half of every sum, " +
        "which is random numbers",
    },
    {
      party: "leader and helper together",
      contributions: people,
      learned:
        `all ${count(people)} contributions, if they broke their word and put their halves together, ` +
        "which no other can see; else nothing",
    },
    {
      party: "collector",
      tasks: tasks.length,
      sums,
      learned:
        `with its key, of ${count(sums)} sums both shares, each with the noise of its node; no ` +
        "contribution",
    },
    {
      party: "commissioner",
      people,
      numbers: measures.length,
      suppressed,
      epsilon: privacy.epsilon,
      delta: privacy.delta,
      rho,
      learned:
        `that ${count(people)} people took part, and ${count(measures.length)} numbers with noise, ` +
        `${count(suppressed)} of them too uncertain to say`,
    },
    {
      party: "everybody",
      people,
      refused: seen.refused,
      learned:
        `the question, that ${count(people)} people took part and ${count(seen.refused)} reports ` +
        "were refused, while it was open; then what the commissioner publishes",
    },
  ];
}

function reportsSeen(course: readonly TaskCourse[]): ReportsSeen {
  const refusals: Record<string, number> = {};
  for (const { refused } of course) {
    for (const [reason, reports] of Object.entries(refused)) {
      refusals[reason] = (refusals[reason] ?? 0) + reports;
    }
  }
  return {
    accepted: course.reduce((sum, { accepted }) => sum + accepted, 0),
    refused: Object.values(refusals).reduce((sum, reports) => sum + reports, 0),
    refusals,
  };
}

function bytesOf(study: Study, course: readonly TaskCourse[]): number {
  const { tasks } = checkStudy(study);
  return tasks.reduce((sum, { index, reportBytes }) => {
    return sum + reportBytes * (course[index]?.accepted ?? 0);
  }, 0);
}

function reportsOf({ accepted, refused, refusals }: ReportsSeen): string {
  const reasons = Object.entries(refusals).map(
    ([reason, reports]) => `${reason} ${count(reports)}`,
  );
  const why = reasons.length === 0 ? "" : ` (${reasons.join(", ")})`;
  return `${count(accepted)} reports that were counted and ${count(refused)} that were refused${why}`;
}

function count(value: number): string {
  return value.toLocaleString("en");
}
