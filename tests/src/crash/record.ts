/**
 * Keeps what a run of rounds came to beside the code that it ran: a result without its machine and
 * its commit is a rumour.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "./command-line.ts";
import type { RoundResult } from "./run-rounds.ts";

const FOLDER = fileURLToPath(new URL("../../results/", import.meta.url));

/** Writes the result and returns where. */
export function recordRounds(
  { store, seed }: Command,
  results: readonly RoundResult[],
  seconds: number,
): string {
  const date = new Date().toISOString().slice(0, 10);
  const passed = results.filter(({ ok }) => ok).length;
  const sum = (of: (result: RoundResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const killsOf = (name: RegExp): number =>
    sum(({ faults }) => faults.filter((fault) => name.test(fault)).length);
  const text = JSON.stringify(
    {
      command: `npm run crash -- --rounds ${results.length} --store ${store} --seed ${seed}`,
      date,
      commit: git("rev-parse", "--short", "HEAD"),
      machine: {
        cpu: cpus()[0]?.model,
        cores: cpus().length,
        memoryGb: Math.round(totalmem() / 2 ** 30),
        node: process.version,
      },
      rounds: results.length,
      passed,
      failed: results.length - passed,
      seconds,
      kills: {
        leader: killsOf(/^leader-/),
        helper: killsOf(/^helper-/),
        database: killsOf(/ database$/),
      },
      cuts: killsOf(/^cut /),
      reports: {
        sent: sum(({ reports }) => reports.sent),
        counted: sum(({ reports }) => reports.counted),
      },
      failures: results.filter(({ ok }) => !ok).map(({ round, wrong }) => ({ round, wrong })),
    },
    null,
    2,
  );
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${date}-crash-${store}.json`);
  writeFileSync(path, `${text}\n`);
  return path;
}

function git(...words: string[]): string {
  return execFileSync("git", words, {
    cwd: FOLDER.replace(/results\/$/, ""),
    encoding: "utf8",
  }).trim();
}
