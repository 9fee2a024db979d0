/** Which study is meant: by its file, or by its id and a node. */

import { decodeHex, encodeHex } from "@sumus/bytes";
import { type CompleteStudy, studyId } from "@sumus/study";
import { CliError } from "../cli-error.ts";
import type { Output } from "../terminal/output.ts";
import { chooseOccurrences, readOpenedStudies } from "./study-documents.ts";

/** Of a file nobody would think so. */
export function isStudyId(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

export interface NamedStudy {
  readonly id: Uint8Array;
  /** Lower-case hex. */
  readonly name: string;
  /** The node to ask. */
  readonly node: string;
  /** Undefined when only the id was given. */
  readonly study: CompleteStudy | undefined;
}

/**
 * One, or all occurrences of a study that is asked again.
 *
 * @param node an address that was given; otherwise the leader that the file names is asked
 * @param occurrence the only one that is meant
 */
export async function nameStudies(
  name: string,
  node: string | undefined,
  output: Output,
  occurrence?: number,
): Promise<readonly NamedStudy[]> {
  if (isStudyId(name)) {
    if (node !== undefined) return [{ id: decodeHex(name), name, node, study: undefined }];
    throw new CliError(
      "An id says nothing about where the study is.",
      "Name the leader with --leader.",
    );
  }
  const { occurrences } = await readOpenedStudies(name, output);
  return chooseOccurrences(name, occurrences, occurrence).map((study) => {
    const id = studyId(study);
    return { id, name: encodeHex(id), node: node ?? study.combine.leader, study };
  });
}
