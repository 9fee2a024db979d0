/** All answers as one table [RFC 4180]: a line a number, CRLF, quotes where needed. */

import type { ExportAnswer } from "./areas.ts";

const HEADER = ["study", "measure", "group", "bin", "estimate", "low", "high", "suppressed"];
const POPULATION = ["sampling_low", "sampling_high", "sampling_basis", "total_low", "total_high"];
const TRUTHS = ["truth", "truth_all"];

function field(value: string | number | boolean | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A line a number. Suppressed numbers have empty estimates: nothing may sum what is too uncertain to
 * say. The truths have columns where there are some.
 */
export function answersCsv(answers: readonly ExportAnswer[]): string {
  const hasTruths = answers.some(({ measures }) => measures.some((m) => m.truth !== undefined));
  const lines = answers.flatMap(({ title, measures }) =>
    measures.map((measure) => {
      const released = (value: number | null): number | null => (measure.suppressed ? null : value);
      return [
        title,
        measure.name,
        measure.group === null ? null : Object.values(measure.group).join("; "),
        measure.bin,
        released(measure.estimate),
        released(measure.low),
        released(measure.high),
        measure.suppressed,
        measure.sampling?.low ?? null,
        measure.sampling?.high ?? null,
        measure.sampling?.basis ?? null,
        measure.total?.low ?? null,
        measure.total?.high ?? null,
        ...(hasTruths ? [measure.truth ?? null, measure.truthAll ?? null] : []),
      ];
    }),
  );
  const header = [...HEADER, ...POPULATION, ...(hasTruths ? TRUTHS : [])];
  return [header, ...lines].map((line) => `${line.map(field).join(",")}\r\n`).join("");
}
