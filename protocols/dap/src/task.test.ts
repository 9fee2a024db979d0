import { decodeHex, encodeHex, encodeUtf8, Secret } from "@sumus/bytes";
import { DecodeError } from "@sumus/codec";
import { hkdfSha256, sha256 } from "@sumus/crypto";
import { type Prio3Config, VdafError } from "@sumus/vdaf";
import { describe, expect, test } from "vitest";
import { encodeTaskConfiguration, taskIntervalExtension } from "./messages/task-configuration.ts";
import { decodeVdafConfiguration } from "./messages/vdaf-configuration.ts";
import {
  createDapTask,
  type DapTask,
  DapTaskError,
  deriveVerifyKey,
  openDapTask,
  type TaskParameters,
} from "./task.ts";
import type { VdafConfig } from "./task-vdaf.ts";

const parameters: TaskParameters = {
  taskInfo: Uint8Array.of(7),
  leaderAggregatorEndpoint: "https://leader.example/",
  helperAggregatorEndpoint: "https://helper.example/",
  timePrecision: 60,
  minBatchSize: 10,
};
const HISTOGRAM: Prio3Config = { kind: "histogram", length: 9, chunkLength: 3 };

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DapTaskError) return error.code;
    throw error;
  }
  return "no error";
}

describe("VDAF configurations", () => {
  const cases: readonly [config: VdafConfig, type: number, hex: string][] = [
    [{ kind: "count" }, 1, ""],
    [{ kind: "sum", maxMeasurement: 1337 }, 2, "0000000000000539"],
    [
      { kind: "sumVec", length: 8, maxMeasurement: 255, chunkLength: 12 },
      3,
      // length, max_measurement, chunk_length
      "00000008" + "00000000000000ff" + "0000000c",
    ],
    [{ kind: "histogram", length: 256, chunkLength: 18 }, 4, "00000100" + "00000012"],
    [
      { kind: "multihotCountVec", length: 10, maxWeight: 3, chunkLength: 4 },
      5,
      // length, chunk_length, max_weight
      "0000000a" + "00000004" + "0000000000000003",
    ],
    [{ kind: "poplar1", bits: 256 }, 6, "0100"],
    [
      { kind: "l1BoundSum", length: 5, maxValue: 100, chunkLength: 6 },
      7,
      // length, max_value, chunk_length
      "00000005" + "0000000000000064" + "00000006",
    ],
  ];

  test.each(cases)("%o", (config, type, hex) => {
    const task = createDapTask(parameters, config);
    expect(task.configuration.vdafType).toBe(type);
    expect(encodeHex(task.configuration.vdafConfiguration)).toBe(hex);
    expect(openDapTask(task.encodedConfiguration).id).toEqual(task.id);
    const encoded = decodeHex(hex);
    expect(decodeVdafConfiguration(type, encoded)).toEqual(config);
    for (let length = 0; length < encoded.length; length++) {
      expect(() => decodeVdafConfiguration(type, encoded.subarray(0, length))).toThrow(DecodeError);
    }
    expect(() => decodeVdafConfiguration(type, decodeHex(`${hex}00`))).toThrow(DecodeError);
  });

  test("of other types are unknown", () => {
    expect(decodeVdafConfiguration(0, new Uint8Array())).toBeUndefined();
    expect(decodeVdafConfiguration(8, new Uint8Array(2))).toBeUndefined();
  });
});

describe("a task", () => {
  const task = createDapTask(parameters, HISTOGRAM);

  test("goes by the SHA-256 of its configuration", () => {
    expect(task.id).toEqual(sha256(encodeTaskConfiguration(task.configuration, "dap-18")));
    expect(task.context).toEqual(Uint8Array.of(...encodeUtf8("dap-18"), ...task.id));
  });

  test("is the same again from the same parameters or its encoding", () => {
    expect(encodeHex(createDapTask(parameters, HISTOGRAM).id)).toBe(encodeHex(task.id));
    const opened = openDapTask(task.encodedConfiguration);
    expect(encodeHex(opened.id)).toBe(encodeHex(task.id));
    expect(opened.configuration).toEqual(task.configuration);
    expect(opened.vdaf).toBe(task.vdaf);
  });

  test("has another id when anything differs", () => {
    const interval = taskIntervalExtension({ start: 1, duration: 2 });
    const ids = [
      task,
      createDapTask({ ...parameters, taskInfo: Uint8Array.of(8) }, HISTOGRAM),
      createDapTask({ ...parameters, leaderAggregatorEndpoint: "https://x" }, HISTOGRAM),
      createDapTask({ ...parameters, helperAggregatorEndpoint: "https://x" }, HISTOGRAM),
      createDapTask({ ...parameters, timePrecision: 61 }, HISTOGRAM),
      createDapTask({ ...parameters, minBatchSize: 11 }, HISTOGRAM),
      createDapTask({ ...parameters, batchMode: "leader_selected" }, HISTOGRAM),
      createDapTask({ ...parameters, extensions: [interval] }, HISTOGRAM),
      createDapTask(parameters, { kind: "histogram", length: 9, chunkLength: 4 }),
      createDapTask(parameters, { kind: "count" }),
    ].map(({ id }) => encodeHex(id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("derives its verification key from a secret and its id", () => {
    const key = (own: DapTask, byte: number) =>
      encodeHex(deriveVerifyKey(own, new Secret(new Uint8Array(32).fill(byte))).reveal());
    const other = createDapTask(parameters, { kind: "count" });
    const inputKey = new Uint8Array(32).fill(1);
    const salt = encodeUtf8("verify_key");
    const expected = hkdfSha256({ inputKey, salt, info: task.id, length: 32 });
    expect(key(task, 1)).toBe(encodeHex(expected));
    expect(new Set([key(task, 1), key(task, 2), key(other, 1)]).size).toBe(3);
    expect(key(task, 1)).toBe(key(openDapTask(task.encodedConfiguration), 1));
  });

  test("is refused when a parameter is impossible", () => {
    const make = (changes: Partial<TaskParameters>) =>
      codeOf(() => createDapTask({ ...parameters, ...changes }, HISTOGRAM));
    expect(make({})).toBe("no error");
    expect(make({ taskInfo: new Uint8Array() })).toBe("invalidTask");
    expect(make({ taskInfo: new Uint8Array(256) })).toBe("invalidTask");
    expect(make({ leaderAggregatorEndpoint: "" })).toBe("invalidTask");
    expect(make({ helperAggregatorEndpoint: "https://é" })).toBe("invalidTask");
    expect(make({ timePrecision: 0 })).toBe("invalidTask");
    expect(make({ timePrecision: 1.5 })).toBe("invalidTask");
    expect(make({ minBatchSize: 0 })).toBe("invalidTask");
    const unknown = { type: 2, data: new Uint8Array() };
    expect(make({ extensions: [unknown] })).toBe("unsupportedTaskExtension");
    const interval = taskIntervalExtension({ start: 1, duration: 2 });
    expect(make({ extensions: [interval, interval] })).toBe("invalidTask");
    for (const impossible of [
      { kind: "histogram", length: 0 },
      { kind: "poplar1", bits: 0 },
      { kind: "poplar1", bits: 65_536 },
    ] as const) {
      expect(() => createDapTask(parameters, impossible)).toThrow(VdafError);
    }
  });

  test("is not opened when it is none that this implementation serves", () => {
    const open = (changes: object) => () =>
      openDapTask(encodeTaskConfiguration({ ...task.configuration, ...changes }, "dap-18"));
    expect(codeOf(open({}))).toBe("no error");
    expect(codeOf(open({ vdafType: 8 }))).toBe("unsupportedVdaf");
    expect(codeOf(open({ batchConfig: Uint8Array.of(1) }))).toBe("invalidTask");
    expect(codeOf(open({ minBatchSize: 0 }))).toBe("invalidTask");
    const unknown = { type: 65535, data: new Uint8Array() };
    expect(codeOf(open({ extensions: [unknown] }))).toBe("unsupportedTaskExtension");
    expect(open({ extensions: [{ type: 1, data: new Uint8Array(3) }] })).toThrow(DecodeError);
    expect(open({ vdafConfiguration: new Uint8Array(7) })).toThrow(DecodeError);
    expect(open({ vdafConfiguration: new Uint8Array(8) })).toThrow(VdafError);
    expect(() => openDapTask(task.encodedConfiguration.subarray(1))).toThrow(DecodeError);
  });

  test("may have empty task_info in dap-19", () => {
    const newer = createDapTask({ ...parameters, taskInfo: new Uint8Array() }, HISTOGRAM, "dap-19");
    expect(newer.context.subarray(0, 6)).toEqual(encodeUtf8("dap-19"));
  });
});
