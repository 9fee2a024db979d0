import { defined } from "@sumus/assert";
import { concat, encodeUtf8 } from "@sumus/bytes";
import { hpkeOpen } from "@sumus/crypto";
import { describe, expect, test } from "vitest";
import { aggregateReports, type BatchAggregate, emptyBatch } from "./batch.ts";
import {
  checkBatchAgreement,
  createAggregateShareReq,
  createCollectionJobResp,
  readAggregateShare,
  readAggregateShareReq,
  readCollectionJob,
} from "./collection.ts";
import { collectInterval, collectNextBatch, openCollection } from "./collector.ts";
import {
  type AggregateShareReq,
  type CollectionJobReq,
  decodeCollectionJobResp,
  encodeAggregateShare,
  encodeAggregateShareReq,
  encodeCollectionJobReq,
  encodeCollectionJobResp,
} from "./messages/collection.ts";
import { DapPeerError } from "./peer-error.ts";
import { DapProblem } from "./problem.ts";
import { openAggregateShare, sealAggregateShare } from "./sealed-share.ts";
import { createParties, runJob } from "./testing.ts";

const parties = createParties({ kind: "sum", maxMeasurement: 9 }, { minBatchSize: 2 });
const { task, collectorKeys, collectorConfig, randomBytes } = parties;
const result = runJob(
  parties,
  [4, 5, 6].map((measurement) => parties.report(measurement)),
);
const leaderBatch = aggregateReports(task, result.leaderCommitted);
const helperBatch = aggregateReports(task, result.helperCommitted);
const interval = leaderBatch.interval ?? { start: 0, duration: 0 };
const request = collectInterval(interval);

function problemOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DapProblem) return error.type;
    if (error instanceof DapPeerError) return error.code;
    throw error;
  }
  return "none";
}

describe("a leader reads what a collector asks for", () => {
  const read = (changes: Partial<CollectionJobReq>) =>
    problemOf(() => readCollectionJob(task, encodeCollectionJobReq({ ...request, ...changes })));

  test("and names what it cannot serve", () => {
    expect(read({})).toBe("none");
    expect(read(collectNextBatch())).toBe("invalidMessage");
    expect(read({ aggParam: Uint8Array.of(0) })).toBe("invalidAggregationParameter");
    expect(read({ extensions: [{ type: 4, data: new Uint8Array() }] })).toBe(
      "unsupportedExtension",
    );
    const unordered = [5, 4].map((type) => ({ type, data: new Uint8Array() }));
    expect(read({ extensions: unordered })).toBe("invalidExtension");
    expect(read(collectInterval({ start: 5, duration: 0 }))).toBe("batchInvalid");
    expect(problemOf(() => readCollectionJob(task, new Uint8Array(3)))).toBe("invalidMessage");
  });

  test("and asks for no share of too small a batch", () => {
    const small = aggregateReports(task, result.leaderCommitted.slice(0, 1));
    const ask = () => createAggregateShareReq(task, request, small);
    expect(problemOf(ask)).toBe("invalidBatchSize");
    expect(ask).toThrow("1 of 2 reports so far");
  });
});

describe("a helper reads what a leader asks for", () => {
  const honest: AggregateShareReq = readAggregateShareReq(
    task,
    createAggregateShareReq(task, request, leaderBatch),
  );
  const read = (changes: Partial<AggregateShareReq>) =>
    problemOf(() =>
      readAggregateShareReq(task, encodeAggregateShareReq({ ...honest, ...changes })),
    );
  const select = (start: number, duration: number) =>
    read({ batchSelector: { batchMode: "time_interval", batchInterval: { start, duration } } });

  test("and holds it against the collector's query", () => {
    const { start, duration } = interval;
    expect(read({})).toBe("none");
    expect(select(start - 1, duration)).toBe("batchInvalid");
    expect(select(start, duration + 1)).toBe("batchInvalid");
    expect(select(start, 0)).toBe("batchInvalid");
    expect(read({ collectionJobReq: collectNextBatch() })).toBe("invalidMessage");
    const batchId = new Uint8Array(32);
    expect(read({ batchSelector: { batchMode: "leader_selected", batchId } })).toBe(
      "invalidMessage",
    );
    expect(problemOf(() => readAggregateShareReq(task, new Uint8Array(9)))).toBe("invalidMessage");
  });

  test("and against its own batch", () => {
    const agree = (changes: Partial<AggregateShareReq>, batch: BatchAggregate = helperBatch) =>
      problemOf(() => checkBatchAgreement(task, { ...honest, ...changes }, batch));
    expect(agree({})).toBe("none");
    expect(agree({ reportCount: 2 })).toBe("batchMismatch");
    expect(agree({ checksum: new Uint8Array(32) })).toBe("batchMismatch");
    const fewer = aggregateReports(task, result.helperCommitted.slice(1));
    expect(agree({}, fewer)).toBe("batchMismatch");
    const one = aggregateReports(task, result.helperCommitted.slice(2));
    expect(agree({}, one)).toBe("invalidBatchSize");
  });
});

describe("aggregate shares", () => {
  const input = {
    collectorConfig,
    collectionJobReq: request,
    aggregateShare: leaderBatch.aggregateShare,
  };
  const sealed = sealAggregateShare(task, "leader", input, randomBytes);

  test("open for their task, role, collector and request alone", () => {
    const open = openAggregateShare;
    expect(open(task, "leader", collectorKeys, request, sealed)).toEqual(input.aggregateShare);
    expect(open(task, "helper", collectorKeys, request, sealed)).toBeUndefined();
    expect(open(task, "leader", parties.helper.keys, request, sealed)).toBeUndefined();
    const other = collectInterval({ ...interval, duration: interval.duration + 1 });
    expect(open(task, "leader", collectorKeys, other, sealed)).toBeUndefined();
    const otherTask = createParties({ kind: "sum", maxMeasurement: 8 }).task;
    expect(open(otherTask, "leader", collectorKeys, request, sealed)).toBeUndefined();
    const foreign = { ...sealed, configId: 3 };
    expect(open(task, "leader", collectorKeys, request, foreign)).toBeUndefined();
  });

  test("are sealed with the labels and data of the draft", () => {
    const keyPair = defined(collectorKeys.keyPairOf(sealed.configId), "the collector's key");
    const info = Uint8Array.of(...encodeUtf8("dap-18 aggregate share"), 2, 0);
    const aad = concat(task.id, task.encodedConfiguration, encodeCollectionJobReq(request));
    const opened = hpkeOpen(keyPair, { enc: sealed.enc, ciphertext: sealed.payload }, info, aad);
    expect(opened).toEqual(input.aggregateShare);
  });

  test("travel in messages of their own", () => {
    const body = encodeAggregateShare({ encryptedAggregateShare: sealed });
    expect(readAggregateShare(body)).toEqual(sealed);
    expect(problemOf(() => readAggregateShare(body.subarray(1)))).toBe("malformedResponse");
  });
});

describe("a collector", () => {
  const seal = (role: "leader" | "helper", { aggregateShare }: BatchAggregate, req = request) => {
    const input = { collectorConfig, collectionJobReq: req, aggregateShare };
    return sealAggregateShare(task, role, input, randomBytes);
  };
  const honest = createCollectionJobResp(
    { ...leaderBatch, interval },
    seal("leader", leaderBatch),
    seal("helper", helperBatch),
  );
  const response = decodeCollectionJobResp(honest);
  const open = (changes: Partial<typeof response>) =>
    problemOf(() =>
      openCollection(
        task,
        collectorKeys,
        request,
        encodeCollectionJobResp({ ...response, ...changes }),
      ),
    );

  test("gets the sum, and the shares that add up to it", () => {
    const collection = openCollection(task, collectorKeys, request, honest);
    expect(collection.aggregate).toEqual([15n]);
    const shares = [collection.leaderAggregateShare, collection.helperAggregateShare];
    expect(task.vdaf.unshard(shares, 3)).toEqual([15n]);
  });

  test("reads sums that noise made negative as residues", () => {
    const noise = task.vdaf.encodeAggregate([-20n]);
    const aggregateShare = task.vdaf.merge(helperBatch.aggregateShare, noise);
    const noised = createCollectionJobResp(
      { ...leaderBatch, interval },
      seal("leader", leaderBatch),
      seal("helper", { ...helperBatch, aggregateShare }),
    );
    const { aggregate } = openCollection(task, collectorKeys, request, noised);
    expect(aggregate).toEqual([task.vdaf.fieldModulus - 5n]);
  });

  test("takes no answer to another question", () => {
    expect(open({})).toBe("none");
    expect(open({ reportCount: 1 })).toBe("unexpectedResult");
    expect(open({ interval: { start: interval.start - 1, duration: 1 } })).toBe("unexpectedResult");
    expect(open({ leaderEncryptedAggShare: response.helperEncryptedAggShare })).toBe(
      "unexpectedResult",
    );
    const other = collectInterval({ ...interval, duration: interval.duration + 1 });
    expect(open({ helperEncryptedAggShare: seal("helper", helperBatch, other) })).toBe(
      "unexpectedResult",
    );
    const short = { ...helperBatch, aggregateShare: helperBatch.aggregateShare.subarray(1) };
    expect(open({ helperEncryptedAggShare: seal("helper", short) })).toBe("unexpectedResult");
    const cut = () => openCollection(task, collectorKeys, request, honest.subarray(1));
    expect(problemOf(cut)).toBe("malformedResponse");
  });
});

test("in leader-selected mode the leader names the batch that the collector gets", () => {
  const selected = createParties({ kind: "count" }, { batchMode: "leader_selected" });
  const batch = { ...emptyBatch(selected.task), reportCount: 5 };
  const next = readCollectionJob(selected.task, encodeCollectionJobReq(collectNextBatch()));
  const batchId = new Uint8Array(32).fill(4);
  const body = createAggregateShareReq(selected.task, next, batch, batchId);
  expect(readAggregateShareReq(selected.task, body).batchSelector).toEqual({
    batchMode: "leader_selected",
    batchId,
  });
  const unnamed = () => createAggregateShareReq(selected.task, next, batch);
  expect(problemOf(unnamed)).toBe("batchInvalid");
});
