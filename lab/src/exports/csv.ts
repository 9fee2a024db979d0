/** All answers as one table [RFC 4180]: a line a number, CRLF, quotes where needed. */

import type { LabResult } from "../result.ts";

const HEADER = [
  "study",
  "measure",
  "group",
  "bin",
  "estimate",
  "low",
  "high",
  "suppressed",
  "truth",
  "truth_all",
];

function field(value: string | number | boolean | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Suppressed numbers have empty estimates: nothing may sum what is too uncertain to say. */
export function answersCsv(result: LabResult): string {
  const lines = result.studies.flatMap((study) =>
    study.measures.map((measure) => {
      const released = (value: number | null): number | null => (measure.suppressed ? null : value);
      return [
        study.title,
        measure.name,
        measure.group === null ? null : Object.values(measure.group).join("; "),
        measure.bin,
        released(measure.estimate),
        released(measure.low),
        released(measure.high),
        measure.suppressed,
        measure.truth,
        measure.truthAll,
      ];
    }),
  );
  return [HEADER, ...lines].map((line) => `${line.map(field).join(",")}\r\n`).join("");
}
