/**
 * The living lab at the sizes that MIT's plan names: what the cholesterol study, three tasks, costs for
 * each person over all processes, whether that stays the same from a thousand to a million, and how
 * much memory it all takes. Maps by language stand beside it, as `maps` measures them.
 */
import type { LabCost, TownStore } from "@sumus/lab";
import type { Bench, BenchOptions } from "./bench.ts";
import { drawLab } from "./lab/draw-lab.ts";
import { runTown, type TownOrder } from "./lab/town-run.ts";
import { type MapsRow, measureMaps } from "./maps.ts";
import { formatNumber } from "./table.ts";

export interface LabRow {
  readonly bench: "lab";
  /** All of them are counted in every task. */
  readonly people: number;
  readonly store: TownStore;
  /** Of all processes, by who spent it; storage is the databases of both nodes. */
  readonly cpuMsPerPerson: LabCost;
  /** From the opened study to the answer. */
  readonly peoplePerSecond: number;
  /** Of all processes together, at its peak. */
  readonly rssMb: number;
}

const QUICK_SIZES: readonly number[] = [1000, 10_000];
const SIZES: Readonly<Record<TownStore, readonly number[]>> = {
  pglite: QUICK_SIZES,
  postgres: [...QUICK_SIZES, 100_000, 1_000_000],
};
const WARM_UP_PEOPLE = 2000;
const MAPS = { vaults: 1000, rounds: 3 };
const PARTS = ["map", "encode", "client", "leader", "helper", "storage"] as const;

/** What is asked of the bench: CPU-milliseconds a person, those of a map, megabytes, flatness. */
const CPU_MS_MAX = 6;
const MAP_CPU_MS_MAX = 3;
const RSS_MB_MAX = 6000;
const TASKS = 3;
const FLAT_WITHIN = 1.25;

export const labBench: Bench<LabRow | MapsRow> = {
  name: "lab",
  summary: "a study of three tasks from 1,000 to 1,000,000 people: CPU time by part, memory",
  isSized: true,
  columns: [
    { title: "what", width: 37, text: nameOf },
    ...PARTS.map((part) => ({
      title: `${part}, ms`,
      width: 11,
      text: (row: LabRow | MapsRow) => (isLab(row) ? formatNumber(row.cpuMsPerPerson[part]) : ""),
    })),
    {
      title: "all, ms",
      width: 7,
      text: (row) => formatNumber(isLab(row) ? totalCpuMs(row) : row.cpuMsPerMap),
    },
    {
      title: "a second",
      width: 8,
      text: (row) => formatNumber(isLab(row) ? row.peoplePerSecond : row.mapsPerSecond),
    },
    { title: "RSS, MB", width: 7, text: (row) => (isLab(row) ? formatNumber(row.rssMb) : "") },
  ],
  async *measure(options) {
    if (options.people === undefined) yield* measureMaps(MAPS);
    for (const order of plan(options)) yield await measureTown(order);
  },
  conclude(rows) {
    const towns = rows.filter(isLab);
    const faults = [...towns.flatMap(faultsOf), ...mapFaults(rows)];
    return {
      sound: faults.length === 0,
      notes: [...flatnessNotes(towns), ...faults],
      appendix: { warmUpPeople: WARM_UP_PEOPLE, tasks: TASKS, rssMbOverTime: memorySeries(towns) },
    };
  },
  draw: (rows) => drawLab(rows.filter(isLab)),
};

function isLab(row: LabRow | MapsRow): row is LabRow {
  return row.bench === "lab";
}

function nameOf(row: LabRow | MapsRow): string {
  if (!isLab(row)) return `map: ${row.language}, ${row.case}, ${row.where}`;
  return `${formatNumber(row.people)} people, ${row.store}`;
}

/** Small towns first, so that a fault in a large one comes after them. */
function plan({ quick, people, store }: BenchOptions): TownOrder[] {
  const stores = (["pglite", "postgres"] as const).filter((each) => each === (store ?? each));
  const orders = stores.flatMap((each) =>
    (people === undefined ? (quick ? QUICK_SIZES : SIZES[each]) : [people]).map((count) => {
      return { people: count, warmUpPeople: WARM_UP_PEOPLE, store: each };
    }),
  );
  return orders.toSorted((one, other) => one.people - other.people);
}

async function measureTown(order: TownOrder): Promise<LabRow> {
  const result = await runTown(order);
  if (result.tasks !== TASKS) throw new Error(`expected ${TASKS} tasks, got ${result.tasks}`);
  const { people, store } = order;
  const parts = PARTS.map((part) => [part, round(result.cpuMsPerPerson[part])] as const);
  const row: LabRow = {
    bench: "lab",
    people,
    store,
    cpuMsPerPerson: Object.fromEntries(parts) as unknown as LabCost,
    peoplePerSecond: round(result.peoplePerSecond),
    rssMb: Math.max(...result.rssMb),
  };
  memoryOf.set(row, result.rssMb);
  return row;
}

/** A sample every few seconds, which is more than a row has room for. */
const memoryOf = new WeakMap<LabRow, readonly number[]>();

function memorySeries(rows: readonly LabRow[]): object[] {
  return rows.map((row) => {
    const { people, store } = row;
    return { people, store, rssMb: memoryOf.get(row) ?? [] };
  });
}

function totalCpuMs({ cpuMsPerPerson }: LabRow): number {
  return PARTS.reduce((sum, part) => sum + cpuMsPerPerson[part], 0);
}

/** Each size against the smallest on the same store: cost ought not to grow. */
function flatnessNotes(rows: readonly LabRow[]): string[] {
  return rows.flatMap((row) => {
    const first = rows.find(({ store }) => store === row.store);
    if (first === undefined || first === row) return [];
    const cost = formatNumber(totalCpuMs(row) / totalCpuMs(first));
    const memory = formatNumber(row.rssMb / first.rssMb);
    return [
      `${nameOf(row)} against ${formatNumber(first.people)}: ${cost} of the CPU time a person, ` +
        `${memory} of the memory`,
    ];
  });
}

function faultsOf(row: LabRow, _index: number, rows: readonly LabRow[]): string[] {
  const total = totalCpuMs(row);
  const first = rows.find(({ store }) => store === row.store) ?? row;
  const faults: string[] = [];
  if (total > CPU_MS_MAX) {
    faults.push(`expected at most ${CPU_MS_MAX} CPU-ms a person, got ${formatNumber(total)}`);
  }
  if (total > FLAT_WITHIN * totalCpuMs(first)) {
    faults.push(`expected at most ${FLAT_WITHIN} times the cost of ${nameOf(first)}`);
  }
  if (row.rssMb > RSS_MB_MAX) {
    faults.push(`expected at most ${RSS_MB_MAX} MB, got ${row.rssMb}`);
  }
  return faults.map((fault) => `${nameOf(row)}: ${fault}`);
}

function mapFaults(rows: readonly (LabRow | MapsRow)[]): string[] {
  const slow = rows.filter((row) => !isLab(row) && row.cpuMsPerMap > MAP_CPU_MS_MAX);
  return slow.map((row) => `${nameOf(row)}: expected at most ${MAP_CPU_MS_MAX} CPU-ms`);
}

/** Three digits: more would be noise. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
