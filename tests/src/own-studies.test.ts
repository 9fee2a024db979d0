/**
 * Studies as their commissioner runs them: the command line in processes of its own, against a leader
 * and a helper in processes of theirs, and people who answer what was opened.
 */
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createPatientHttp,
  fetchHpkeConfig,
  fetchStudyFates,
  type PatientHttp,
  sendReports,
} from "@sumus/client";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createReport } from "@sumus/dap";
import { createSandbox } from "@sumus/sandbox";
import {
  type CompleteStudy,
  completeStudy,
  lowerStudy,
  type MapRow,
  parseStudy,
  studyTasks,
} from "@sumus/study";
import { createVault, type NodesSay, studyTerms, type Vault } from "@sumus/vault";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NodePair } from "./node-pair.ts";
import { type Desk, type Ended, openDesk } from "./sumus.ts";

let pair: NodePair;
beforeAll(async () => {
  pair = await NodePair.create();
  await pair.start("leader");
  await pair.start("helper");
});
afterAll(() => pair[Symbol.asyncDispose]());

const PEOPLE_MIN = 20;
const BOTH = ["--leader-token-file", "operator-token", "--helper-token-file", "operator-token"];
const COLLECT = ["study", "collect", "study.yaml", "--token-file", "collector-token"];
/** Half of a 95 % interval is 1.96 standard deviations; the truth is within eight of them. */
const EIGHT_SIGMAS = 8 / 1.95996;

const MANIFEST = `title: Walks
purpose: To know where people walk
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs: { walks: [place, minutes] }
map: { language: none }
result:
  - group: { place: { geohash: 4, area: [37.6, -122.6, 37.9, -122.3], at_most: 1 } }
    measures: { people: count }
  - measures: { minutes: { mean: minutes, min: 0, max: 100 } }
privacy: { epsilon: 20, delta: 1e-3, people_min: ${PEOPLE_MIN} }
`;

async function openStudyDesk(manifest = MANIFEST): Promise<Desk> {
  const desk = await openDesk();
  await desk.write("operator-token", `${pair.tokens.operator}\n`);
  await desk.write("collector-token", pair.tokens.collector);
  await desk.write("study.yaml", manifest);
  return desk;
}

function jsonOf({ code, stdout, stderr }: Ended): Record<string, unknown> {
  expect(stdout, `exit ${code}: ${stderr}`).toMatch(/^[[{]/);
  return JSON.parse(stdout) as Record<string, unknown>;
}

let populations = 0;
async function open(desk: Desk): Promise<Record<string, unknown>> {
  const combine = ["--leader", pair.urls.leader, "--helper", pair.urls.helper];
  const population = ["--population", `walkers ${++populations}`];
  const args = ["study", "open", "study.yaml", ...combine, ...population, ...BOTH, "--json"];
  return jsonOf(await desk.run(...args));
}

async function readOpened(desk: Desk): Promise<CompleteStudy> {
  const reading = parseStudy(await readFile(join(desk.folder, "study.json"), "utf8"));
  if (!reading.ok) throw new Error("expected the opened study beside its manifest");
  return completeStudy(reading.study, {});
}

/** One report to every task for each row, as vaults send them. Returns what was refused. */
async function contribute(desk: Desk, rows: readonly MapRow[]): Promise<string[]> {
  const study = await readOpened(desk);
  const { leader, helper } = study.combine;
  const http = createPatientHttp({ signal: new AbortController().signal, patienceMs: 10_000 });
  const input = {
    timeSeconds: Math.floor(Date.now() / 1000),
    leaderHpkeConfig: await fetchHpkeConfig(http, leader),
    helperHpkeConfig: await fetchHpkeConfig(http, helper),
  };
  const plan = lowerStudy(study);
  const measurements = rows.map((row) => plan.encode(row));
  const refused: string[] = [];
  for (const [index, task] of studyTasks(study).entries()) {
    const reports = measurements.map((person) => {
      const measurement = person[index];
      if (measurement === undefined) throw new Error("expected a measurement a task");
      return createReport(task, { ...input, measurement }, cryptoRandomBytes);
    });
    const errors = await sendReports(http, leader, task, reports);
    refused.push(...errors.map(({ error }) => error));
  }
  return refused;
}

/** A person whose own vault takes part. */
async function takePart(
  study: CompleteStudy,
  http: PatientHttp,
): Promise<{ readonly vault: Vault; readonly leader: string; readonly helper: string }> {
  const terms = studyTerms(study);
  const { leader, helper } = study.combine;
  const vault = createVault({
    owner: "1",
    collections: [
      {
        name: "walks",
        personColumn: null,
        columns: [
          { name: "place", type: "TEXT" },
          { name: "minutes", type: "INTEGER" },
        ],
        rows: [['["9q8y"]', 20]],
      },
    ],
    rules: [{ name: "anything", effect: "allow" }],
    budget: { periodSeconds: 86_400, totalRho: 100, collectionRho: {}, otherRho: 100 },
    clock: { nowSeconds: () => Math.floor(Date.now() / 1000) },
    randomBytes: cryptoRandomBytes,
  });
  const contribution = await vault.contribute(terms, {
    sandbox: await createSandbox(),
    leaderHpkeConfig: await fetchHpkeConfig(http, leader),
    helperHpkeConfig: await fetchHpkeConfig(http, helper),
  });
  if (!contribution.ok) throw new Error(contribution.reason);
  for (const [index, task] of terms.tasks.entries()) {
    const report = contribution.reports[index];
    if (report !== undefined) await sendReports(http, leader, task, [report]);
  }
  vault.markSent(terms);
  return { vault, leader, helper };
}

const walk = (minutes: number): MapRow => ({ place: '["9q8y"]', minutes });

test("a study is opened, followed and collected from one folder", async () => {
  await using desk = await openStudyDesk();
  const opened = await open(desk);
  expect(opened).toMatchObject({ leader: "opened", helper: "opened", next: null });
  const again = jsonOf(await desk.run("study", "open", "study.yaml", ...BOTH, "--json"));
  expect(again).toMatchObject({
    id: opened["id"],
    leader: "was open",
    helper: "was open",
    made: [],
  });
  const other = await desk.run("study", "open", "study.yaml", ...BOTH, "--population", "others");
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining("another population")]);
  const keyFile = join(desk.folder, "study.collector-key");
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  const key = (await readFile(keyFile, "utf8")).trim();
  expect(JSON.stringify(opened)).not.toContain(key);
  expect(await readFile(join(desk.folder, "study.json"), "utf8")).not.toContain(key);

  const early = await desk.run(...COLLECT);
  expect([early.code, early.stderr]).toEqual([2, expect.stringMatching(/0 of 20 people, closes/)]);
  const few = await desk.run(...COLLECT, "--now");
  expect([few.code, few.stderr]).toEqual([2, expect.stringContaining("0 of 20 people")]);

  const rows = Array.from({ length: 30 }, (_, index) => walk(40 + (index % 3) * 10));
  expect(await contribute(desk, rows)).toEqual([]);
  const maps = ["--csv", "answer.csv", "--geojson", "map.json", "--kml", "map.kml"];
  const files = [...maps, "--page", "answer.html"];
  const release = jsonOf(await desk.run(...COLLECT, "--now", "--json", ...files));
  expect(release).toMatchObject({ id: opened["id"], people: 30, epsilon: 20 });
  const measures = release["measures"] as readonly { name: string; suppressed: boolean }[];
  expect(release["uncertain"]).toBe(measures.filter(({ suppressed }) => suppressed).length);
  expect(measures.find(({ name }) => name === "minutes")).toMatchObject({
    sampling: { low: expect.any(Number), high: expect.any(Number), basis: "bounds" },
    total: { low: expect.any(Number), high: expect.any(Number) },
  });
  expect(release["learned"]).toMatchObject([
    { party: "leader", accepted: 60, refused: 0, addressesSeen: true },
    { party: "helper", accepted: 60, addressesSeen: false },
    { party: "leader and helper together", contributions: 30 },
    { party: "collector", tasks: 2 },
    { party: "commissioner", people: 30, epsilon: 20 },
    { party: "everybody", people: 30 },
  ]);
  const page = await readFile(join(desk.folder, "answer.html"), "utf8");
  expect(page).toMatch(/<h1>Walks<\/h1>.*To know where people walk.*9q8y: \d/s);
  expect(page).not.toContain(key);
  checkNear(release, "people", 30);
  checkNear(release, "minutes", 50);
  expect(await readFile(join(desk.folder, "answer.csv"), "utf8")).toMatch(
    /^study,measure,group,bin,estimate,low,high,suppressed,sampling_low,[a-z_,]*\r\nWalks,minutes,/,
  );
  expect(await readFile(join(desk.folder, "map.json"), "utf8")).toContain('"name":"9q8y"');
  expect(await readFile(join(desk.folder, "map.kml"), "utf8")).toContain("<kml");

  const cancelled = await desk.run("study", "cancel", "study.yaml", ...BOTH);
  expect([cancelled.code, cancelled.stderr]).toEqual([1, expect.stringContaining("released")]);
  // Whoever asks again gets the same answer, and somebody who comes late is told so.
  expect(jsonOf(await desk.run(...COLLECT, "--json"))).toEqual(release);
  expect(await contribute(desk, [walk(1)])).toEqual(["batch_collected", "batch_collected"]);
  const status = ["study", "status", String(opened["id"]), "--leader", pair.urls.leader];
  expect(jsonOf(await desk.run(...status, "--json"))).toMatchObject({
    state: "collected",
    people: 30,
    tasks: [{ refused: { batch_collected: 1 } }, {}],
  });
  expect((await desk.run(...status)).stdout).toMatch(
    /people +30 of 20 people, collected\n.*refused +1 batch_collected\nwaits for nothing/s,
  );
});

test("candidates are counted in Poplar1 without anybody naming them again", async () => {
  const candidates = Array.from({ length: 60 }, (_, index) => `place ${index + 10}`);
  const measures = `codes: { prefixes: place, candidates: [${candidates}] }`;
  await using desk = await openStudyDesk(
    MANIFEST.replace(/result:.*privacy/s, `result: { measures: { ${measures} } }\nprivacy`),
  );
  const check = await desk.run("study", "check", "study.yaml");
  expect(check.stdout).toMatch(/Poplar1\(7 bits, 60 prefixes\).*sent as its number: \d+ bytes/s);
  await open(desk);
  const row = (place: string | null): MapRow => ({ place, minutes: 1 });
  const rows = Array.from({ length: 40 }, (_, index) =>
    row(index < 30 ? `place 42, ${index}` : index < 35 ? "elsewhere" : null),
  );
  expect(await contribute(desk, rows)).toEqual([]);
  const release = jsonOf(await desk.run(...COLLECT, "--now", "--json"));
  expect(release).toMatchObject({ people: 40 });
  expect(release["learned"]).toMatchObject([{}, {}, {}, { party: "collector", sums: 60 }, {}, {}]);
  checkNear(release, "codes", 30);
});

/** The one number of a measure that stands on enough people. */
function checkNear(release: Record<string, unknown>, name: string, truth: number): void {
  const measures = release["measures"] as {
    readonly name: string;
    readonly estimate: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly suppressed: boolean;
  }[];
  const said = measures.filter((measure) => measure.name === name && !measure.suppressed);
  expect(said).toHaveLength(1);
  const { estimate = 0, low = 0, high = 0 } = said[0] ?? {};
  const half = Math.max((high ?? 0) - (estimate ?? 0), (estimate ?? 0) - (low ?? 0));
  expect(Math.abs((estimate ?? 0) - truth)).toBeLessThanOrEqual(half * EIGHT_SIGMAS);
}

test("a manifest that changed since it was opened is another study, and is said to be", async () => {
  await using desk = await openStudyDesk();
  await open(desk);
  await desk.write("study.yaml", MANIFEST.replace("epsilon: 20", "epsilon: 19"));
  const changed = await desk.run("study", "open", "study.yaml", ...BOTH);
  expect([changed.code, changed.stderr]).toEqual([1, expect.stringContaining("a new study")]);
});

test("a manifest with gaps names them, and leaves nothing behind", async () => {
  await using desk = await openStudyDesk();
  const { code, stderr } = await desk.run("study", "open", "study.yaml", ...BOTH);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/combine\.leader.*population/s)]);
  expect(await readdir(desk.folder)).not.toContain("study.collector-key");
});

test("one operator opens it at one node, and the other with the command that is printed", async () => {
  await using desk = await openStudyDesk();
  const combine = ["--leader", pair.urls.leader, "--helper", pair.urls.helper];
  const mine = jsonOf(
    await desk.run(
      ...["study", "open", "study.yaml", ...combine, "--population", "two operators"],
      ...["--leader-token-file", "operator-token", "--json"],
    ),
  );
  expect(mine).toMatchObject({
    leader: "opened",
    helper: null,
    next: "sumus study open study.json --helper-token-file FILE",
  });
  await using theirs = await openDesk();
  await theirs.write("study.json", await readFile(join(desk.folder, "study.json")));
  await theirs.write("their-token", pair.tokens.operator);
  const [, ...command] = String(mine["next"]).replace("FILE", "their-token").split(" ");
  expect(jsonOf(await theirs.run(...command, "--json"))).toMatchObject({
    id: mine["id"],
    leader: null,
    helper: "opened",
  });
});

test("a study that is cancelled takes nothing more, releases nothing, and says so", async () => {
  await using desk = await openStudyDesk();
  const { id } = await open(desk);
  await contribute(
    desk,
    Array.from({ length: PEOPLE_MIN + 1 }, () => walk(20)),
  );
  const http = createPatientHttp({ signal: new AbortController().signal, patienceMs: 10_000 });
  const { vault, leader, helper } = await takePart(await readOpened(desk), http);
  const fates = async (): Promise<NodesSay> =>
    new Map([
      [leader, await fetchStudyFates(http, leader)],
      [helper, await fetchStudyFates(http, helper)],
    ]);
  vault.settle(await fates());
  expect(vault.remainingBudget(null).spentRho).toBeGreaterThan(0);
  const cancel = ["study", "cancel", "study.yaml", ...BOTH, "--json"];
  const cancelled = { id, leader: "cancelled", helper: "cancelled" };
  expect(jsonOf(await desk.run(...cancel))).toEqual(cancelled);
  expect(jsonOf(await desk.run(...cancel))).toEqual(cancelled);
  await expect(contribute(desk, [walk(20)])).rejects.toThrow(/was refused/);
  const collected = await desk.run(...COLLECT, "--now");
  expect([collected.code, collected.stderr]).toEqual([2, expect.stringContaining("cancelled")]);
  for (const url of [pair.urls.leader, pair.urls.helper]) {
    const status = await desk.run("study", "status", String(id), "--leader", url, "--json");
    expect(jsonOf(status)).toMatchObject({ state: "cancelled" });
  }
  vault.settle(await fates());
  expect(vault.remainingBudget(null).spentRho).toBe(0);
  const reopened = await desk.run("study", "open", "study.yaml", ...BOTH);
  expect([reopened.code, reopened.stderr]).toEqual([1, expect.stringContaining("was cancelled")]);
});

test("a study that is asked again is opened whole, followed whole and collected by and by", async () => {
  await using desk = await openStudyDesk();
  const day = (days: number): string =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const window = `window: { opens: ${day(-8)}, closes: ${day(-6)}, every: week, times: 3 }`;
  await writeFile(join(desk.folder, "weekly.yaml"), `${MANIFEST}${window}\n`);
  const nodes = ["--leader", pair.urls.leader, "--helper", pair.urls.helper, "--population", "all"];
  const opened = jsonOf(
    await desk.run("study", "open", "weekly.yaml", ...nodes, ...BOTH, "--json"),
  );
  expect(opened).toMatchObject({ leader: "opened", helper: "opened" });
  const ids = (opened["occurrences"] as { id: string }[]).map(({ id }) => id);
  expect(new Set([...ids, opened["id"]]).size).toBe(4);
  const cancelled = ["study", "cancel", "weekly.yaml", "--occurrence", "3", ...BOTH, "--json"];
  expect(jsonOf(await desk.run(...cancelled))).toMatchObject({ id: ids[2] });
  const status = await desk.run("study", "status", "weekly.yaml");
  expect(status.stdout).toMatch(
    /^Walks: 0 of 3 collected, 1 to collect\n {2}week 1 of 3: 0 of 20 people, closed.*\n {2}week 2 of 3: .*\n {2}week 3 of 3: cancelled/,
  );
  const token = ["--token-file", "collector-token"];
  const which = await desk.run("study", "collect", "weekly.yaml", ...token);
  expect([which.code, which.stderr]).toEqual([
    1,
    expect.stringMatching(/asked again: 1 of 3 weeks have closed.*--occurrence, 1 to 3/s),
  ]);
  const first = await desk.run("study", "collect", "weekly.yaml", ...token, "--occurrence", "1");
  expect([first.code, first.stderr]).toEqual([2, expect.stringContaining("0 of 20 people")]);
});

// The last one: from now on these nodes open studies of this population alone.
test("a population's budget is said before, taken when a study opens, and never overdrawn", async () => {
  await using desk = await openStudyDesk();
  const town = "id: town\ncollections: { walks: [place, minutes] }\nbudget: { rho: 9, days: 30 }\n";
  await writeFile(join(desk.folder, "town.yaml"), town);
  const { leader, helper } = pair.urls;
  const nodes = ["--leader", leader, "--helper", helper];
  const registered = await desk.run(
    "population",
    "register",
    "town.yaml",
    ...nodes,
    ...BOTH,
    "--json",
  );
  expect(jsonOf(registered)).toEqual({ id: "town", leader: "registered", helper: "registered" });
  const show = (): Promise<Ended> => desk.run("population", "show", "town", "--node", leader);
  expect((await show()).stdout).toContain("population town has 9 rho left of 9 in 30 days");
  const openAs = (population: string, file = "study.yaml"): Promise<Ended> =>
    desk.run("study", "open", file, ...nodes, "--population", population, ...BOTH);
  const stranger = await openAs("nowhere");
  expect([stranger.code, stranger.stderr]).toEqual([1, expect.stringContaining("registered here")]);
  await rm(join(desk.folder, "study.json"));
  const first = await openAs("town");
  expect(first.stdout).toMatch(
    /charged {3}rho [\d.]+ of the population's budget, which has [\d.]+ left/,
  );
  const check = await desk.run("study", "check", "study.json", "--node", leader);
  expect(check.stdout).toMatch(/population town has [\d.]+ rho left .*: the study does not fit/);
  await writeFile(join(desk.folder, "more.yaml"), MANIFEST.replace("Walks", "Walks again"));
  const second = await openAs("town", "more.yaml");
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringMatching(
      /population town may reveal 9 rho in 30 days and has .* rho left; this study costs/,
    ),
  ]);
  const gone = await desk.run("study", "cancel", "study.yaml", ...BOTH);
  expect(gone.code, gone.stderr).toBe(0);
  expect((await openAs("town", "more.yaml")).code).toBe(0);
});
