/**
 * A study on disk, and the files beside it: `sleep.yaml` is what its author wrote, `sleep.json` the
 * study as it was opened, and `sleep.collector-key` the private key that opens its answer.
 */
import { access, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { encodeBase64url } from "@sumus/bytes";
import { formatTimestamp } from "@sumus/document";
import {
  type CompleteStudy,
  canonicalStudy,
  completeSeries,
  gapsOf,
  type Study,
  type StudyCompletion,
  StudyError,
} from "@sumus/study";
import { CliError } from "../cli-error.ts";
import { readStudyFile } from "../commands/study-file.ts";
import { besideTask, createCollectorKey, findCollectorKey } from "../tasks/task-file.ts";
import type { Output } from "../terminal/output.ts";

const WINDOW_SECONDS = 7 * 86_400;

/** What is given beside a manifest that leaves it open. */
export interface Given {
  readonly commissioner?: string;
  readonly leader?: string;
  readonly helper?: string;
  readonly population?: string;
  /** Seconds since 1970. */
  readonly opens?: number;
  readonly closes?: number;
}

/** A study ready to be opened. */
export interface OpenableStudy {
  /** What the file holds: the study itself, or the series of which there are several. */
  readonly study: Study;
  /** One that is asked once, or all occurrences. */
  readonly occurrences: readonly CompleteStudy[];
  /** The file to share. */
  readonly shared: string;
  /** Files with secrets that were made now. */
  readonly made: readonly string[];
}

/**
 * Completes a manifest, or finds what it was completed to before: who repeats the command means the
 * same study, with the same window.
 */
export async function prepareStudy(
  path: string,
  given: Given,
  { output, nowSeconds }: { readonly output: Output; readonly nowSeconds: number },
): Promise<OpenableStudy> {
  const { study: draft } = await readStudyFile(path, output);
  const prepared = await findOrComplete(path, draft, completionOf(given, nowSeconds), output);
  requireGiven(prepared, given);
  if (prepared.isNew) {
    const plain: unknown = JSON.parse(canonicalStudy(prepared.study));
    await writeFile(prepared.shared, `${JSON.stringify(plain, null, 2)}\n`);
  }
  return prepared;
}

async function findOrComplete(
  path: string,
  draft: Study,
  completion: Completion,
  output: Output,
): Promise<OpenableStudy & { readonly isNew: boolean }> {
  const shared = besideTask(path, "json");
  if (gapsOf(draft).length === 0) {
    return { ...completeOrSay(path, draft, {}), shared: path, made: [], isNew: false };
  }
  if (resolve(shared) !== resolve(path) && (await exists(shared))) {
    const { study: opened } = await readStudyFile(shared, output);
    const known = sameStudy({ path, shared }, draft, opened);
    return { ...known, shared, made: [], isNew: false };
  }
  const { collector, made } = await collectorOf(path, draft, completion);
  const filled = completeOrSay(path, draft, { ...completion, ...(collector && { collector }) });
  return { ...filled, shared, made, isNew: true };
}

type Completion = Omit<StudyCompletion, "collector">;

function completionOf(
  { opens: givenOpens, closes: givenCloses, ...rest }: Given,
  nowSeconds: number,
): Completion {
  const opens = givenOpens ?? nowSeconds;
  return { ...rest, window: { opens, closes: givenCloses ?? opens + WINDOW_SECONDS } };
}

/** What the study says itself stays: whoever gives something else has to be told. */
function requireGiven({ study, shared }: OpenableStudy, given: Given): void {
  const { commissioner, combine, privacy, window } = study;
  const { leader, helper } = combine;
  const said = { commissioner, leader, helper, population: privacy.population, ...window };
  for (const [name, value] of Object.entries(given)) {
    const is = said[name as keyof Given];
    if (value === is) continue;
    const words = typeof is === "number" ? formatTimestamp(is) : is;
    const remedy = `Leave --${name} out, or copy the manifest to a new name and change it there.`;
    throw new CliError(
      `The study has another ${name} than was given: ${words}, in ${shared}.`,
      remedy,
    );
  }
}

/** A study that was opened: the file itself when it is complete, else the one beside it. */
export async function readOpenedStudies(
  path: string,
  output: Output,
): Promise<Pick<OpenableStudy, "study" | "occurrences">> {
  const { study: read } = await readStudyFile(path, output);
  if (gapsOf(read).length === 0) return completeOrSay(path, read, {});
  const shared = besideTask(path, "json");
  if (resolve(shared) === resolve(path) || !(await exists(shared))) {
    const remedy = "Open it with sumus study open, or name the .json file that this wrote.";
    throw new CliError(`${path} was not opened yet: it leaves things to fill in.`, remedy);
  }
  const { study } = await readStudyFile(shared, output);
  return sameStudy({ path, shared }, read, study);
}

/**
 * The one that was opened, or the occurrence that is meant.
 *
 * @throws {CliError} when it is asked again and nobody said which is meant
 */
export async function readOpenedStudy(
  path: string,
  output: Output,
  occurrence?: number,
): Promise<CompleteStudy> {
  const { occurrences } = await readOpenedStudies(path, output);
  const chosen = chooseOccurrences(path, occurrences, occurrence);
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return only;
  const nowSeconds = Date.now() / 1000;
  const closed = chosen.filter(({ window }) => window.closes <= nowSeconds).length;
  const every = only?.recurrence?.every ?? "occurrence";
  throw new CliError(
    `${path} is asked again: ${closed} of ${chosen.length} ${every}s have closed.`,
    `Name one with --occurrence, 1 to ${chosen.length}; sumus study status shows all.`,
  );
}

/** All, or the one that is meant. @throws {CliError} when there is no such one */
export function chooseOccurrences(
  path: string,
  occurrences: readonly CompleteStudy[],
  occurrence: number | undefined,
): readonly CompleteStudy[] {
  if (occurrence === undefined) return occurrences;
  const chosen = occurrences.filter((study) => study.recurrence?.occurrence === occurrence);
  if (chosen.length > 0) return chosen;
  throw new CliError(`${path} has no occurrence ${occurrence}.`, "sumus study status shows all.");
}

/** The collector's public key, of a pair that is made unless it lies there already. */
async function collectorOf(
  path: string,
  draft: Study,
  completion: Completion,
): Promise<{ readonly collector?: string; readonly made: readonly string[] }> {
  if (draft.combine.collector !== null) return { made: [] };
  // A key is made once everything else is there: a manifest with gaps leaves nothing behind.
  const anyKey = encodeBase64url(new Uint8Array(32).fill(9));
  completeOrSay(path, draft, { ...completion, collector: anyKey });
  const file = besideTask(path, "collector-key");
  const found = await findCollectorKey(file);
  const { publicKey } = found ?? (await createCollectorKey(file));
  return {
    collector: encodeBase64url(publicKey.bytes),
    made: found === undefined ? [file] : [],
  };
}

/** @throws {CliError} when the manifest was changed since */
function sameStudy(
  { path, shared }: { readonly path: string; readonly shared: string },
  draft: Study,
  opened: Study,
): Pick<OpenableStudy, "study" | "occurrences"> {
  const { commissioner, combine, privacy, window } = opened;
  const before: StudyCompletion = {
    ...(commissioner !== null && { commissioner }),
    ...(combine.leader !== null && { leader: combine.leader }),
    ...(combine.helper !== null && { helper: combine.helper }),
    ...(combine.collector !== null && { collector: combine.collector }),
    ...(privacy.population !== null && { population: privacy.population }),
    ...(window !== null && { window }),
  };
  const completed = completeOrSay(path, draft, before);
  if (canonicalStudy(completed.study) === canonicalStudy(opened)) return completed;
  throw new CliError(
    `${shared} is another study than ${path} says now: a changed question is a new study.`,
    `Copy ${path} to a new name for it, or remove ${shared} if it was never opened.`,
  );
}

function completeOrSay(
  path: string,
  draft: Study,
  completion: StudyCompletion,
): Pick<OpenableStudy, "study" | "occurrences"> {
  try {
    const { series, occurrences } = completeSeries(draft, completion);
    return { study: series, occurrences };
  } catch (error) {
    if (!(error instanceof StudyError)) throw error;
    const lines = error.problems.map(({ message }) => `  ${message}`);
    throw new CliError(
      [`${path} cannot be opened as it is:`, ...lines].join("\n"),
      "Write it into the manifest, or give it as an option: sumus study open --help.",
    );
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
