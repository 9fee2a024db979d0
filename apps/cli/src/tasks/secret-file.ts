/** Secrets of one person: in files that only he may read, or in the environment; never in arguments. */

import { readFile, writeFile } from "node:fs/promises";
import { Secret } from "@sumus/bytes";
import { CliError } from "../cli-error.ts";

const SECRET_CHARACTERS_MAX = 4096;

/** The text in a file, without the line break at its end; undefined when there is no file. */
export async function findSecret(file: string): Promise<Secret<string> | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`Cannot read ${file}: ${reason}`, "Check the path and its permissions.");
  }
  const secret = text.trimEnd();
  if (secret.length > 0 && secret.length <= SECRET_CHARACTERS_MAX) return new Secret(secret);
  throw new CliError(`${file} holds no secret: it is empty or too long.`, "Name another file.");
}

/** Writes a secret that only its owner may read; a file that is there already stays. */
export async function writeSecret(file: string, secret: Secret<string>): Promise<void> {
  try {
    await writeFile(file, `${secret.reveal()}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`Cannot write ${file}: ${reason}`, "Give a folder that you may write to.");
  }
}

/** A bearer token: of a file when one is named, else of the environment; undefined when of neither. */
export async function findToken(
  file: string | undefined,
  variable: string,
): Promise<Secret<string> | undefined> {
  if (file !== undefined) {
    const token = await findSecret(file);
    if (token !== undefined) return asToken(token, file);
    throw new CliError(`There is no file ${file}.`, "Name the file that holds the token.");
  }
  const value = process.env[variable];
  return value === undefined ? undefined : asToken(new Secret(value), variable);
}

/** What can stand in a header: anything else would be an error somewhere far from here. */
function asToken(token: Secret<string>, source: string): Secret<string> {
  if (/^[\x21-\x7e]+$/.test(token.reveal())) return token;
  throw new CliError(
    `${source} holds no token: expected printable ASCII without spaces.`,
    "Give the token that the node was configured with.",
  );
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
