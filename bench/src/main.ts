/**
 * Runs benches by name, prints their rows and, when asked, records them.
 *
 *     npm run bench -- NAME [--json] [--quick] [--record] [--people N] [--store S]
 */
import { aggregatorBench } from "./aggregator.ts";
import { batchBench } from "./batch.ts";
import type { Bench } from "./bench.ts";
import { candidatesBench } from "./candidates.ts";
import { type Command, help, parseCommand, UsageError } from "./command-line.ts";
import { backendsBench, hpkeBench } from "./hpke.ts";
import { labBench } from "./lab.ts";
import { mapsBench } from "./maps.ts";
import { recordResult } from "./results.ts";
import { tableHead, tableLine } from "./table.ts";
import { timingBench } from "./timing.ts";
import { vdafBench } from "./vdaf.ts";

const BENCHES: readonly Bench[] = [
  vdafBench,
  candidatesBench,
  hpkeBench,
  backendsBench,
  batchBench,
  mapsBench,
  aggregatorBench,
  labBench,
  timingBench,
];

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const command = parseCommand(words, BENCHES);
    if (command === "help") {
      print(help(BENCHES));
      return 0;
    }
    let sound = true;
    for (const bench of command.benches) sound = (await run(bench, command)) && sound;
    return sound ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`bench: ${error.message}\n\n${help(BENCHES)}`);
    return 2;
  }
}

/** Whether the bench is content with what it measured. */
async function run(bench: Bench, { json, record, ...options }: Command): Promise<boolean> {
  const { name } = bench;
  if (!json) print(tableHead(bench.columns));
  const rows: object[] = [];
  for await (const row of bench.measure(options)) {
    rows.push(row);
    print(json ? JSON.stringify(row) : tableLine(bench.columns, row));
    // What a fault in a later, larger run must not take along.
    if (record) recordResult({ name, rows, isPartial: true });
  }
  const { sound, notes, appendix } = bench.conclude?.(rows) ?? { sound: true, notes: [] };
  for (const note of notes) process.stderr.write(`${note}\n`);
  if (record) {
    const path = recordResult({ name, rows, appendix, picture: bench.draw?.(rows) });
    process.stderr.write(`recorded in ${path}\n`);
  }
  return sound;
}

function print(line: string): void {
  process.stdout.write(line.endsWith("\n") ? line : `${line}\n`);
}
