/** Reading a manifest from a file, with its problems shown where they are. */

import { readFile } from "node:fs/promises";
import { type Problem, parseStudy, type Study } from "@sumus/study";
import { CliError } from "../cli-error.ts";
import type { Output } from "../terminal/output.ts";
import { formatLocated } from "../terminal/source-line.ts";

/** A manifest that is a study, and what its author should know. */
export interface StudyFile {
  readonly study: Study;
  readonly source: string;
  readonly warnings: readonly Problem[];
}

/** The text of a file; a CliError says why there is none. */
export async function readSource(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "";
    if (code === "ENOENT") {
      throw new CliError(`No study: there is no file ${file}.`, "Check the path.");
    }
    if (code === "EISDIR") {
      throw new CliError(`No study: ${file} is a folder.`, "Name the manifest in it.");
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`Cannot read ${file}: ${reason}`, "Check its permissions.");
  }
}

/** Throws a CliError after all problems were said, each with its line and remedy. */
export async function readStudyFile(file: string, output: Output): Promise<StudyFile> {
  const source = await readSource(file);
  const reading = parseStudy(source);
  if (reading.ok) return { study: reading.study, source, warnings: reading.warnings };
  for (const problem of reading.problems) output.say(`${formatProblemIn(file, source, problem)}\n`);
  const count = reading.problems.length;
  throw new CliError(
    `${file} is no study yet: ${count} ${count === 1 ? "problem" : "problems"}.`,
    "",
  );
}

/** A problem with the key it belongs to, its line and a caret. */
export function formatProblemIn(file: string, source: string, problem: Problem): string {
  const message = problem.path === "" ? problem.message : `${problem.path}: ${problem.message}`;
  return formatLocated(file, source, { ...problem, message });
}
