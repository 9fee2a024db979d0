/** Runs rounds of crashes and tells what became of them; `command-line.ts` says how to ask. */
import { localPostgresMissing } from "@sumus/storage/local-postgres";
import { type Command, HELP, parseCommand, UsageError } from "./command-line.ts";
import { recordRounds } from "./record.ts";
import { type RoundResult, runRounds } from "./run-rounds.ts";

/** Lines of a failed round: what else is wrong stands in its evidence. */
const WRONG_MAX = 10;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  try {
    const command = parseCommand(words);
    if (command !== "help") return await run(command);
    process.stdout.write(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`crash: ${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function run(command: Command): Promise<number> {
  const { rounds, store, seed, json, record } = command;
  const missing = store === "postgres" ? localPostgresMissing() : undefined;
  if (missing !== undefined)
    throw new UsageError(`--store postgres needs a server, but ${missing}`);
  if (!json) print(`${rounds} rounds on ${store}, seed ${seed}`);
  const startMs = performance.now();
  const results = await runRounds({ rounds, store, seed }, (result) =>
    print(json ? JSON.stringify({ ...result, seed }) : lineOf(result)),
  );
  const passed = results.filter(({ ok }) => ok).length;
  const seconds = Math.round((performance.now() - startMs) / 1000);
  if (record) process.stderr.write(`recorded in ${recordRounds(command, results, seconds)}\n`);
  const failed = results.length - passed;
  if (!json) print(`${seconds} s, seed ${seed}`);
  print(
    json
      ? JSON.stringify({ passed, failed, store, seed, seconds })
      : `${passed} passed, ${failed} failed`,
  );
  return failed === 0 ? 0 : 1;
}

function lineOf({ round, ok, faults, reports, seconds, wrong, evidence }: RoundResult): string {
  const { sent, counted } = reports;
  const head = `round ${round}: ${ok ? "passed" : "FAILED"}, ${seconds} s, ${sent} reports, ${counted} counted`;
  const lines = [`${head}; ${faults.join(", ")}`];
  lines.push(...wrong.slice(0, WRONG_MAX).map((why) => `  ${why}`));
  if (wrong.length > WRONG_MAX) lines.push(`  and ${wrong.length - WRONG_MAX} more`);
  if (evidence !== undefined) lines.push(`  evidence: ${evidence}`);
  return lines.join("\n");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
