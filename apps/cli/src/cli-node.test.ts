import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

const STUDY = `title: People
purpose: A test
needs: { visits: [day] }
map: { language: sql, source: SELECT 1 AS one FROM visits }
result: { measures: { people: count } }
privacy: { epsilon: 1, delta: 1e-9, people_min: 100 }
`;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;

function sumus(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-cli-test-"));
  await writeFile(join(folder, "study.yaml"), STUDY);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("every command helps with examples", async () => {
  for (const command of [
    [],
    ["lab"],
    ["lab", "run"],
    ["lab", "scenario"],
    ["study", "check"],
    ["study", "diff"],
    ["study", "dry-run"],
    ["study", "new"],
    ["study", "open"],
    ["study", "status"],
    ["study", "collect"],
    ["study", "cancel"],
    ["population", "register"],
    ["population", "show"],
    ["node", "run"],
    ["node", "keys", "list"],
    ["node", "keys", "rotate"],
  ]) {
    const { code, stdout } = await sumus(...command, "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Examples:");
  }
});

test("unknown commands and flags are refused with a hint", async () => {
  for (const args of [
    ["lap"],
    ["lab", "--bogus"],
    ["lab", "run", "--study", "x"],
    ["study", "check"],
  ]) {
    const { code, stderr } = await sumus(...args);
    expect(code).toBe(1);
    expect(stderr).toContain("Run with --help");
    expect(stderr).not.toContain("    at ");
  }
});

test("a first manifest is written from answers, and never over another", async () => {
  const answers = ["--title", 'Minutes: "on the way"', "--purpose", "To plan # buses"];
  const columns = ["--needs", "visits: place, minutes, how", "--group", "place: home, work"];
  const more = ["--share", "how: bus, train", "--histogram", "minutes: 0, 15, 600"];
  const rest = [...more, "--mean", "minutes: 0 to 600", "--eligible", "minutes: 5 to 90"];
  const all = ["study", "new", "first.yaml", ...answers, ...columns, ...rest];
  const written = await sumus(...all);
  expect(written.code, written.stderr).toBe(0);
  expect(written.stderr).toContain("Next: sumus study check first.yaml");
  const checked = await sumus("study", "check", "first.yaml", "--json");
  expect(JSON.parse(checked.stdout)).toMatchObject({
    ok: true,
    title: 'Minutes: "on the way"',
    eligible: "visits has a row in which minutes is from 5 to 90",
    measures: expect.toSatisfy((measures: readonly { kind: string }[]) => {
      return ["count", "mean", "share", "histogram"].every((kind) =>
        measures.some((measure) => measure.kind === kind),
      );
    }),
  });
  expect((await sumus(...all)).stderr).toContain("There is a file first.yaml already");
  const nobody = await sumus("study", "new", "second.yaml", ...columns);
  expect(nobody.code).toBe(1);
  expect(nobody.stderr).toContain("Give it as --title.");
  const unclear = await sumus("study", "new", "third.yaml", ...answers, "--needs", "visits");
  expect(unclear.stderr).toContain('Write it as "visits: place, minutes".');
});

test("a study is compared with the one that people know", async () => {
  await writeFile(join(folder, "more.yaml"), STUDY.replace("epsilon: ", "epsilon: 1"));
  const text = await sumus("study", "diff", "study.yaml", "more.yaml");
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^It asks more\n {2}privacy\.epsilon: from /);
  expect(text.stdout).toContain("has not agreed to the second");
  const same = await sumus("study", "diff", "study.yaml", "study.yaml", "--json");
  expect(JSON.parse(same.stdout)).toEqual({ changes: [], needsConsent: false });
});

test("a study is checked before anybody is asked", async () => {
  const text = await sumus("study", "check", "study.yaml", "--people", "5000");
  expect(text.code).toBe(0);
  expect(text.stdout).toContain("5,000 reckoned with; at least 100");
  expect(text.stdout).toContain("Prio3Count");
  const json = await sumus("study", "check", "study.yaml", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: true,
    people: 100,
    uploadBytes: expect.any(Number),
  });
});

test("a map that every vault would decline is said so before anybody is asked", async () => {
  const withMap = (source: string): string =>
    STUDY.replace(/map: .*/, `map: { language: javascript, source: ${JSON.stringify(source)} }`);
  await writeFile(join(folder, "sound.yaml"), withMap("(tables) => null"));
  const sound = await sumus("study", "check", "sound.yaml");
  expect(sound.code, sound.stderr).toBe(0);
  expect(sound.stdout).toMatch(/Algorithm +a function in JavaScript; [0-9a-f]{64}/);
  await writeFile(join(folder, "faulty.yaml"), withMap("(tables) => tables.none[0].age"));
  const faulty = await sumus("study", "check", "faulty.yaml");
  expect(faulty.code).toBe(1);
  expect(faulty.stderr).toContain("the study's map is at fault");
  expect(faulty.stderr).toContain("Every vault would decline this map.");
  const json = await sumus("study", "check", "faulty.yaml", "--json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{ path: "map" }] });
  await writeFile(join(folder, "query.yaml"), STUDY.replace(/FROM /, "FORM "));
  const query = await sumus("study", "check", "query.yaml");
  expect(query.code).toBe(1);
  expect(query.stderr).toMatch(/query\.yaml:\d+:\d+: map: .*near "FORM": syntax error/);
});

test("a study is rehearsed on people who do not exist, and all says so", async () => {
  const dryRun = ["study", "dry-run", "study.yaml", "--people", "300", "--page", "rehearsal.html"];
  const json = await sumus(...dryRun, "--json");
  expect(json.code, json.stderr).toBe(0);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: true,
    synthetic: true,
    people: 300,
    failures: [],
    answer: { accepted: 300, simulated: expect.stringContaining("300 people") },
  });
  const page = await readFile(join(folder, "rehearsal.html"), "utf8");
  expect(page).toContain("<b>Synthetic.</b> 300 people were made up");
  const text = await sumus("study", "dry-run", "study.yaml");
  expect(text.stdout).toMatch(/SYNTHETIC: 1,000 people were made up/);
  const faulty = await sumus("study", "dry-run", "query.yaml");
  expect([faulty.code, faulty.stderr]).toEqual([1, expect.stringContaining('near "FORM"')]);
});

test("problems of a manifest name file, line and column, and the remedy", async () => {
  const broken = STUDY.replace("epsilon: 1,", "epsilon: 0,").replace("count", "cuont");
  await writeFile(join(folder, "broken.yaml"), broken);
  const { code, stderr } = await sumus("study", "check", "broken.yaml");
  expect(code).toBe(1);
  expect(stderr).toContain("broken.yaml:6:21:");
  expect(stderr).toContain("6 | privacy: { epsilon: 0, delta: 1e-9, people_min: 100 }");
  expect(stderr).toContain("did you mean count");
  expect(stderr).toContain("2 problems");
  const json = await sumus("study", "check", "broken.yaml", "--json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    problems: [{ line: 5 }, { line: 6 }],
  });
});

test("a file that is not there is said so", async () => {
  const { code, stderr } = await sumus("study", "check", "nowhere.yaml");
  expect(code).toBe(1);
  expect(stderr).toBe("No study: there is no file nowhere.yaml.\nCheck the path.\n");
});

test("lab scenario lists the lab's own, and says what keeps a folder from being one", async () => {
  const list = await sumus("lab", "scenario");
  expect(list.code).toBe(0);
  for (const name of ["finances", "health", "main", "mobility", "telemetry"]) {
    expect(list.stdout).toContain(name);
  }
  const unknown = await sumus("lab", "scenario", "helth");
  expect(unknown).toMatchObject({ code: 1 });
  expect(unknown.stderr).toContain('no scenario "helth"; there are finances, health');
  const own = join(folder, "own");
  await mkdir(own);
  await writeFile(join(own, "scenario.yaml"), "title: Mine\nlead: L\nsauces: [S]\n");
  const broken = await sumus("lab", "scenario", "./own");
  expect(broken.code).toBe(1);
  expect(broken.stderr).toMatch(/scenario\.yaml:3:1 sauces: .* did you mean sources\?/);
});

test("lab run prints one object as its last line, or says why there is no answer", async () => {
  const rows = Array.from({ length: 130 }, (_, index) => `${index},${index % 7}`);
  await writeFile(join(folder, "visits.csv"), ["who,day", ...rows].join("\n"));
  const run = ["lab", "run", "--study", "study.yaml", "--table", "visits=visits.csv:who", "--json"];
  const answered = await sumus(...run, "--liars", "2%", "--drop", "0.02");
  expect(answered.code).toBe(0);
  const object: unknown = JSON.parse(answered.stdout.trimEnd().split("\n").at(-1) ?? "");
  expect(object).toMatchObject({
    people: 130,
    invited: 130,
    consented: 130,
    accepted: 124,
    rejected: 3,
    studies: [
      {
        title: "People",
        accepted: 124,
        epsilon: 1,
        measures: [{ name: "people", group: null, bin: null, truth: 124, truthAll: 130 }],
      },
    ],
  });
  const few = await sumus(...run, "--people", "37");
  expect(few.code).toBe(2);
  expect(few.stderr).toContain("No answer: 37 of 100 people so far.");
});

test("a broken table is said with its file and line", async () => {
  await writeFile(join(folder, "broken.csv"), "who,day\n1,2\n2\n");
  const table = ["lab", "run", "--study", "study.yaml", "--table"];
  const broken = await sumus(...table, "visits=broken.csv:who");
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("broken.csv:3: expected 2 cells, got 1");
  const personless = await sumus(...table, "visits=broken.csv:person");
  expect(personless.code).toBe(1);
  expect(personless.stderr).toContain("expected the person column person");
});

const HELPER = `# a helper
listen: { hostname: 127.0.0.1, port: 0 }
operatorListen: { port: 0 }
folder: state
nodeKey: BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc
operatorToken: the-operators-token
peerToken: the-peers-own-token
workers: 0
peer:
  publicKey: CQcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc
`;

test("a node runs until it is stopped, and drains", async () => {
  await writeFile(join(folder, "helper.yaml"), HELPER);
  const run = ["node", "run", "--role", "helper", "--config", "helper.yaml"];
  const child = spawn(process.execPath, [MAIN, ...run], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { role, url, operatorUrl } = JSON.parse(line.toString()) as Record<string, string>;
  expect(role).toBe("helper");
  expect(await (await fetch(`${url}/studies`)).json()).toEqual([]);
  expect((await fetch(`${operatorUrl}/ready`)).status).toBe(200);
  expect(await (await fetch(`${operatorUrl}/metrics`)).text()).toContain("sumus_reports_total");
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  const takenPort = new URL(operatorUrl ?? "").port;
  const taken = HELPER.replace("{ port: 0 }", `{ port: ${takenPort} }`).replace("state", "other");
  await writeFile(join(folder, "taken.yaml"), taken);
  const refused = await sumus("node", "run", "--role", "helper", "--config", "taken.yaml");
  expect(refused.code).toBe(3);
  expect(refused.stderr).toMatch(/expected to listen on 127\.0\.0\.1, port \d+: .*EADDRINUSE/);
  const keys = (verb: string, ...more: string[]): Promise<Ended> =>
    sumus("node", "keys", verb, "--role", "helper", "--config", "helper.yaml", ...more);
  const rotated = await keys("rotate", "--url", url ?? "", "--json");
  expect(JSON.parse(rotated.stdout)).toMatchObject({
    rotated: true,
    keys: [{ state: "pending" }, { state: "advertised" }],
  });
  const again = await keys("rotate", "--url", url ?? "");
  expect(again.stderr).toContain("no second one was made");
  const listed = await keys("list", "--url", url ?? "");
  expect(listed.stdout).toMatch(/^ *id +state.*pending.*advertised/s);
  expect((await keys("list")).stderr).toContain("with --url");
  const second = await sumus(...run);
  expect([second.code, second.stderr]).toEqual([3, expect.stringContaining("folder of its own")]);
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  const gone = await keys("list", "--url", url ?? "");
  expect([gone.code, gone.stderr]).toEqual([3, expect.stringContaining("No node answers at")]);
});

test("a wrong configuration is said with its file, line and field, and without secrets", async () => {
  await writeFile(join(folder, "wrong.yaml"), HELPER.replace("publicKey", "publikKey"));
  const run = ["node", "run", "--config", "wrong.yaml", "--role"];
  const { code, stderr } = await sumus(...run, "helper");
  expect(code).toBe(1);
  expect(stderr).toContain("wrong.yaml:9: peer.publicKey: expected a text, got nothing\n");
  expect(stderr).toContain("deploy/helper.yaml");
  expect(stderr).not.toContain("token");
  expect((await sumus(...run, "relay")).stderr).toContain("Allowed choices are leader, helper");
});
