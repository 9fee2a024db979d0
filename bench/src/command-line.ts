/** `npm run bench -- NAME [--json] [--quick] [--record] [--people N] [--store S]`: strict, with help that shows examples. */
import { parseArgs } from "node:util";
import type { Bench, BenchOptions } from "./bench.ts";

export interface Command extends BenchOptions {
  /** One, or each in turn. */
  readonly benches: readonly Bench[];
  readonly json: boolean;
  readonly record: boolean;
}

export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The name that stands for every bench. */
const EVERY = "all";

const OPTIONS = {
  json: { type: "boolean", default: false },
  quick: { type: "boolean", default: false },
  record: { type: "boolean", default: false },
  people: { type: "string" },
  store: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * The command in the words behind the script's name, or `"help"`.
 *
 * @throws {UsageError} on unknown benches and flags
 */
export function parseCommand(
  words: readonly string[],
  benches: readonly Bench[],
): Command | "help" {
  const { positionals, values } = parse(words);
  if (values.help) return "help";
  const names = [...benches.map((bench) => bench.name), EVERY].join(", ");
  const [name, ...others] = positionals;
  if (name === undefined) throw new UsageError(`expected the name of a bench: ${names}`);
  if (others.length > 0) throw new UsageError(`expected one bench, got ${positionals.join(" ")}`);
  const chosen = name === EVERY ? benches : benches.filter((bench) => bench.name === name);
  if (chosen.length === 0) throw new UsageError(`expected one of ${names}, got ${name}`);
  const { json, quick, record } = values;
  const part = partOf(values);
  const isPart = quick || Object.keys(part).length > 0;
  if (record && isPart) throw new UsageError("expected a whole run to record, got a part of one");
  const unsized = chosen.find(({ isSized }) => isSized !== true);
  if (unsized !== undefined && Object.keys(part).length > 0) {
    throw new UsageError(
      `expected --people and --store of a bench with sizes, got ${unsized.name}`,
    );
  }
  return { benches: chosen, json, quick, record, ...part };
}

/** The size and the store that were chosen, if any. */
function partOf({
  people,
  store,
}: {
  readonly people?: string | undefined;
  readonly store?: string | undefined;
}): Pick<BenchOptions, "people" | "store"> {
  if (people !== undefined && !/^[1-9]\d{2,6}$/.test(people)) {
    throw new UsageError(`expected --people from 100 to 9999999, got ${people}`);
  }
  if (store !== undefined && store !== "pglite" && store !== "postgres") {
    throw new UsageError(`expected --store pglite or postgres, got ${store}`);
  }
  return {
    ...(people !== undefined && { people: Number(people) }),
    ...(store !== undefined && { store }),
  };
}

export function help(benches: readonly Bench[]): string {
  const lines = benches.map(({ name, summary }) => `  ${name.padEnd(10)} ${summary}`);
  return `usage: npm run bench -- NAME [--json] [--quick] [--record]

Benches:
${lines.join("\n")}
  ${EVERY.padEnd(10)} each of these in turn

Flags:
  --json     one JSON object a line instead of a table
  --quick    a short run, to see that it works
  --record   also write bench/results/DATE-NAME.json with machine and commit
  --people, --store   lab: one size, pglite or postgres alone

Examples:
  npm run bench -- hpke
  npm run bench -- hpke --quick --json
  npm run bench -- lab --people 100000 --store postgres
  npm run bench -- all --record
`;
}

function parse(words: readonly string[]): ReturnType<typeof parseStrictly> {
  try {
    return parseStrictly(words);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(
      `expected flags of --${Object.keys(OPTIONS).join(", --")}; ${firstSentence(error)}`,
    );
  }
}

function firstSentence({ message }: Error): string {
  return message.split(". ", 1)[0] ?? message;
}

function parseStrictly(words: readonly string[]): {
  positionals: string[];
  values: {
    json: boolean;
    quick: boolean;
    record: boolean;
    help: boolean;
    people?: string | undefined;
    store?: string | undefined;
  };
} {
  return parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true, strict: true });
}
