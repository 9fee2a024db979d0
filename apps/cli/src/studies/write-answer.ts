import { writeFile } from "node:fs/promises";
import { CliError } from "../cli-error.ts";

/** Writes a page or an export of an answer. @throws {CliError} */
export async function writeAnswer(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = "The answer is not lost: run the command again with another file.";
    throw new CliError(`Cannot write ${file}: ${reason}`, remedy);
  }
}
