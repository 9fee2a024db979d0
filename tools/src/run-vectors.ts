/**
 * Runs every vector file below a folder: a line a file, then `N passed, N failed`. Files of kinds
 * that Sumus does not implement are named as skipped and counted as neither. Exits with 1 when a
 * file fails, or when none ran.
 *
 *     npm run vectors -- vectors/vdaf
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { runVector, type VectorVerdict } from "@sumus/vdaf/vectors";

/** The largest official file has 160 kB. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const USAGE = "expected one folder of vector files: npm run vectors -- DIR";

async function vectorFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".json"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function runFile(path: string): Promise<VectorVerdict> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) {
      return { verdict: "failed", reason: `expected at most ${FILE_BYTES_MAX} bytes, got ${size}` };
    }
    return runVector(basename(path), await readFile(path, "utf8"));
  } catch (error) {
    return { verdict: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

async function run(folder: string): Promise<boolean> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const path of await vectorFiles(folder)) {
    const result = await runFile(path);
    counts[result.verdict]++;
    const reason = result.verdict === "passed" ? "" : `: ${printable(result.reason)}`;
    process.stdout.write(`${result.verdict} ${printable(relative(folder, path))}${reason}\n`);
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed\n`);
  return counts.failed === 0 && counts.passed > 0;
}

/** Reasons may quote a hostile file or name: one line, no control characters, bounded. */
function printable(text: string): string {
  return text.replace(/[^\P{C}]/gu, "?").slice(0, 300);
}

const { positionals } = parseArgs({ allowPositionals: true });
const [folder] = positionals;
if (folder === undefined || positionals.length !== 1) {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
} else {
  const succeeded = await run(folder).catch((error: NodeJS.ErrnoException) => {
    process.stderr.write(`${USAGE}; ${error.message}\n0 passed, 0 failed\n`);
    return false;
  });
  if (!succeeded) process.exitCode = 1;
}
