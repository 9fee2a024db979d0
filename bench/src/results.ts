/**
 * Results to cite: rows with the machine, the commit and the day, one file a bench and day in
 * `bench/results`. A tree with changes that no commit holds is recorded as such.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../results");
const DATE_LENGTH = "2026-01-31".length;

interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

export interface Result {
  readonly machine: Machine;
  /** The commit's hash, and `-dirty` behind it when files differ from it. */
  readonly commit: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  /** What the bench adds to its rows. */
  readonly appendix?: Readonly<Record<string, unknown>> | undefined;
  /** The run is not at its end, or did not come to it. */
  readonly isPartial?: true;
  readonly rows: readonly object[];
}

/** What a bench has to say. */
interface Measured {
  readonly name: string;
  readonly rows: readonly object[];
  readonly appendix?: Result["appendix"];
  /** More rows are to come. */
  readonly isPartial?: boolean;
  /** The rows as an SVG. */
  readonly picture?: string | undefined;
}

/** Writes it to `bench/results`, over what the day left there before; gives the path of the rows. */
export function recordResult(measured: Measured, folder: string = FOLDER): string {
  const { name, rows, appendix, isPartial, picture } = measured;
  const date = new Date().toISOString();
  const head = { machine: thisMachine(), commit: currentCommit(), date };
  const partial = isPartial === true ? ({ isPartial } as const) : {};
  const result: Result = { ...head, ...partial, ...(appendix && { appendix }), rows };
  const path = join(folder, `${date.slice(0, DATE_LENGTH)}-${name}.json`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, formatResult(result));
  if (picture !== undefined) writeFileSync(path.replace(/json$/, "svg"), picture);
  return path;
}

/** JSON with a row a line, so that two results compare line by line. */
function formatResult({ rows, ...head }: Result): string {
  const fields = Object.entries(head).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`,
  );
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
  return `{\n${fields.join("")}  "rows": [\n${lines}\n  ]\n}\n`;
}

function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    node: process.version,
  };
}

function currentCommit(): string {
  const git = (...words: string[]): string =>
    execFileSync("git", words, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  const changes = git("status", "--porcelain", "--untracked-files=no", ":/", ":!/bench/results");
  return git("rev-parse", "HEAD") + (changes === "" ? "" : "-dirty");
}
