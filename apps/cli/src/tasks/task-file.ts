/**
 * A task document on disk, and the files that lie beside it: `walks.yaml` has its collector's private
 * key in `walks.collector-key`, and what is shared with others in `walks.json`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, parse, resolve } from "node:path";
import { decodeBase64url, encodeBase64url, Secret } from "@sumus/bytes";
import { cryptoRandomBytes, type HpkeKeyPair, hpkeImportKeyPair, hpkeSuite } from "@sumus/crypto";
import type { DapTask } from "@sumus/dap";
import {
  canonicalTask,
  completeTask,
  dapTaskOf,
  parseTask,
  type TaskDocument,
  type TaskDraft,
  type TaskFiles,
} from "@sumus/task";
import { CliError } from "../cli-error.ts";
import { formatProblemIn } from "../commands/study-file.ts";
import type { Output } from "../terminal/output.ts";
import { findSecret, writeSecret } from "./secret-file.ts";

/** X25519, HKDF-SHA256, AES-128-GCM: what a collector's key in a task is for. */
const SUITE = hpkeSuite(0x20, 1, 1);
const KEY_BYTES = 32;

export interface TaskFile {
  readonly draft: TaskDraft;
  readonly path: string;
  readonly source: string;
}

/** Reads a document; all its problems are said, each with its line. */
export async function readTaskFile(
  path: string,
  output: Output,
  options: { readonly warn: boolean },
): Promise<TaskFile> {
  let source: string;
  try {
    source = await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`Cannot read the task ${path}: ${reason}`, "Check the path.");
  }
  const reading = parseTask(source);
  if (reading.ok) {
    for (const warning of options.warn ? reading.warnings : []) {
      output.say(`note: ${formatProblemIn(path, source, warning)}\n`);
    }
    return { draft: reading.draft, path, source };
  }
  for (const problem of reading.problems) output.say(`${formatProblemIn(path, source, problem)}\n`);
  const count = reading.problems.length;
  throw new CliError(`${path} is no task: ${count} ${count === 1 ? "problem" : "problems"}.`, "");
}

/** A file beside the document: `walks.yaml` and `collector-key` are `walks.collector-key`. */
export function besideTask(path: string, suffix: string): string {
  return join(dirname(path), `${parse(path).name}.${suffix}`);
}

/** A path that a document names, which is meant from where the document is. */
export function fromTask(path: string, named: string): string {
  return resolve(dirname(path), named);
}

/** The collector's key beside a document; undefined when somebody else has it. */
export async function findCollectorKey(file: string): Promise<HpkeKeyPair | undefined> {
  const secret = await findSecret(file);
  if (secret === undefined) return undefined;
  try {
    const key = decodeBase64url(secret.reveal());
    if (key.length === KEY_BYTES) return hpkeImportKeyPair(SUITE, key);
  } catch (error) {
    // A RangeError: not base64url. The message would quote the key.
    if (!(error instanceof RangeError)) throw error;
  }
  throw new CliError(
    `${file} holds no collector's key: expected ${KEY_BYTES} bytes in base64url.`,
    "Name the file that sumus task create wrote.",
  );
}

/** Makes the collector's key, and keeps its private half where only its owner reads it. */
export async function createCollectorKey(file: string): Promise<HpkeKeyPair> {
  const key = cryptoRandomBytes(KEY_BYTES);
  await writeSecret(file, new Secret(encodeBase64url(key)));
  return hpkeImportKeyPair(SUITE, key);
}

/** Keeps a document as it is shared: canonical in content, in lines for people. */
export async function writeSharedTask(file: string, document: TaskDocument): Promise<void> {
  const plain: unknown = JSON.parse(canonicalTask(document));
  await writeFile(file, `${JSON.stringify(plain, null, 2)}\n`);
}

/** A document that a task was created by, and the task. */
export interface KnownTask {
  readonly document: TaskDocument;
  readonly task: DapTask;
  readonly files: TaskFiles;
  readonly path: string;
}

/** For clients and collectors: the document as it is shared, or its draft with the key beside it. */
export async function readKnownTask(path: string, output: Output): Promise<KnownTask> {
  // Whoever created the task was warned.
  const { draft } = await readTaskFile(path, output, { warn: false });
  const key =
    draft.collector === null
      ? await findCollectorKey(besideTask(path, "collector-key"))
      : undefined;
  if (draft.collector === null && key === undefined) {
    throw new CliError(
      `${path} was not created yet: it names no collector's key, and none lies beside it.`,
      "Create it with sumus task create, or name the .json file that this wrote.",
    );
  }
  const document = completeTask(draft, key && encodeBase64url(key.publicKey.bytes));
  return { document, task: dapTaskOf(document), files: draft.files, path };
}
