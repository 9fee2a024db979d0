import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's root, without a slash at the end. */
export const ROOT: string = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

/** A file of the repository as text. */
export function readRepositoryFile(path: string): string {
  return readFileSync(`${ROOT}/${path}`, "utf8");
}
