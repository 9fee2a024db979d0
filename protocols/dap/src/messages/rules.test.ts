import { decodeHex, encodeHex } from "@sumus/bytes";
import { DecodeError } from "@sumus/codec";
import { describe, expect, test } from "vitest";
import {
  decodeAggregationJobContinueReq,
  decodeAggregationJobInitReq,
  decodeAggregationJobResp,
} from "./aggregation-job.ts";
import { areStrictlyIncreasing } from "./basic.ts";
import { decodeHpkeConfigList } from "./hpke-config.ts";
import { isMediaType, mediaType } from "./media-type.ts";
import { decodeUploadErrors, encodeUploadErrors } from "./report.ts";
import type { ReportError } from "./report-error.ts";
import {
  decodeTaskConfiguration,
  encodeTaskConfiguration,
  taskIntervalExtension,
  taskIntervalOf,
} from "./task-configuration.ts";

const configuration = {
  taskInfo: Uint8Array.of(1),
  leaderAggregatorEndpoint: "https://l",
  helperAggregatorEndpoint: "https://h",
  timePrecision: 1,
  minBatchSize: 1,
  batchMode: "time_interval",
  batchConfig: new Uint8Array(),
  vdafType: 1,
  vdafConfiguration: new Uint8Array(),
  extensions: [],
} as const;

describe("TaskConfiguration", () => {
  const encoded = encodeHex(encodeTaskConfiguration(configuration, "dap-18"));
  const decodeChanged = (from: string, to: string) => () =>
    decodeTaskConfiguration(decodeHex(encoded.replace(from, to)), "dap-18");

  test("has task_info of at least one byte in dap-18, of any length in dap-19", () => {
    const empty = { ...configuration, taskInfo: new Uint8Array() };
    const without = encodeTaskConfiguration(empty, "dap-19");
    expect(decodeTaskConfiguration(without, "dap-19")).toEqual(empty);
    expect(() => decodeTaskConfiguration(without, "dap-18")).toThrow(/task_info/);
  });

  test("names what is wrong with it", () => {
    expect(decodeChanged("0000000000000001", "0000000000000000")).toThrow(/time_precision/);
    expect(decodeChanged("68747470733a2f2f6c", "68747470733a2f2f80")).toThrow(/leader_aggregator/);
    expect(decodeChanged("68747470733a2f2f6c", "68747470733a2f2f20")).toThrow(/leader_aggregator/);
    expect(decodeChanged("0100000000000100000000", "0300000000000100000000")).toThrow(/batch_mode/);
    const twice = [taskIntervalExtension({ start: 0, duration: 1 })].flatMap((one) => [one, one]);
    const unordered = encodeTaskConfiguration({ ...configuration, extensions: twice }, "dap-18");
    expect(() => decodeTaskConfiguration(unordered, "dap-18")).toThrow(/strictly increasing/);
  });

  test("carries the interval of the task", () => {
    const interval = { start: 7, duration: 3 };
    expect(taskIntervalOf([taskIntervalExtension(interval)])).toEqual(interval);
    expect(taskIntervalOf([{ type: 2, data: new Uint8Array() }])).toBeUndefined();
    expect(() => taskIntervalOf([{ type: 1, data: new Uint8Array(15) }])).toThrow(DecodeError);
    const endless = { type: 1, data: decodeHex("001fffffffffffff0000000000000001") };
    expect(() => taskIntervalOf([endless])).toThrow(/2\^53/);
  });
});

describe("ReportError", () => {
  const id = new Uint8Array(16);
  const numberOf = (error: ReportError, version: "dap-18" | "dap-19") =>
    encodeUploadErrors([{ id, error }], version)[16];
  const nameOf = (number: number, version: "dap-18" | "dap-19") =>
    decodeUploadErrors(Uint8Array.of(...id, number), version)[0]?.error;

  test("has the numbers of dap-18", () => {
    expect(nameOf(1, "dap-18")).toBe("batch_collected");
    expect(nameOf(7, "dap-18")).toBe("task_expired");
    expect(nameOf(8, "dap-18")).toBe("invalid_message");
    expect(nameOf(11, "dap-18")).toBe("outdated_config");
    expect(() => nameOf(0, "dap-18")).toThrow(DecodeError);
    expect(() => nameOf(12, "dap-18")).toThrow(DecodeError);
  });

  test("has the numbers of dap-19", () => {
    expect(nameOf(7, "dap-19")).toBe("invalid_message");
    expect(nameOf(9, "dap-19")).toBe("unknown_verification_key_id");
    expect(() => nameOf(11, "dap-19")).toThrow(DecodeError);
  });

  test("falls back to the closest name that a version has", () => {
    expect(nameOf(numberOf("task_expired", "dap-19") ?? 0, "dap-19")).toBe("report_dropped");
    expect(nameOf(numberOf("unsupported_extension", "dap-18") ?? 0, "dap-18")).toBe(
      "invalid_message",
    );
  });
});

test("a list of HPKE configurations is never empty and never repeats an id", () => {
  expect(() => decodeHpkeConfigList(decodeHex("0000"))).toThrow(DecodeError);
  const config = "01002000010001000101";
  expect(() => decodeHpkeConfigList(decodeHex(`0014${config}${config}`))).toThrow(/distinct/);
});

test("aggregation job extensions are strictly increasing; steps begin at 1", () => {
  const init = "0000000000" + "0008" + "00020000" + "00010000";
  expect(() => decodeAggregationJobInitReq(decodeHex(init))).toThrow(/strictly increasing/);
  expect(() => decodeAggregationJobContinueReq(decodeHex("0000"))).toThrow(/step/);
  const typed = (...types: number[]) =>
    areStrictlyIncreasing(types.map((type) => ({ type, data: new Uint8Array() })));
  expect([typed(), typed(0), typed(1, 2, 9)]).toEqual([true, true, true]);
  expect([typed(1, 1), typed(2, 1), typed(0, 0)]).toEqual([false, false, false]);
});

test("messages of many reports have a bound", () => {
  const refusals = new Uint8Array(65_537 * 18).fill(1);
  for (let at = 16; at < refusals.length; at += 18) refusals[at] = 2;
  const read = (count: number) =>
    decodeAggregationJobResp(refusals.subarray(0, 18 * count), "dap-18");
  expect(read(65_536)).toHaveLength(65_536);
  expect(() => read(65_537)).toThrow(/at most 65536 items/);
  const statuses = new Uint8Array(65_537 * 17).fill(1);
  expect(decodeUploadErrors(statuses.subarray(17), "dap-18")).toHaveLength(65_536);
  expect(() => decodeUploadErrors(statuses, "dap-18")).toThrow(/at most 65536 statuses/);
});

describe("media types", () => {
  test("are one type with a parameter", () => {
    expect(mediaType("upload-req")).toBe("application/ppm-dap;message=upload-req");
    expect(isMediaType(mediaType("aggregate-share"), "aggregate-share")).toBe(true);
  });

  test("are read as HTTP writes them", () => {
    const read = (header: string | null) => isMediaType(header, "upload-req");
    expect(read('Application/PPM-DAP ; Message="upload-req"; version=18')).toBe(true);
    expect(read("application/ppm-dap;version=18;message=upload-req")).toBe(true);
    expect(read("application/ppm-dap;message=upload-errors")).toBe(false);
    expect(read("application/ppm-dap;message=upload-req;message=upload-errors")).toBe(false);
    expect(read("application/ppm-dap")).toBe(false);
    expect(read("application/json;message=upload-req")).toBe(false);
    expect(read("")).toBe(false);
    expect(read(null)).toBe(false);
  });
});
