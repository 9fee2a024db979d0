/**
 * Tasks without a study as people set them up: the command line in processes of its own, against a
 * leader and a helper in processes of theirs.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NodePair } from "./node-pair.ts";
import { type Desk, type Ended, openDesk } from "./sumus.ts";

let pair: NodePair;
beforeAll(async () => {
  pair = await NodePair.create();
  await pair.start("leader");
  await pair.start("helper");
});
afterAll(() => pair[Symbol.asyncDispose]());

/** A desk with the tokens of both nodes and a task, `task.yaml`. */
async function openTaskDesk(lines: Readonly<Record<string, string>> = {}): Promise<Desk> {
  const desk = await openDesk();
  await desk.write("operator-token", `${pair.tokens.operator}\n`);
  await desk.write("collector-token", pair.tokens.collector);
  await desk.write("task.yaml", taskText(lines));
  return desk;
}

let titles = 0;
function taskText(lines: Readonly<Record<string, string>>): string {
  const fields = {
    title: `Own task ${++titles}`,
    vdaf: "{ type: Prio3Histogram, length: 4 }",
    batch_mode: "time_interval",
    time_precision: "1h",
    min_batch_size: "3",
    leader: pair.urls.leader,
    helper: pair.urls.helper,
    noise: "none",
    ...lines,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
}

const BOTH = ["--leader-token-file", "operator-token", "--helper-token-file", "operator-token"];
const AS_OPERATOR = ["--token-file", "operator-token"];
const AS_COLLECTOR = ["--task", "task.json", "--token-file", "collector-token"];

/** An interval of whole hours around now. */
function aroundNow(): string {
  const hour = Math.floor(Date.now() / 3_600_000) * 3600;
  return `${hour - 3600}/${hour + 7200}`;
}

function jsonOf({ code, stdout, stderr }: Ended): Record<string, unknown> {
  expect(stdout, `exit ${code}: ${stderr}`).toMatch(/^[[{]/);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function create(desk: Desk): Promise<Record<string, unknown>> {
  return jsonOf(await desk.run("task", "create", "task.yaml", ...BOTH, "--json"));
}

/** Collects until all that was uploaded is verified. */
async function collectAll(desk: Desk, ...args: string[]): Promise<Record<string, unknown>> {
  const batch = args.length > 0 ? args : ["--interval", aroundNow()];
  return jsonOf(await desk.run("collect", ...AS_COLLECTOR, ...batch, "--wait", "--json"));
}

describe("a task of one's own", () => {
  test("is created in one step, filled from a file, and collected exactly", async () => {
    await using desk = await openTaskDesk();
    const created = await create(desk);
    expect(created).toMatchObject({ leader: "created", helper: "created", next: null });
    expect(await create(desk)).toMatchObject({
      id: created["id"],
      leader: "was there",
      helper: "was there",
      made: [],
    });
    // The private key is its owner's alone, and is nowhere but in its file.
    const key = (await readFile(join(desk.folder, "task.collector-key"), "utf8")).trim();
    expect((await stat(join(desk.folder, "task.collector-key"))).mode & 0o777).toBe(0o600);
    for (const name of (await readdir(desk.folder)).filter((file) =>
      /task\.(json|yaml)$/.test(file),
    )) {
      expect(await readFile(join(desk.folder, name), "utf8")).not.toContain(key);
    }
    expect(JSON.stringify(created)).not.toContain(key);

    const rows = Array.from({ length: 250 }, (_, row) => `${row % 3}`);
    await desk.write("rows.csv", `measurement\n${rows.join("\n")}\n`);
    const uploaded = await desk.run(
      "report",
      "upload",
      "--task",
      "task.json",
      "--file",
      "rows.csv",
      "--json",
    );
    expect(jsonOf(uploaded)).toMatchObject({ uploaded: 250, refused: {} });
    expect(await readdir(desk.folder)).not.toContain("rows.csv.upload");
    const release = await collectAll(desk);
    expect(release).toMatchObject({ reportCount: 250, halfWidth95: 0 });
    expect((release["aggregate"] as { value: number }[]).map(({ value }) => value)).toEqual([
      84, 83, 83, 0,
    ]);
    // The same question brings the same answer, as a table too.
    const table = await desk.run("collect", ...AS_COLLECTOR, "--interval", aroundNow());
    expect([table.code, table.stdout]).toEqual([0, expect.stringMatching(/250 reports.*0 +84\n/s)]);
    const shown = await desk.run("task", "show", "task.json", ...AS_OPERATOR);
    expect(shown.stdout).toMatch(/collected {3}1 batch\n/);
    const late = await desk.run("report", "upload", "--task", "task.json", "--measurement", "1");
    expect([late.code, late.stdout]).toEqual([2, expect.stringContaining("1 batch_collected")]);
  });

  test("says how many people there are while they are too few", async () => {
    await using desk = await openTaskDesk();
    await create(desk);
    await desk.run("report", "upload", "--task", "task.yaml", "--measurement", "2");
    const few = await desk.run("collect", ...AS_COLLECTOR, "--interval", aroundNow());
    expect([few.code, few.stderr]).toEqual([2, expect.stringContaining("1 of 3 people so far")]);
  });

  test("in which the leader selects the batches gives one after another", async () => {
    await using desk = await openTaskDesk({
      batch_mode: "leader_selected",
      vdaf: "{ type: Prio3Sum, max_measurement: 9 }",
    });
    await create(desk);
    for (const [rows, sum] of [
      ['1\n{"measurement": 2}\n3\n', 6],
      ["4\n5\n[6]\n", 15],
    ] as const) {
      await desk.write("rows.jsonl", rows);
      await desk.run("report", "upload", "--task", "task.json", "--file", "rows.jsonl");
      const release = await collectAll(desk, "--next-batch");
      expect(release).toMatchObject({ reportCount: 3, aggregate: [{ value: sum }] });
    }
    const none = await desk.run("collect", ...AS_COLLECTOR, "--next-batch");
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("too few people")]);
  });

  test("of strings counts those that begin with what the collector names", async () => {
    await using desk = await openTaskDesk({ vdaf: "{ type: Poplar1, bits: 4 }" });
    await create(desk);
    await desk.write("rows.csv", "0110\n0111\n1000\n0110\n");
    const uploaded = await desk.run(
      ...["report", "upload", "--task", "task.json", "--file", "rows.csv", "--json"],
    );
    expect(jsonOf(uploaded)).toMatchObject({ uploaded: 4, refused: {} });
    const which = ["--interval", aroundNow(), "--aggregation-parameter", "011,100,111"];
    expect(await collectAll(desk, ...which)).toMatchObject({
      reportCount: 4,
      aggregate: [
        { name: "011", value: 3 },
        { name: "100", value: 1 },
        { name: "111", value: 0 },
      ],
    });
  });

  test("that is paused keeps clients waiting, and takes their reports when it goes on", async () => {
    await using desk = await openTaskDesk();
    await create(desk);
    expect((await desk.run("task", "pause", "task.json", ...AS_OPERATOR)).code).toBe(0);
    const refused = await desk.run("report", "upload", "--task", "task.json", "--measurement", "1");
    expect([refused.code, refused.stderr]).toEqual([
      3,
      expect.stringContaining("the operator has paused this task"),
    ]);
    await desk.run("task", "pause", "task.json", ...AS_OPERATOR, "--resume");
    await desk.write("rows.csv", "1\n1\n3\n");
    await desk.run("report", "upload", "--task", "task.json", "--file", "rows.csv");
    expect(await collectAll(desk)).toMatchObject({ reportCount: 3 });
  });

  test("that is deleted is gone, and asks before reports are lost", async () => {
    await using desk = await openTaskDesk();
    const { id } = await create(desk);
    await desk.run("report", "upload", "--task", "task.json", "--measurement", "1");
    const refused = await desk.run("task", "delete", "task.json", ...AS_OPERATOR);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("1 report is not collected yet"),
    ]);
    expect((await desk.run("task", "delete", "task.json", ...AS_OPERATOR, "--force")).code).toBe(0);
    const gone = await desk.run("report", "upload", "--task", "task.json", "--measurement", "1");
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("expected a task")]);
    const list = await desk.run(
      "task",
      "list",
      "--node",
      pair.urls.leader,
      ...AS_OPERATOR,
      "--json",
    );
    expect(list.stdout).not.toContain(id);
    const again = await desk.run("task", "create", "task.yaml", ...BOTH);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("another title")]);
  });

  test("tells the line of every fault", async () => {
    await using desk = await openTaskDesk({
      vdaf: "{ type: Prio3Histogramm, length: 4 }",
      time_precision: "1 hour",
      noise: "",
    });
    const { code, stderr } = await desk.run("task", "create", "task.yaml", ...BOTH);
    expect(code).toBe(1);
    for (const expected of [
      /task\.yaml:2:15: .*"Prio3Histogramm".*did you mean Prio3Histogram\?/s,
      /task\.yaml:4:17: .*the text "1 hour".*write it as 30s, 15m, 1h/s,
      /expected noise, got nothing.*or "noise: none" for exact sums/s,
    ]) {
      expect(stderr).toMatch(expected);
    }
    expect(stderr).toContain("3 problems");
    expect(await readdir(desk.folder)).not.toContain("task.collector-key");
  });

  test("refuses rows that it does not take by their line, before any is sent", async () => {
    await using desk = await openTaskDesk();
    await create(desk);
    await desk.write("rows.csv", "1\n2\n4\n");
    const refused = await desk.run("report", "upload", "--task", "task.json", "--file", "rows.csv");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining(
        "rows.csv:3: expected a whole number from 0 to 3, got something else",
      ),
    ]);
    const shown = jsonOf(await desk.run("task", "show", "task.json", ...AS_OPERATOR, "--json"));
    expect(shown).toMatchObject({ accepted: 0, pending: 0 });
  });
});

test("an upload that is broken off goes on where it was, and counts nobody twice", async () => {
  await using desk = await openTaskDesk({ vdaf: "{ type: Prio3Sum, max_measurement: 1 }" });
  await create(desk);
  const count = 3000;
  await desk.write("rows.csv", "1\n".repeat(count));
  const args = ["report", "upload", "--task", "task.json", "--file", "rows.csv", "--json"];
  const first = desk.start(args);
  const journal = join(desk.folder, "rows.csv.upload");
  const reached = async (): Promise<number> => {
    const text = await readFile(journal, "utf8").catch(() => '{"done":0}');
    return (JSON.parse(text) as { readonly done: number }).done;
  };
  while (first.child.exitCode === null && (await reached()) < 300) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  first.child.kill("SIGKILL");
  await first.ended;
  expect(await reached()).toBeLessThan(count);
  const again = await desk.run(...args);
  expect(again.stderr).toMatch(/Going on after the \d+ reports/);
  expect(jsonOf(again)).toMatchObject({ uploaded: count, refused: {} });
  const release = await collectAll(desk);
  expect(release).toMatchObject({ reportCount: count, aggregate: [{ value: count }] });
});

describe("somebody else's helper", () => {
  test("is set up by its operator with the one file and the one command that are printed", async () => {
    await using desk = await openTaskDesk();
    const mine = jsonOf(
      await desk.run(
        "task",
        "create",
        "task.yaml",
        "--leader-token-file",
        "operator-token",
        "--json",
      ),
    );
    expect(mine).toMatchObject({ leader: "created", helper: null });
    expect(mine["next"]).toBe("sumus task create task.json --helper-token-file FILE");
    await using theirs = await openDesk();
    await theirs.write("task.json", await readFile(join(desk.folder, "task.json")));
    await theirs.write("their-token", pair.tokens.operator);
    const [, ...command] = String(mine["next"]).replace("FILE", "their-token").split(" ");
    const created = jsonOf(await theirs.run(...command, "--json"));
    expect(created).toMatchObject({ id: mine["id"], leader: null, helper: "created" });
    await desk.write("rows.csv", "0\n0\n3\n");
    await desk.run("report", "upload", "--task", "task.json", "--file", "rows.csv");
    expect(await collectAll(desk)).toMatchObject({ reportCount: 3 });
  });

  test("that is not paired with the leader shares a key and a token of the task alone", async () => {
    await using strangers = await NodePair.create();
    await strangers.start("helper");
    await using desk = await openTaskDesk({
      helper: strangers.urls.helper,
      peer: "{ verify_key_file: ./verify-key, token_file: ./peer-token }",
      collector_token_file: "./own-collector-token",
    });
    await desk.write("their-token", strangers.tokens.operator);
    const created = jsonOf(
      await desk.run(
        ...["task", "create", "task.yaml", "--leader-token-file", "operator-token"],
        ...["--helper-token-file", "their-token", "--json"],
      ),
    );
    expect(created).toMatchObject({ leader: "created", helper: "created" });
    const made = created["made"] as string[];
    expect(made.map((file) => file.split("/").at(-1))).toEqual([
      "task.collector-key",
      "verify-key",
      "peer-token",
      "own-collector-token",
    ]);
    for (const file of made)
      expect((await stat(join(desk.folder, file.split("/").at(-1) ?? ""))).mode & 0o077).toBe(0);
    await desk.write("rows.csv", "0\n1\n1\n");
    await desk.run("report", "upload", "--task", "task.yaml", "--file", "rows.csv");
    const theirs = ["collect", "--task", "task.yaml", "--interval", aroundNow()];
    const foreign = await desk.run(...theirs, "--token-file", "collector-token");
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining("bearer token")]);
    const release = jsonOf(await desk.run(...theirs, "--wait", "--json"));
    expect(release).toMatchObject({ reportCount: 3 });
    const secrets = await Promise.all(
      made.map((file) => readFile(join(desk.folder, file.split("/").at(-1) ?? ""), "utf8")),
    );
    for (const secret of secrets) expect(pair.log + strangers.log).not.toContain(secret.trim());
  });
});
