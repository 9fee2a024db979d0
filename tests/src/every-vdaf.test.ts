/**
 * Every VDAF that DAP can carry, end to end over real sockets: a leader and a helper in processes of
 * their own, tasks made and collected by the command line, and processes of clients that send to all
 * tasks at once. Without noise every sum is exact.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlainMeasurement } from "./client-process.ts";
import { NodePair } from "./node-pair.ts";
import { type Desk, openDesk } from "./sumus.ts";

const CLIENT = fileURLToPath(new URL("./client-process.ts", import.meta.url));

/** Processes of clients a task, all of which send at once. */
const DEVICES = 3;

interface Case {
  readonly vdaf: string;
  /** What the people of one device measured. */
  readonly people: readonly PlainMeasurement[];
  /** Of them, in plain arithmetic. */
  readonly sums: readonly number[];
  /** For Poplar1. */
  readonly prefixes?: string;
  /** By default intervals alone. */
  readonly modes?: readonly string[];
}

const BOTH_MODES = ["time_interval", "leader_selected"];

const CASES: readonly Case[] = [
  { vdaf: "{ type: Prio3Count }", people: [1, 0, 1, 1], sums: [3], modes: BOTH_MODES },
  { vdaf: "{ type: Prio3Sum, max_measurement: 1000 }", people: [1000, 0, 7], sums: [1007] },
  {
    vdaf: "{ type: Prio3SumVec, length: 3, max_measurement: 15 }",
    people: [
      [15, 0, 1],
      [15, 4, 0],
    ],
    sums: [30, 4, 1],
  },
  {
    vdaf: "{ type: Prio3Histogram, length: 5 }",
    people: [4, 0, 4, 2, 4],
    sums: [1, 0, 1, 0, 3],
    modes: BOTH_MODES,
  },
  {
    vdaf: "{ type: Prio3MultihotCountVec, length: 4, max_weight: 2 }",
    people: [
      [1, 1, 0, 0],
      [0, 1, 0, 1],
      [0, 0, 0, 0],
    ],
    sums: [1, 2, 0, 1],
  },
  {
    vdaf: "{ type: Prio3L1BoundSum, length: 3, max_value: 20 }",
    people: [
      [20, 0, 0],
      [3, 4, 5],
    ],
    sums: [23, 4, 5],
  },
  {
    vdaf: "{ type: Poplar1, bits: 6 }",
    people: ["011010", "011111", "100000", "011010"],
    prefixes: "011,100,111",
    sums: [3, 1, 0],
    modes: BOTH_MODES,
  },
];

const TASKS = CASES.flatMap((each) =>
  (each.modes ?? ["time_interval"]).map((mode) => ({
    ...each,
    mode,
    name: `${/type: (\w+)/.exec(each.vdaf)?.[1]}-${mode}`,
  })),
);

let pair: NodePair;
let desk: Desk;
beforeAll(async () => {
  pair = await NodePair.create();
  desk = await openDesk();
  await desk.write("operator-token", pair.tokens.operator);
  await desk.write("collector-token", pair.tokens.collector);
  await Promise.all([pair.start("leader"), pair.start("helper")]);
});
afterAll(async () => {
  await pair[Symbol.asyncDispose]();
  await desk[Symbol.asyncDispose]();
});

type Task = (typeof TASKS)[number];

async function create({ name, vdaf, mode, people }: Task): Promise<void> {
  const { leader, helper } = pair.urls;
  const text = `title: ${name}
vdaf: ${vdaf}
batch_mode: ${mode}
time_precision: 1h
min_batch_size: ${people.length * DEVICES}
leader: ${leader}
helper: ${helper}
noise: none
`;
  await desk.write(`${name}.yaml`, text);
  const tokens = ["--leader-token-file", "operator-token", "--helper-token-file", "operator-token"];
  const { code, stderr } = await desk.run("task", "create", `${name}.yaml`, ...tokens);
  expect(code, stderr).toBe(0);
}

/** One device; resolves to what the leader refused. */
async function send({ name, people }: Task): Promise<unknown> {
  const args = [CLIENT, join(desk.folder, `${name}.json`), JSON.stringify(people)];
  const client = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let answer = "";
  client.stdout.setEncoding("utf8").on("data", (text: string) => {
    answer += text;
  });
  const [code] = await once(client, "close");
  expect(code, name).toBe(0);
  return JSON.parse(answer);
}

async function collect({ name, mode, prefixes }: Task): Promise<unknown> {
  const hour = Math.floor(Date.now() / 3_600_000) * 3600;
  const batch =
    mode === "leader_selected" ? ["--next-batch"] : ["--interval", `${hour - 3600}/${hour + 7200}`];
  const parameter = prefixes === undefined ? [] : ["--aggregation-parameter", prefixes];
  const { stdout, stderr } = await desk.run(
    ...["collect", "--task", `${name}.json`, "--token-file", "collector-token"],
    ...[...batch, ...parameter, "--wait", "--json"],
  );
  expect(stdout, `${name}: ${stderr}`).toMatch(/^\{/);
  const { reportCount, aggregate } = JSON.parse(stdout) as {
    readonly reportCount: number;
    readonly aggregate: readonly { readonly value: number }[];
  };
  return { name, reportCount, sums: aggregate.map(({ value }) => value) };
}

test("every VDAF gives exact sums of what many clients send at once", async () => {
  await Promise.all(TASKS.map(create));
  const devices = TASKS.flatMap((task) => Array.from({ length: DEVICES }, () => task));
  const refused = await Promise.all(devices.map(send));
  expect(refused).toEqual(devices.map(() => []));
  expect(await Promise.all(TASKS.map(collect))).toEqual(
    TASKS.map(({ name, people, sums }) => ({
      name,
      reportCount: people.length * DEVICES,
      sums: sums.map((sum) => sum * DEVICES),
    })),
  );
});
