/** What two operators of one task share, and nobody else: by the files that its document names. */

import { decodeBase64url, encodeBase64url, Secret } from "@sumus/bytes";
import type { TaskSecrets } from "@sumus/client";
import { cryptoRandomBytes } from "@sumus/crypto";
import type { DapTask } from "@sumus/dap";
import type { TaskFiles } from "@sumus/task";
import { CliError } from "../cli-error.ts";
import { findSecret, writeSecret } from "./secret-file.ts";
import { fromTask } from "./task-file.ts";

const TOKEN_BYTES = 32;

export interface TaskSecretFiles {
  readonly secrets: TaskSecrets;
  /** Files that did not exist and were made. */
  readonly made: readonly string[];
}

/**
 * Reads the secrets of a task, and makes those that do not exist yet.
 *
 * @param path of the document, from which its files are meant
 */
export async function readTaskSecrets(
  { peer, collectorTokenFile }: TaskFiles,
  path: string,
  task: DapTask,
): Promise<TaskSecretFiles> {
  const made: string[] = [];
  const read = async (named: string, bytes: number): Promise<Secret<string>> => {
    const file = fromTask(path, named);
    const found = await findSecret(file);
    if (found !== undefined) return found;
    const secret = new Secret(encodeBase64url(cryptoRandomBytes(bytes)));
    await writeSecret(file, secret);
    made.push(file);
    return secret;
  };
  const secrets: TaskSecrets = {
    ...(peer && {
      peer: {
        verifyKey: decodeKey(
          await read(peer.verifyKeyFile, task.vdaf.verifyKeySize),
          peer.verifyKeyFile,
          task.vdaf.verifyKeySize,
        ),
        token: await read(peer.tokenFile, TOKEN_BYTES),
      },
    }),
    ...(collectorTokenFile !== null && {
      collectorToken: await read(collectorTokenFile, TOKEN_BYTES),
    }),
  };
  return { secrets, made };
}

function decodeKey(text: Secret<string>, file: string, size: number): Secret<Uint8Array> {
  try {
    const key = decodeBase64url(text.reveal());
    if (key.length === size) return new Secret(key);
  } catch (error) {
    // A RangeError: not base64url. The message would quote the key.
    if (!(error instanceof RangeError)) throw error;
  }
  throw new CliError(
    `${file} holds no verification key: expected ${size} bytes in base64url.`,
    "Give the key that both operators agreed on.",
  );
}
