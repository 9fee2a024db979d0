/**
 * A study on disk, and the files beside it: `sleep.yaml` is what its author wrote, `sleep.json` the
 * study as it was opened, and `sleep.collector-key` the private key that opens its answer.
 */
import { access, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { encodeBase64url } from "@sumus/bytes";
import {
  type CompleteStudy,
  canonicalStudy,
  completeStudy,
  gapsOf,
  type Study,
  type StudyCompletion,
  StudyError,
} from "@sumus/study";
import { CliError } from "../cli-error.ts";
import { readStudyFile } from "../commands/study-file.ts";
import { besideTask, createCollectorKey, findCollectorKey } from "../tasks/task-file.ts";
import type { Output } from "../terminal/output.ts";

/** What may be given beside a manifest that leaves it open. */
export type Completion = Omit<StudyCompletion, "collector">;

/** A study ready to be opened. */
export interface OpenableStudy {
  readonly study: CompleteStudy;
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
  completion: Completion,
  output: Output,
): Promise<OpenableStudy> {
  const { study: draft } = await readStudyFile(path, output);
  const shared = besideTask(path, "json");
  if (gapsOf(draft).length === 0)
    return { study: completeOrSay(path, draft, {}), shared: path, made: [] };
  if (resolve(shared) !== resolve(path) && (await exists(shared))) {
    const { study } = await readStudyFile(shared, output);
    return { study: sameStudy({ path, shared }, draft, study, completion), shared, made: [] };
  }
  const { collector, made } = await collectorOf(path, draft, completion);
  const study = completeOrSay(path, draft, { ...completion, ...(collector && { collector }) });
  const plain: unknown = JSON.parse(canonicalStudy(study));
  await writeFile(shared, `${JSON.stringify(plain, null, 2)}\n`);
  return { study, shared, made };
}

/** A study that was opened: the file itself when it is complete, else the one beside it. */
export async function readOpenedStudy(path: string, output: Output): Promise<CompleteStudy> {
  const { study: read } = await readStudyFile(path, output);
  if (gapsOf(read).length === 0) return completeOrSay(path, read, {});
  const shared = besideTask(path, "json");
  if (resolve(shared) === resolve(path) || !(await exists(shared))) {
    const remedy = "Open it with sumus study open, or name the .json file that this wrote.";
    throw new CliError(`${path} was not opened yet: it leaves things to fill in.`, remedy);
  }
  const { study } = await readStudyFile(shared, output);
  return sameStudy({ path, shared }, read, study, {});
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

/** @throws {CliError} when the manifest was changed, or other things are given than before */
function sameStudy(
  { path, shared }: { readonly path: string; readonly shared: string },
  draft: Study,
  opened: Study,
  completion: Completion,
): CompleteStudy {
  const { commissioner, combine, privacy, window } = opened;
  const before: StudyCompletion = {
    ...(commissioner !== null && { commissioner }),
    ...(combine.leader !== null && { leader: combine.leader }),
    ...(combine.helper !== null && { helper: combine.helper }),
    ...(combine.collector !== null && { collector: combine.collector }),
    ...(privacy.population !== null && { population: privacy.population }),
    ...(window !== null && { window }),
  };
  const { window: _, ...given } = completion;
  const study = completeOrSay(path, draft, { ...before, ...given });
  if (canonicalStudy(study) === canonicalStudy(opened)) return study;
  throw new CliError(
    `${shared} is another study than ${path} says now: a changed question is a new study.`,
    `Copy ${path} to a new name for it, or remove ${shared} if it was never opened.`,
  );
}

function completeOrSay(path: string, draft: Study, completion: StudyCompletion): CompleteStudy {
  try {
    return completeStudy(draft, completion);
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
