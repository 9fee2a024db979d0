/** A run of the lab in a terminal: what became of everybody, then the numbers. */

import { styleText } from "node:util";
import type { LabMeasure, LabResult, LabStudyResult } from "@sumus/lab";
import { formatReleased } from "./released.ts";

function count(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function formatStudy(study: LabStudyResult): string {
  const title = styleText("bold", study.title);
  const people = [
    `${count(study.accepted)} counted of ${count(study.invited)} invited`,
    `${count(study.denied)} said no`,
    `${count(study.dropped)} dropped out`,
    `${count(study.rejected)} of ${count(study.liars)} liars refused`,
    ...(study.notEligible > 0 ? [`${count(study.notEligible)} were not eligible`] : []),
    ...(study.notAsked > 0 ? [`${count(study.notAsked)} were not asked any more`] : []),
    ...study.failures.map(({ reason, people }) => `${count(people)} could not answer (${reason})`),
  ].join(", ");
  const silent =
    study.silent === null
      ? ""
      : `\nthe map failed on the rows of ${count(study.silent.people)}, who count as absent: ` +
        study.silent.reason;
  const simulated = study.simulated === null ? "" : `\nSimulated: ${study.simulated}`;
  const head = `${title}  (epsilon ${study.epsilon})${simulated}\n${people}${silent}`;
  if (study.state !== "answered") {
    return `${head}\n${styleText("yellow", "No answer")}: ${study.reason ?? ""}`;
  }
  const table = formatReleased(study.measures, study.measureKinds, [
    { title: "truth", of: ({ truth }: LabMeasure) => truth },
    { title: "of all", of: ({ truthAll }: LabMeasure) => truthAll },
  ]);
  return `${head}\n${table}`;
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
