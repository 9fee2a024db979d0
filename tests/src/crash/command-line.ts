/** `npm run crash -- --rounds N --store pglite|postgres [--seed S] [--json] [--record]`. */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import type { StoreName } from "./deployment.ts";

export interface Command {
  readonly rounds: number;
  readonly store: StoreName;
  readonly seed: string;
  readonly json: boolean;
  readonly record: boolean;
}

export class UsageError extends Error {
  override readonly name = "UsageError";
}

const OPTIONS = {
  rounds: { type: "string", default: "10" },
  store: { type: "string", default: "pglite" },
  seed: { type: "string" },
  json: { type: "boolean", default: false },
  record: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export const HELP = `usage: npm run crash -- [--rounds N] [--store pglite|postgres] [--seed S] [--json] [--record]

Kills a leader and a helper with kill -9 at random moments while clients send reports, starts them
again, goes on, collects, and checks that every acknowledged report was counted once and no refused
one ever. On PostgreSQL there are two replicas of each node, and their database servers die as well.

Flags:
  --rounds N   how many rounds; 10 by default
  --store S    pglite (embedded, the default) or postgres
  --seed S     any text; the same text plans the same rounds. By default it is drawn and printed
  --json       one JSON object a round instead of a line of text
  --record     also write tests/results/DATE-crash-STORE.json with machine and commit

Examples:
  npm run crash -- --rounds 20 --store postgres
  npm run crash -- --store pglite --seed 5f1c9a20 --rounds 3
  npm run crash -- --rounds 100 --store postgres --json --record

A round that fails names a folder with the nodes' logs, configurations and embedded databases, and
with round.json: the plan, what every client heard, and what was counted. Exit code 0: all passed.
`;

/**
 * The command in the words behind the script's name, or `"help"`.
 *
 * @throws {UsageError}
 */
export function parseCommand(words: readonly string[]): Command | "help" {
  const values = parse(words);
  if (values.help) return "help";
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UsageError(`expected --rounds to be a number from 1 on, got ${values.rounds}`);
  }
  const { store, json, record, seed = randomBytes(4).toString("hex") } = values;
  if (store !== "pglite" && store !== "postgres") {
    throw new UsageError(`expected --store to be pglite or postgres, got ${store}`);
  }
  return { rounds, store, seed, json, record };
}

function parse(words: readonly string[]): ReturnType<typeof parseStrictly> {
  try {
    return parseStrictly(words);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const flags = Object.keys(OPTIONS).join(", --");
    throw new UsageError(`expected flags of --${flags}; ${error.message.split(". ", 1)[0]}`);
  }
}

function parseStrictly(words: readonly string[]): {
  rounds: string;
  store: string;
  seed?: string;
  json: boolean;
  record: boolean;
  help: boolean;
} {
  return parseArgs({ args: [...words], options: OPTIONS, strict: true }).values;
}
