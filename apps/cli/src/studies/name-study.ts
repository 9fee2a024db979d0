/** Which study is meant: by its file, or by its id and a node. */

import { decodeHex, encodeHex } from "@sumus/bytes";
import { type CompleteStudy, studyId } from "@sumus/study";
import { CliError } from "../cli-error.ts";
import type { Output } from "../terminal/output.ts";
import { readOpenedStudy } from "./study-documents.ts";

/** Of a file nobody would think so. */
export function isStudyId(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

interface NamedStudy {
  readonly id: Uint8Array;
  /** Lower-case hex. */
  readonly name: string;
  /** The node to ask. */
  readonly node: string;
  /** Undefined when only the id was given. */
  readonly study: CompleteStudy | undefined;
}

/** @param node an address that was given; otherwise the leader that the file names is asked */
export async function nameStudy(
  name: string,
  node: string | undefined,
  output: Output,
): Promise<NamedStudy> {
  if (isStudyId(name)) {
    if (node !== undefined) return { id: decodeHex(name), name, node, study: undefined };
    throw new CliError(
      "An id says nothing about where the study is.",
      "Name the leader with --leader.",
    );
  }
  const study = await readOpenedStudy(name, output);
  const id = studyId(study);
  return { id, name: encodeHex(id), node: node ?? study.combine.leader, study };
}
