/**
 * What it costs a vault to run a study's map: the same question in every language, on one row and on
 * two hundred, in the vault's own thread and in a pool of threads. Ways take turns, so that a slow
 * second of a shared machine meets all. Each run is of another person: the rows differ.
 */
import { defined } from "@sumus/assert";
import {
  createMapPool,
  createSandbox,
  type MapLanguage,
  type MapPool,
  type MapRequest,
  type Sandbox,
} from "@sumus/sandbox";
import { stepsInEveryLanguage } from "@sumus/sandbox/testing";
import type { Bench } from "./bench.ts";
import { median } from "./cpu-speed.ts";
import { formatNumber } from "./table.ts";

const DAYS: readonly number[] = [1, 200];
const WHOLE = { vaults: 10_000, rounds: 3 };
const QUICK = { vaults: 500, rounds: 3 };
/** Vaults that ask a pool at once. */
const AT_ONCE = 64;
/** CPU time that a map may take, in milliseconds. */
const CPU_MS_MAX = 3;

export interface MapsRow {
  readonly bench: "maps";
  readonly case: string;
  readonly language: MapLanguage;
  readonly where: "own thread" | "pool";
  readonly vaults: number;
  /** By the clock. */
  readonly mapsPerSecond: number;
  /** Of all threads. */
  readonly cpuMsPerMap: number;
  /** How many times the CPU time of SQL in its own thread. */
  readonly ratio: number;
  /** What one map takes of its limit of 2,000,000. */
  readonly fuelSteps: number;
}

interface Way {
  readonly case: string;
  readonly language: MapLanguage;
  readonly where: MapsRow["where"];
  readonly request: (vault: number) => MapRequest;
  readonly samples: Sample[];
}

interface Sample {
  readonly mapsPerSecond: number;
  readonly cpuMsPerMap: number;
}

export const mapsBench: Bench<MapsRow> = {
  name: "maps",
  summary: "a study's map in every language, in the vault's thread and in a pool",
  columns: [
    { title: "case", width: 9, text: (row) => row.case },
    { title: "language", width: 10, text: (row) => row.language },
    { title: "where", width: 10, text: (row) => row.where },
    { title: "maps/s", width: 8, text: (row) => formatNumber(row.mapsPerSecond) },
    { title: "CPU ms/map", width: 10, text: (row) => formatNumber(row.cpuMsPerMap) },
    { title: "of SQL's", width: 8, text: (row) => `${formatNumber(row.ratio)}x` },
    { title: "steps", width: 8, text: (row) => formatNumber(row.fuelSteps) },
  ],
  measure: ({ quick }) => measureMaps(quick ? QUICK : WHOLE),
  conclude(rows) {
    const slow = rows.filter(({ cpuMsPerMap }) => cpuMsPerMap > CPU_MS_MAX);
    const dearest = Math.max(...rows.map(({ cpuMsPerMap }) => cpuMsPerMap));
    const note = `the dearest map takes ${formatNumber(dearest)} CPU-ms; ${CPU_MS_MAX} are allowed`;
    return { sound: slow.length === 0, notes: [note] };
  },
};

/** Every way takes its turn in every round; then a row for each. */
export async function* measureMaps({
  rounds,
  vaults,
}: {
  readonly rounds: number;
  readonly vaults: number;
}): AsyncGenerator<MapsRow> {
  const sandbox = await createSandbox();
  await using pool = createMapPool();
  const ways = waysOf(await stepsInEveryLanguage());
  for (const way of ways) await runAll(way, sandbox, pool, Math.min(vaults, 500));
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) way.samples.push(await sample(way, sandbox, pool, vaults));
  }
  for (const way of ways) yield mapsRow(way, ways, sandbox, vaults);
}

function waysOf(sources: ReadonlyMap<MapLanguage, string>): Way[] {
  return DAYS.flatMap((days) =>
    [...sources].flatMap(([language, source]) =>
      (["own thread", "pool"] as const).map((where) => ({
        case: days === 1 ? "1 row" : `${days} rows`,
        language,
        where,
        request: (vault: number) => ({ language, source, tables: tablesOf(vault, days) }),
        samples: [],
      })),
    ),
  );
}

function tablesOf(vault: number, days: number): MapRequest["tables"] {
  return {
    days: {
      columns: [
        { name: "day", type: "INTEGER" },
        { name: "steps", type: "INTEGER" },
        { name: "note", type: "TEXT" },
      ],
      rows: Array.from({ length: days }, (_, day) => [day, (vault * day) % 20_000, `day ${day}`]),
    },
    person: { columns: [{ name: "age", type: "INTEGER" }], rows: [[vault % 100]] },
  };
}

async function sample(way: Way, sandbox: Sandbox, pool: MapPool, vaults: number): Promise<Sample> {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  await runAll(way, sandbox, pool, vaults);
  const milliseconds = performance.now() - before;
  const { system, user } = process.cpuUsage(cpuBefore);
  return {
    mapsPerSecond: (vaults / milliseconds) * 1000,
    cpuMsPerMap: (system + user) / 1000 / vaults,
  };
}

async function runAll(way: Way, sandbox: Sandbox, pool: MapPool, vaults: number): Promise<void> {
  for (let first = 0; first < vaults; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, vaults - first);
    const requests = Array.from({ length: count }, (_, index) => way.request(first + index));
    const outcomes =
      way.where === "pool"
        ? await Promise.all(requests.map((request) => pool.run(request)))
        : requests.map((request) => sandbox.run(request));
    if (!outcomes.every(({ ok }) => ok)) throw new Error(`expected rows in ${way.language}`);
  }
}

function mapsRow(way: Way, ways: readonly Way[], sandbox: Sandbox, vaults: number): MapsRow {
  const cpuOf = ({ samples }: Way): number => median(samples.map((each) => each.cpuMsPerMap));
  const sql = ways.find((other) => {
    return other.case === way.case && other.language === "sql" && other.where === "own thread";
  });
  const outcome = sandbox.run(way.request(1));
  const round = (value: number): number => Number(value.toPrecision(4));
  return {
    bench: "maps",
    case: way.case,
    language: way.language,
    where: way.where,
    vaults,
    mapsPerSecond: round(median(way.samples.map((each) => each.mapsPerSecond))),
    cpuMsPerMap: round(cpuOf(way)),
    ratio: Number((cpuOf(way) / cpuOf(defined(sql, "SQL is measured"))).toPrecision(3)),
    fuelSteps: outcome.ok ? outcome.fuelSteps : Number.NaN,
  };
}
