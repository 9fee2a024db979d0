import { defined } from "@sumus/assert";
import { concat, Secret } from "@sumus/bytes";
import { DecodeError } from "@sumus/codec";
import type { Prio3 } from "@sumus/vdaf";
import { measurementLength, shardEncoded } from "@sumus/vdaf/testing";
import { assert, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregateReports } from "./batch.ts";
import { checkUpload } from "./leader.ts";
import type { Extension } from "./messages/basic.ts";
import {
  decodeReport,
  encodePlaintextInputShare,
  encodeReport,
  type Report,
} from "./messages/report.ts";
import { taskIntervalExtension } from "./messages/task-configuration.ts";
import { inputShareAad, sealInputShare } from "./sealed-share.ts";
import { createParties, NOW_SECONDS, type Parties, runCollection, runJob } from "./testing.ts";

const HISTOGRAM = { kind: "histogram", length: 4 } as const;
const parties = createParties(HISTOGRAM);
const hour = Math.floor(NOW_SECONDS / 3600);

/** A report of any shares, sealed as an honest client would. */
function sealReport(
  { task, leaderConfig, helperConfig, randomBytes }: Parties,
  input: {
    readonly reportId: Uint8Array;
    readonly publicShare: Uint8Array;
    readonly inputShares: readonly Uint8Array[];
    readonly privateExtensions?: readonly Extension[];
  },
): Uint8Array {
  const reportMetadata = { reportId: input.reportId, time: hour, publicExtensions: [] };
  const aad = inputShareAad(task, reportMetadata, input.publicShare);
  const seal = (role: "leader" | "helper", index: number) => {
    const payload = defined(input.inputShares[index], "two input shares");
    const privateExtensions = input.privateExtensions ?? [];
    const plaintext = encodePlaintextInputShare({ privateExtensions, payload });
    const config = role === "leader" ? leaderConfig : helperConfig;
    return sealInputShare(task.version, { role, config }, aad, plaintext, randomBytes);
  };
  return encodeReport({
    reportMetadata,
    publicShare: input.publicShare,
    leaderEncryptedInputShare: seal("leader", 0),
    helperEncryptedInputShare: seal("helper", 1),
  });
}

function sharded(measurement: number) {
  const { task, randomBytes } = parties;
  const reportId = randomBytes(16);
  const rand = randomBytes(task.vdaf.randSize);
  return { reportId, ...task.vdaf.shard(task.context, measurement, reportId, rand) };
}

function changed(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte));
}

/** The report between two honest ones; what both aggregators make of the three. */
function between(report: Uint8Array, own: Parties<Prio3> = parties) {
  const result = runJob(own, [own.report(1), report, own.report(2)]);
  const { leaderCommitted, helperCommitted } = result;
  const batches = [leaderCommitted, helperCommitted].map((reports) =>
    aggregateReports(own.task, reports),
  );
  const [leaderBatch, helperBatch] = batches.map((batch) => defined(batch, "a batch"));
  const collection = runCollection(
    own,
    { start: 0, duration: 2 * hour },
    defined(leaderBatch, "the leader's"),
    defined(helperBatch, "the helper's"),
  );
  return { ...result, aggregate: collection.aggregate };
}

const change = (edit: (report: Report) => Partial<Report>) => {
  const report = decodeReport(parties.report(3));
  return encodeReport({ ...report, ...edit(report) });
};

const dishonest: readonly [name: string, report: () => Uint8Array, error: string][] = [
  [
    "of another task",
    () => createParties(HISTOGRAM, { taskInfo: Uint8Array.of(2) }).report(3),
    "hpke_decrypt_error",
  ],
  [
    "of a task of another time precision",
    () => createParties(HISTOGRAM, { timePrecision: 1800 }).report(3),
    "report_too_early",
  ],
  [
    "of a task of other size",
    () => createParties({ kind: "histogram", length: 4, chunkLength: 1 }).report(3),
    "hpke_decrypt_error",
  ],
  ["of another kind", () => createParties({ kind: "count" }).report(1), "invalid_message"],
  [
    "whose id was changed",
    () =>
      change(({ reportMetadata }) => ({
        reportMetadata: { ...reportMetadata, reportId: new Uint8Array(16) },
      })),
    "hpke_decrypt_error",
  ],
  [
    "whose time was changed",
    () =>
      change(({ reportMetadata }) => ({ reportMetadata: { ...reportMetadata, time: hour - 1 } })),
    "hpke_decrypt_error",
  ],
  [
    "whose public share was changed",
    () => change(({ publicShare }) => ({ publicShare: changed(publicShare, 3) })),
    "hpke_decrypt_error",
  ],
  [
    "whose public share was cut",
    () => change(({ publicShare }) => ({ publicShare: publicShare.subarray(1) })),
    "invalid_message",
  ],
  [
    "whose leader share was changed",
    () =>
      change(({ leaderEncryptedInputShare: share }) => ({
        leaderEncryptedInputShare: { ...share, payload: changed(share.payload, 0) },
      })),
    "hpke_decrypt_error",
  ],
  [
    "whose helper share was changed",
    () =>
      change(({ helperEncryptedInputShare: share }) => ({
        helperEncryptedInputShare: { ...share, enc: changed(share.enc, 0) },
      })),
    "hpke_decrypt_error",
  ],
  [
    "whose shares were swapped",
    () =>
      change((report) => ({
        leaderEncryptedInputShare: { ...report.helperEncryptedInputShare, configId: 7 },
        helperEncryptedInputShare: { ...report.leaderEncryptedInputShare, configId: 8 },
      })),
    "hpke_decrypt_error",
  ],
  [
    "with an unknown configuration",
    () =>
      change(({ helperEncryptedInputShare: share }) => ({
        helperEncryptedInputShare: { ...share, configId: 99 },
      })),
    "hpke_decrypt_error",
  ],
  [
    "sealed to a key of low order",
    () =>
      change(({ leaderEncryptedInputShare: share }) => ({
        leaderEncryptedInputShare: { ...share, enc: new Uint8Array(32) },
      })),
    "hpke_decrypt_error",
  ],
  [
    "from the future",
    () => parties.report(3, { timeSeconds: NOW_SECONDS + 2 * 3600 }),
    "report_too_early",
  ],
  [
    "with a public extension nobody knows",
    () => parties.report(3, { publicExtensions: [extension(9)] }),
    "invalid_message",
  ],
  [
    "with a private extension nobody knows",
    () => parties.report(3, { helperExtensions: [extension(9)] }),
    "invalid_message",
  ],
  [
    "whose input shares are too short",
    () => {
      const { inputShares, ...rest } = sharded(3);
      return sealReport(parties, {
        ...rest,
        inputShares: inputShares.map((share) => share.subarray(1)),
      });
    },
    "invalid_message",
  ],
  [
    "whose leader share is no field element",
    () => {
      const { inputShares, ...rest } = sharded(3);
      const [leader, helper] = inputShares.map((share) => share.slice());
      leader?.fill(0xff, 0, 16);
      return sealReport(parties, {
        ...rest,
        inputShares: [leader, helper].flatMap((share) => share ?? []),
      });
    },
    "invalid_message",
  ],
  [
    "that counts a person twice",
    () => {
      const { task, randomBytes } = parties;
      const reportId = randomBytes(16);
      const encoded = Array.from({ length: measurementLength(task.vdaf) }, (_, index) =>
        index < 2 ? 1n : 0n,
      );
      const rand = randomBytes(task.vdaf.randSize);
      const shares = shardEncoded(task.vdaf, task.context, encoded, reportId, rand);
      return sealReport(parties, { reportId, ...shares });
    },
    "vdaf_verify_error",
  ],
  [
    "that counts a person a thousand times",
    () => {
      const { task, randomBytes } = parties;
      const reportId = randomBytes(16);
      const encoded = Array.from({ length: measurementLength(task.vdaf) }, (_, index) =>
        index < 1 ? 1000n : 0n,
      );
      const rand = randomBytes(task.vdaf.randSize);
      const shares = shardEncoded(task.vdaf, task.context, encoded, reportId, rand);
      return sealReport(parties, { reportId, ...shares });
    },
    "vdaf_verify_error",
  ],
  [
    "that names a false joint randomness part of the leader",
    () => {
      const { publicShare, ...rest } = sharded(3);
      return sealReport(parties, { ...rest, publicShare: changed(publicShare, 0) });
    },
    "vdaf_verify_error",
  ],
  [
    "that names a false joint randomness part of the helper",
    () => {
      const { publicShare, ...rest } = sharded(3);
      return sealReport(parties, { ...rest, publicShare: changed(publicShare, 32) });
    },
    "vdaf_verify_error",
  ],
];

function extension(type: number): Extension {
  return { type, data: new Uint8Array() };
}

describe("a report", () => {
  test.each(dishonest)("%s is refused alone", (_name, report, error) => {
    const result = between(report());
    const refused = [...result.refusedByLeader, ...result.refusedByHelper];
    expect(refused.map((one) => one.error)).toEqual([error]);
    expect(result.aggregate).toEqual([0n, 1n, 1n, 0n]);
    for (const outcome of result.leaderOutcomes) {
      expect("helperCommitted" in outcome && outcome.helperCommitted).toBe(false);
    }
  });

  test("is refused outside of its task's interval", () => {
    const extensions = [taskIntervalExtension({ start: hour - 1, duration: 2 })];
    const bounded = createParties(HISTOGRAM, { extensions });
    const hoursAgo = (hours: number) =>
      runJob({ ...bounded, leader: { ...bounded.leader, nowSeconds: NOW_SECONDS + 7200 } }, [
        bounded.report(1, { timeSeconds: NOW_SECONDS - 3600 * hours }),
      ]).refusedByLeader.map(({ error }) => error);
    expect(hoursAgo(2)).toEqual(["task_not_started"]);
    expect(hoursAgo(1)).toEqual([]);
    expect(hoursAgo(0)).toEqual([]);
    expect(hoursAgo(-1)).toEqual(["task_expired"]);
  });

  test("is refused by the helper in the helper's own words of dap-19", () => {
    const extensions = [taskIntervalExtension({ start: hour, duration: 1 })];
    const newer = createParties(HISTOGRAM, { extensions }, "dap-19");
    const late = { ...newer, helper: { ...newer.helper, nowSeconds: NOW_SECONDS - 7200 } };
    const { leaderOutcomes } = runJob(late, [newer.report(1)]);
    expect(leaderOutcomes.map((outcome) => !outcome.ok && outcome.error)).toEqual([
      "report_too_early",
    ]);
  });

  test("counts once when it comes twice in a job", () => {
    const report = parties.report(3);
    const result = runJob(parties, [report, parties.report(1), report]);
    expect(result.refusedByLeader.map(({ error }) => error)).toEqual(["report_replayed"]);
    expect(result.leaderCommitted).toHaveLength(2);
    expect(result.helperCommitted).toHaveLength(2);
  });

  test("is left out by both when the helper cannot commit it", () => {
    const replayed = decodeReport(parties.report(3)).reportMetadata.reportId;
    const again = parties.report(3, { reportId: replayed });
    const result = runJob(parties, [parties.report(1), again], (reportId) =>
      Uint8Array.from(reportId).toString() === replayed.toString() ? "report_replayed" : undefined,
    );
    expect(result.leaderOutcomes.map((outcome) => outcome.ok || outcome.error)).toEqual([
      true,
      "report_replayed",
    ]);
    expect(result.helperCommitted).toHaveLength(1);
  });

  test("is never committed by one aggregator alone, whatever byte of it is changed", () => {
    const report = parties.report(3);
    assert(
      property(nat(report.length - 1), nat(254), (index, step) => {
        const mutated = report.map((byte, at) => (at === index ? (byte + 1 + step) & 0xff : byte));
        try {
          decodeReport(mutated);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          return;
        }
        const { leaderCommitted, helperCommitted } = runJob(parties, [mutated]);
        expect([leaderCommitted.length, helperCommitted.length]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
  });

  test("is refused when the aggregators' verification keys differ", () => {
    const helper = { ...parties.helper, verifyKey: new Secret(new Uint8Array(32)) };
    const { refusedByHelper } = runJob({ ...parties, helper }, [parties.report(1)]);
    expect(refusedByHelper.map(({ error }) => error)).toEqual(["vdaf_verify_error"]);
  });
});

describe("extensions that an aggregator knows", () => {
  const know = (...types: number[]): Parties => {
    const extensionTypes = new Set(types);
    const leader = { ...parties.leader, extensionTypes };
    return { ...parties, leader, helper: { ...parties.helper, extensionTypes } };
  };
  const errorsOf = (report: Uint8Array): string[] => {
    const { refusedByLeader, refusedByHelper } = runJob(know(1, 2, 3), [report]);
    return [...refusedByLeader, ...refusedByHelper].map(({ error }) => error);
  };

  test("may be public and private", () => {
    const report = parties.report(1, {
      publicExtensions: [extension(1), extension(3)],
      leaderExtensions: [extension(2)],
      helperExtensions: [extension(2)],
    });
    expect(errorsOf(report)).toEqual([]);
  });

  test("may not repeat or be out of order", () => {
    const twice = { publicExtensions: [extension(1)], helperExtensions: [extension(1)] };
    expect(errorsOf(parties.report(1, twice))).toEqual(["invalid_message"]);
    const unordered = { publicExtensions: [extension(3), extension(1)] };
    expect(errorsOf(parties.report(1, unordered))).toEqual(["invalid_message"]);
    const repeated = { leaderExtensions: [extension(3), extension(3)] };
    expect(errorsOf(parties.report(1, repeated))).toEqual(["invalid_message"]);
  });

  test("are named in dap-19 when they are unknown", () => {
    const newer = createParties(HISTOGRAM, {}, "dap-19");
    const report = newer.report(1, { helperExtensions: [extension(9)] });
    expect(runJob(newer, [report]).refusedByHelper.map(({ error }) => error)).toEqual([
      "unsupported_extension",
    ]);
  });
});

describe("an upload", () => {
  const policy = {
    task: parties.task,
    nowSeconds: NOW_SECONDS,
    isKnownConfig: (id: number): boolean => id === 7,
  };
  const check = (report: Uint8Array, changes: Partial<typeof policy> = {}) =>
    checkUpload({ ...policy, ...changes }, decodeReport(report));

  test("is taken or refused by what is in the clear", () => {
    expect(check(parties.report(1))).toBeUndefined();
    expect(check(parties.report(1), { isKnownConfig: () => false })).toBe("outdated_config");
    expect(check(parties.report(1), { nowSeconds: NOW_SECONDS - 3600 })).toBe("report_too_early");
    expect(check(parties.report(1, { publicExtensions: [extension(5)] }))).toBe("invalid_message");
    expect(check(change(() => ({ publicShare: new Uint8Array() })))).toBe("invalid_message");
  });

  test("is taken while clocks differ by less than the skew", () => {
    const start = hour * 3600;
    const report = parties.report(1, { timeSeconds: start });
    expect(check(report, { nowSeconds: start - 300 })).toBeUndefined();
    expect(check(report, { nowSeconds: start - 301 })).toBe("report_too_early");
  });

  test("is dropped outside of the task's interval", () => {
    const extensions = [taskIntervalExtension({ start: hour, duration: 1 })];
    const bounded = createParties(HISTOGRAM, { extensions });
    const early = bounded.report(1, { timeSeconds: NOW_SECONDS - 3600 });
    expect(check(early, { task: bounded.task })).toBe("report_dropped");
  });

  test("holds several reports one after the other", () => {
    expect(concat(parties.report(1), parties.report(2)).length).toBe(2 * parties.report(0).length);
  });
});
