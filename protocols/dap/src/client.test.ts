import { defined } from "@sumus/assert";
import { concat, encodeHex, encodeUtf8 } from "@sumus/bytes";
import { HpkeError, hpkeDeriveKeyPair, hpkeOpen, hpkeSuite } from "@sumus/crypto";
import { VdafError } from "@sumus/vdaf";
import { describe, expect, test } from "vitest";
import { createReport, readUploadResponse } from "./client.ts";
import { chooseHpkeConfig, createHpkeKeys, hpkeConfigOf } from "./hpke-keys.ts";
import { decodeReport, encodeUploadErrors } from "./messages/report.ts";
import { DapPeerError } from "./peer-error.ts";
import { createParties, NOW_SECONDS, runJob, seededRandomBytes } from "./testing.ts";

const parties = createParties({ kind: "sum", maxMeasurement: 10 });
const { task, leaderConfig, helperConfig } = parties;
const input = {
  measurement: 4,
  timeSeconds: NOW_SECONDS,
  leaderHpkeConfig: leaderConfig,
  helperHpkeConfig: helperConfig,
};

describe("createReport", () => {
  test("draws all its randomness from the parameter", () => {
    const make = (seed: string) => encodeHex(createReport(task, input, seededRandomBytes(seed)));
    expect(make("a")).toBe(make("a"));
    expect(make("a")).not.toBe(make("b"));
  });

  test("rounds its time down to the task's precision", () => {
    const timeSeconds = 3600 * 472_222 + 3599;
    const { reportMetadata } = decodeReport(parties.report(1, { timeSeconds }));
    expect(reportMetadata.time).toBe(472_222);
    expect(reportMetadata.publicExtensions).toEqual([]);
  });

  test("takes a given report id", () => {
    const reportId = new Uint8Array(16).fill(1);
    expect(decodeReport(parties.report(1, { reportId })).reportMetadata.reportId).toEqual(reportId);
  });

  test("has one size, whatever was measured", () => {
    const sizes = [0, 5, 10].map((measurement) => parties.report(measurement).length);
    expect(new Set(sizes).size).toBe(1);
  });

  test("refuses measurements that the task does not admit", () => {
    for (const measurement of [11, -1, 0.5, Number.NaN, [1]]) {
      expect(() => parties.report(measurement)).toThrow(VdafError);
    }
  });

  test("refuses configurations that it cannot seal to", () => {
    const broken = { ...leaderConfig, publicKey: new Uint8Array(5) };
    expect(() => parties.report(1, { leaderHpkeConfig: broken })).toThrow(HpkeError);
    const unknown = { ...leaderConfig, kemId: 0x7777 };
    expect(() => parties.report(1, { helperHpkeConfig: unknown })).toThrow(HpkeError);
  });
});

test("input shares are sealed with the labels and data of the draft", () => {
  const encoded = parties.report(1, { publicExtensions: [{ type: 5, data: new Uint8Array(3) }] });
  const report = decodeReport(encoded);
  // Metadata and public share are a report's first fields, as they are the data's last.
  const head = 16 + 8 + 2 + 7 + 4 + report.publicShare.length;
  const aad = concat(task.id, task.encodedConfiguration, encoded.subarray(0, head));
  const open = (role: "leader" | "helper", label: string, ...roles: number[]) => {
    const { configId, enc, payload } = report[`${role}EncryptedInputShare`];
    const keyPair = defined(parties[role].keys.keyPairOf(configId), "a known configuration");
    const info = concat(encodeUtf8(label), Uint8Array.from(roles));
    return hpkeOpen(keyPair, { enc, ciphertext: payload }, info, aad);
  };
  const [leaderBytes, helperBytes] = task.vdaf.inputShareSizes;
  expect(open("leader", "dap-18 input share", 1, 2)).toHaveLength(2 + 4 + leaderBytes);
  expect(open("helper", "dap-18 input share", 1, 3)).toHaveLength(2 + 4 + helperBytes);
  expect(() => open("helper", "dap-18 input share", 1, 2)).toThrow(HpkeError);
});

describe("HPKE configurations", () => {
  const ids: readonly [kem: number, kdf: number, aead: number][] = [
    [0x10, 1, 1],
    [0x20, 3, 2],
    [0x10, 3, 3],
  ];

  test("of every suite carry reports, older ones too", () => {
    const entries = ids.map(([kem, kdf, aead], id) => ({
      id,
      keyPair: hpkeDeriveKeyPair(hpkeSuite(kem, kdf, aead), new Uint8Array(32).fill(id + 1)),
    }));
    const keys = createHpkeKeys(entries);
    const reports = keys.configs.map((config) => parties.report(2, { leaderHpkeConfig: config }));
    const leader = { ...parties.leader, keys };
    expect(runJob({ ...parties, leader }, reports).leaderCommitted).toHaveLength(3);
  });

  test("are chosen in the order of the list, unusable ones left out", () => {
    const keyPair = hpkeDeriveKeyPair(hpkeSuite(0x20, 1, 1), new Uint8Array(32).fill(1));
    const usable = hpkeConfigOf(1, keyPair);
    const unknown = { ...usable, id: 2, kemId: 0x0012 };
    const broken = { ...usable, id: 3, publicKey: new Uint8Array(3) };
    expect(chooseHpkeConfig([unknown, broken, usable])).toBe(usable);
    expect(chooseHpkeConfig([unknown, broken])).toBeUndefined();
    expect(chooseHpkeConfig([])).toBeUndefined();
  });
});

test("the leader's answer to an upload names refused reports, or is empty", () => {
  expect(readUploadResponse(task, new Uint8Array())).toEqual([]);
  const statuses = [{ id: new Uint8Array(16), error: "report_too_early" }] as const;
  expect(readUploadResponse(task, encodeUploadErrors(statuses, "dap-18"))).toEqual(statuses);
  expect(() => readUploadResponse(task, new Uint8Array(5))).toThrow(DapPeerError);
});
