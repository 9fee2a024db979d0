import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { localPostgresMissing } from "@sumus/storage/local-postgres";
import { parseStudy, type Study } from "@sumus/study";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { LabError } from "./lab-error.ts";
import { SILENT_PROGRESS } from "./progress.ts";
import type { LabStudyResult } from "./result.ts";
import { type RunOptions, runStudy } from "./run.ts";
import { createPopulation, peopleOf } from "./town/population.ts";
import { runInTown } from "./town/run-in-town.ts";
import { createSeededRandom } from "./town/seeded-random.ts";
import { readTable, schemasOf, type TableFile } from "./town/tables.ts";
import { withTown } from "./town/town.ts";

const PEOPLE = 400;
/** A generous budget: nothing in these tests is about budgets. */
const BUDGET = { periodSeconds: 86_400, totalRho: 10, collectionRho: {}, otherRho: 10 };

const MANIFEST = `title: Sleep by place
purpose: A test
needs: { people: [place], nights: [hours] }
map:
  language: sql
  source: SELECT p.place AS place, avg(n.hours) AS hours FROM people AS p, nights AS n
result:
  group: { place: [north, south] }
  measures:
    people: count
    sleep: { mean: hours, min: 0, max: 12 }
privacy: { epsilon: 5, delta: 1e-6, people_min: 50 }
`;

let folder: string;
let tables: TableFile[];

function study(text: string = MANIFEST): Study {
  const reading = parseStudy(text);
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join("; "));
  return reading.study;
}

function options(more: Partial<RunOptions> = {}): RunOptions {
  return {
    shares: { deny: 0.1, drop: 0.05, lie: 0.05 },
    people: null,
    seed: "test",
    progress: SILENT_PROGRESS,
    signal: new AbortController().signal,
    ...more,
  };
}

async function runOne(more: Partial<RunOptions> = {}, text?: string): Promise<LabStudyResult> {
  const { studies } = await runStudy(study(text), tables, options(more));
  const [only] = studies;
  if (only === undefined) throw new Error("expected one study, got none");
  return only;
}

/** Estimates lie within four times their interval but once in 10^14 runs. */
function expectNear(result: LabStudyResult): void {
  for (const { estimate, low, high, truth } of result.measures) {
    const half = (Number(high) - Number(low)) / 2;
    expect(Math.abs(Number(estimate) - Number(truth))).toBeLessThanOrEqual(4 * half);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-lab-test-"));
  // The lab's own folders go below this one, so that what it leaves behind can be seen.
  vi.stubEnv("TMPDIR", folder);
  const ids = Array.from({ length: PEOPLE }, (_, index) => `p${index}`);
  const people = ids.map((id, index) => `${id},${index % 4 === 0 ? "north" : "south"}`);
  // The last ten have a place but no nights: they cannot be invited.
  const nights = ids.slice(0, -10).flatMap((id, index) => [`${id},${5 + (index % 5)}`, `${id},8`]);
  await writeFile(join(folder, "people.csv"), ["who,place", ...people].join("\n"));
  await writeFile(join(folder, "nights.csv.gz"), gzipSync(["who,hours", ...nights].join("\r\n")));
  tables = [
    { name: "people", file: join(folder, "people.csv"), personColumn: "who" },
    { name: "nights", file: join(folder, "nights.csv.gz"), personColumn: "who" },
  ];
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("people are counted by the beginnings of texts, and liars are not", async () => {
  const candidates = Array.from({ length: 60 }, (_, index) => `code ${index + 40}`);
  const result = await runOne(
    {},
    `${MANIFEST.split("map:")[0]}map:
  language: sql
  source: SELECT 'code ' || cast(10 * avg(n.hours) AS INTEGER) || '!' AS code FROM people AS p, nights AS n
result: { measures: { codes: { prefixes: code, candidates: [${candidates}] } } }
privacy: { epsilon: 5, delta: 1e-6, people_min: 50 }
`,
  );
  expect(result.reason).toBeNull();
  expect(result.tasks[0]?.encoding).toBe("Poplar1(7 bits, 60 prefixes)");
  expect(result.rejections).toEqual({ vdaf_verify_error: result.liars });
  expect(result.liars).toBeGreaterThan(0);
  const { bin } = result.claim ?? {};
  expect(bin).toMatch(/^code (65|70|75|80|85)$/);
  const truths = result.measures.map(({ truth }) => truth ?? 0);
  expect(truths.reduce((sum, truth) => sum + truth, 0)).toBe(result.accepted);
  expect(truths.filter((truth) => truth > 0)).toHaveLength(5);
  expectNear({ ...result, measures: result.measures.filter(({ suppressed }) => !suppressed) });
  expect(result.measures.some(({ suppressed }) => !suppressed)).toBe(true);
});

test("deniers, drop-outs and liars are counted, and the answer is right", async () => {
  const result = await runOne();
  expect(result).toMatchObject({ state: "answered", people: 400, invited: 390, consented: 351 });
  expect(result).toMatchObject({ denied: 39, notAsked: 0, dropped: 20, liars: 20 });
  expect(result).toMatchObject({ rejected: 20, accepted: 311 });
  expect(result.rejections).toEqual({ vdaf_verify_error: 40 });
  expect(result.measures.map(({ name, group }) => [name, group?.["place"]])).toEqual([
    ["people", "north"],
    ["people", "south"],
    ["sleep", "north"],
    ["sleep", "south"],
  ]);
  const [north, south] = result.measures;
  expect(Number(north?.truth) + Number(south?.truth)).toBe(311);
  expect(Number(north?.truthAll) + Number(south?.truthAll)).toBe(390);
  expectNear(result);
  expect(result.claim).toMatchObject({ claimed: 1000 });
  expect(result.claim?.unchecked).toBeGreaterThan(20_000);
});

test.skipIf(localPostgresMissing() !== undefined)(
  "nodes on PostgreSQL servers give the same answer, and the servers are gone with the town",
  async () => {
    // Root's servers run as nobody, who must be able to come here.
    await chmod(folder, 0o755);
    const result = await runOne({ store: "postgres" });
    expect(result).toMatchObject({ state: "answered", rejected: 20, accepted: 311 });
    expectNear(result);
    expect((await readdir(folder)).sort()).toEqual(["nights.csv.gz", "people.csv"]);
  },
);

test("the seed decides who takes part, never the noise or the number of threads", async () => {
  const first = await runOne({ people: 600, threads: 0 });
  const second = await runOne({ people: 600, threads: 2 });
  const { people, invited, denied, dropped, liars, accepted, rejected, claim } = first;
  const played = { people, invited, denied, dropped, liars, accepted, rejected, claim };
  expect(second).toMatchObject(played);
  const truths = ({ measures }: LabStudyResult): unknown[] => measures.map(({ truth }) => truth);
  const estimates = ({ measures }: LabStudyResult): unknown[] =>
    measures.map(({ estimate }) => estimate);
  expect(truths(first)).toEqual(truths(second));
  expect(estimates(first)).not.toEqual(estimates(second));
});

test("too few people are a state with a reason, never a number", async () => {
  const result = await runOne({ people: 40 });
  expect(result.state).toBe("tooFewPeople");
  expect(result.reason).toMatch(/^\d+ of 50 people so far\. /);
  expect(result.measures).toEqual([]);
});

test("a map at fault is said to be, and nothing leaves any vault", async () => {
  const result = await runOne({ people: 200 }, MANIFEST.replace("avg(n.hours)", "avg(n.huors)"));
  expect(result.state).toBe("failed");
  expect(result.reason).toMatch(/no such column: n\.huors/);
  expect(result).toMatchObject({ accepted: 0, measures: [] });
  expect(result.notAsked).toBeGreaterThan(0);
});

test("what nobody has is named with its table and column", async () => {
  for (const [needs, named] of [
    ["{ people: [place], days: [hours] }", "days"],
    ["{ people: [plaze], nights: [hours] }", "people.plaze"],
  ] as const) {
    const text = MANIFEST.replace("{ people: [place], nights: [hours] }", needs);
    const source = text
      .replace("p.place", "p.rowid")
      .replace("n.hours", "1")
      .replace(", nights AS n", "");
    const run = runStudy(study(source), tables, options());
    await expect(run).rejects.toThrow(LabError);
    await expect(run).rejects.toThrow(named);
  }
});

test("kill -9 of both nodes in mid-run: the answer is exact, nothing is left behind", async () => {
  const read = await Promise.all(tables.map((table) => readTable(table)));
  const random = createSeededRandom("kill");
  const settlers = {
    name: "everybody",
    population: createPopulation(peopleOf(read), PEOPLE, random),
    schemas: schemasOf(read),
    budget: BUDGET,
    keepsVaults: true,
  };
  const notes: string[] = [];
  const pids: (number | undefined)[] = [];
  const result = await withTown(
    options({ progress: { ...SILENT_PROGRESS, note: (text) => notes.push(text) } }),
    [settlers],
    async (town) => {
      const kill = (role: "leader" | "helper"): void => {
        const pid = town.nodes[role].pid();
        pids.push(pid);
        if (pid !== undefined) process.kill(pid, "SIGKILL");
      };
      const running = runInTown(town, { draft: study(), settlement: settlers, simulated: null });
      setTimeout(() => kill("helper"), 150);
      setTimeout(() => kill("leader"), 300);
      return await running;
    },
  );
  expect(notes.filter((note) => note.includes("died (SIGKILL)"))).toHaveLength(2);
  expect(result).toMatchObject({ state: "answered", accepted: 311, rejected: 20 });
  expectNear(result);
  for (const pid of pids) expect(() => process.kill(Number(pid), 0)).toThrow();
  expect((await readdir(folder)).filter((name) => name.startsWith("sumus-lab-"))).toEqual([]);
});
