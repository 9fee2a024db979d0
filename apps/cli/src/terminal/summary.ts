/** A run of the lab in a terminal: what became of everybody, then the numbers. */

import { styleText } from "node:util";
import { type LabMeasure, type LabResult, type LabStudyResult, LEVEL_KINDS } from "@sumus/lab";
import { formatTable } from "./table.ts";

/** Numbers of one study that are shown; the rest is in the report and in the JSON. */
const MEASURES_SHOWN = 24;

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function figure(value: number | null, kind: string | undefined): string {
  if (value === null) return "-";
  return LEVEL_KINDS.has(kind ?? "") ? value.toFixed(2) : count(value);
}

function formatMeasure(study: LabStudyResult, measure: LabMeasure): string[] {
  const kind = study.measureKinds[measure.name];
  const where = [...Object.values(measure.group ?? {}), measure.bin ?? ""].filter(Boolean);
  const answer = measure.suppressed
    ? ["too uncertain to say", ""]
    : [
        figure(measure.estimate, kind),
        `${figure(measure.low, kind)} to ${figure(measure.high, kind)}`,
      ];
  return [
    measure.name,
    where.join(", "),
    ...answer,
    figure(measure.truth, kind),
    figure(measure.truthAll, kind),
  ];
}

function formatStudy(study: LabStudyResult): string {
  const title = styleText("bold", study.title);
  const people = [
    `${count(study.accepted)} counted of ${count(study.invited)} invited`,
    `${count(study.denied)} said no`,
    `${count(study.dropped)} dropped out`,
    `${count(study.rejected)} of ${count(study.liars)} liars refused`,
    ...(study.notAsked > 0 ? [`${count(study.notAsked)} were not asked any more`] : []),
    ...study.failures.map(({ reason, people }) => `${count(people)} could not answer (${reason})`),
  ].join(", ");
  const silent =
    study.silent === null
      ? ""
      : `\nthe map failed on the rows of ${count(study.silent.people)}, who count as absent: ` +
        study.silent.reason;
  const head = `${title}  (epsilon ${study.epsilon})\n${people}${silent}`;
  if (study.state !== "answered") {
    return `${head}\n${styleText("yellow", "No answer")}: ${study.reason ?? ""}`;
  }
  const columns = [
    { title: "measure", align: "left" },
    { title: "who", align: "left" },
    { title: "estimate", align: "right" },
    { title: "95 % interval", align: "right" },
    { title: "truth", align: "right" },
    { title: "of all", align: "right" },
  ] as const;
  // The largest first when they do not all fit: a map has hundreds of empty cells.
  const shown =
    study.measures.length <= MEASURES_SHOWN
      ? study.measures
      : study.measures
          .toSorted((a, b) => (b.estimate ?? -Infinity) - (a.estimate ?? -Infinity))
          .slice(0, MEASURES_SHOWN);
  const table = formatTable(
    columns,
    shown.map((measure) => formatMeasure(study, measure)),
  );
  const left = study.measures.length - shown.length;
  return `${head}\n${table}${left > 0 ? `\n… and ${count(left)} more` : ""}`;
}

/** All studies, then what it took. */
export function formatSummary(result: LabResult): string {
  const cost = [
    `${result.seconds.toFixed(1)} s`,
    `${result.cpuMsPerPerson.toFixed(1)} ms of CPU a contribution`,
    `${count(result.bytesPerPerson)} bytes a contribution`,
    `seed ${result.seed}`,
  ].join(", ");
  return [...result.studies.map(formatStudy), cost].join("\n\n");
}
