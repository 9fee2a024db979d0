/**
 * A VDAF of two rounds, Poplar1, through the whole protocol: the continuation step on both sides,
 * states that are stored in between, and one aggregation parameter a batch.
 */
import { defined } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import {
  createPoplar1,
  FIRST_CANDIDATES,
  nextCandidates,
  type Poplar1AggParam,
  packBits,
  VdafError,
} from "@sumus/vdaf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Aggregation, aggregationOf, isEager } from "./aggregation.ts";
import { createAggregateShareReq, readAggregateShareReq, readCollectionJob } from "./collection.ts";
import { collectInterval } from "./collector.ts";
import { type HelperResponse, helperInitJob, helperRespond, readAggregationJob } from "./helper.ts";
import {
  decodeHelperPending,
  encodeHelperPending,
  type HelperProgress,
  readContinuation,
  requestDigest,
} from "./helper-continuation.ts";
import { helperInitStep, leaderInitStep } from "./init-step.ts";
import { type LeaderJob, type LeaderQuestion, leaderInitJob } from "./leader.ts";
import {
  decodePendingReports,
  encodePendingReports,
  leaderAdvanceJob,
} from "./leader-continuation.ts";
import {
  decodeAggregationJobContinueReq,
  decodeAggregationJobInitReq,
  decodeAggregationJobResp,
  encodeAggregationJobContinueReq,
  encodeAggregationJobInitReq,
  encodeAggregationJobResp,
  type VerifyContinue,
} from "./messages/aggregation-job.ts";
import { encodeAggregateShareReq, encodeCollectionJobReq } from "./messages/collection.ts";
import { decodeReport } from "./messages/report.ts";
import { DapPeerError } from "./peer-error.ts";
import { DapProblem } from "./problem.ts";
import { answerContinuation, createParties, runAll, runJob, withAggParam } from "./testing.ts";

const BITS = 6;
const poplar1 = createPoplar1(BITS);
const parties = createParties({ kind: "poplar1", bits: BITS });
const { task } = parties;

/** The top `BITS` bits of a number. */
function word(value: number): Uint8Array {
  return packBits(
    Array.from({ length: BITS }, (_, index) => ((value >> (BITS - 1 - index)) & 1) === 1),
  );
}

function startsWith(value: number, prefix: Uint8Array, level: number): boolean {
  const top = value >> (BITS - 1 - level);
  return (prefix[0] ?? 0) >> (7 - level) === top;
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DapPeerError) return error.code;
    if (error instanceof DapProblem) return error.type;
    throw error;
  }
  return "no error";
}

/** What people hold: mostly a few strings that many share. */
const populations = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(5, 44, 45) },
    { weight: 1, arbitrary: fc.nat(2 ** BITS - 1) },
  ),
  { minLength: 1, maxLength: 12 },
);

describe.each(["dap-18", "dap-19"] as const)("heavy hitters over %s", (version) => {
  test("are found level by level, each level over a batch of its own", () => {
    const own = createParties({ kind: "poplar1", bits: BITS }, {}, version);
    fc.assert(
      fc.property(populations, fc.integer({ min: 1, max: 4 }), (population, threshold) => {
        let candidates: Poplar1AggParam | undefined = FIRST_CANDIDATES;
        let found: number[] = [];
        for (let level = 0; level < BITS && candidates !== undefined; level++) {
          const at = withAggParam(own, poplar1.encodeAggParam(candidates));
          const reports = population.map((value) => own.report(word(value)));
          const { aggregate, reportCount } = runAll(at, reports);
          const { prefixes } = candidates;
          expect(reportCount).toBe(population.length);
          const plain = prefixes.map((prefix) =>
            BigInt(population.filter((value) => startsWith(value, prefix, level)).length),
          );
          expect(aggregate).toEqual(plain);
          if (level === BITS - 1) {
            const heavy = prefixes.filter((_, index) => (aggregate[index] ?? 0n) >= threshold);
            found = heavy.map((prefix) => (prefix[0] ?? 0) >> (8 - BITS));
          } else candidates = nextCandidates(candidates, aggregate, BigInt(threshold));
        }
        const isHeavy = (value: number) =>
          population.filter((other) => other === value).length >= threshold;
        expect(found).toEqual([...new Set(population.filter(isHeavy))].sort((a, b) => a - b));
      }),
      { numRuns: 6 },
    );
  });
});

/** A job of three reports before its continuation. */
interface Halfway {
  readonly aggregation: Aggregation;
  readonly first: LeaderJob;
  readonly answer: HelperResponse;
  readonly question: LeaderQuestion;
  readonly progress: HelperProgress;
}

const aggParam = poplar1.encodeAggParam({
  level: 1,
  prefixes: [Uint8Array.of(0), Uint8Array.of(0x80)],
});
const at = withAggParam(parties, aggParam);

function halfway(values: readonly number[] = [3, 33, 60]): Halfway {
  const aggregation = aggregationOf(task, aggParam);
  const reports = values.map((value) => decodeReport(parties.report(word(value))));
  const first = leaderInitJob(at.leader, reports);
  const job = readAggregationJob(parties.helper, first.request);
  const helper = { ...parties.helper, aggParam: job.aggParam };
  const answer = helperRespond(task, helperInitJob(helper, job), () => undefined);
  const { next } = leaderAdvanceJob(aggregation, first, answer.response);
  const progress = { step: 0, requestDigest: requestDigest(first.request) };
  return { aggregation, first, answer, question: defined(next, "a second round"), progress };
}

const half = halfway();
const { aggregation, answer, question, progress } = half;

describe("the continuation", () => {
  test("commits on neither side before its last step", () => {
    expect(answer.committed).toEqual([]);
    expect(answer.pending).toHaveLength(3);
    expect(question.step).toBe(1);
    const last = answerContinuation(aggregation, progress, answer, question.request);
    expect(last.committed).toHaveLength(3);
    expect(last.pending).toEqual([]);
    const { outcomes, next } = leaderAdvanceJob(aggregation, question, last.response);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(next).toBeUndefined();
  });

  test("goes on from stored states, and makes the same bytes again", () => {
    const stored = encodePendingReports(aggregation, question.pending);
    const pending = decodePendingReports(aggregation, stored);
    expect(pending).toEqual(question.pending);
    const first = decodePendingReports(
      aggregation,
      encodePendingReports(aggregation, half.first.pending),
    );
    expect(
      leaderAdvanceJob(aggregation, { step: 0, pending: first }, answer.response).next,
    ).toEqual(question);
    const secret = encodeHelperPending(aggregation, answer.pending);
    expect(decodeHelperPending(aggregation, secret)).toEqual(answer.pending);
    for (const length of [1, 24, secret.length - 1]) {
      expect(() => decodeHelperPending(aggregation, secret.subarray(0, length))).toThrow();
      expect(() => decodePendingReports(aggregation, stored.subarray(0, length))).toThrow();
    }
  });

  test("is the same by way of a worker thread", () => {
    const reports = [1, 2, 61].map((value) => decodeReport(parties.report(word(value))));
    const outcomes = [...leaderInitStep.verify(at.leader, reports)];
    const encoded = leaderInitStep.encodeOutcomes(at.leader, outcomes);
    expect(leaderInitStep.decodeOutcomes(at.leader, reports, encoded)).toEqual(outcomes);
    const { verifyInits } = decodeAggregationJobInitReq(leaderInitJob(at.leader, reports).request);
    const answers = [...helperInitStep.verify(at.helper, verifyInits)];
    const bytes = helperInitStep.encodeOutcomes(at.helper, answers);
    expect(helperInitStep.decodeOutcomes(at.helper, verifyInits, bytes)).toEqual(answers);
  });

  test("refuses a report that cannot be committed any more, on both sides", () => {
    const collected = () => "batch_collected" as const;
    const last = answerContinuation(aggregation, progress, answer, question.request, collected);
    expect(last.committed).toEqual([]);
    const { outcomes } = leaderAdvanceJob(aggregation, question, last.response);
    expect(outcomes.map((outcome) => outcome.ok || outcome.error)).toEqual(
      Array(3).fill("batch_collected"),
    );
  });
});

describe("a helper's job", () => {
  const request = decodeAggregationJobContinueReq(question.request);
  const read = (body: Uint8Array, from: HelperProgress = progress) =>
    codeOf(() => readContinuation(from, body));
  const send = (verifyContinues: readonly VerifyContinue[]) => {
    const body = encodeAggregationJobContinueReq({ step: 1, verifyContinues });
    return codeOf(() => answerContinuation(aggregation, progress, answer, body));
  };

  test("is at one step: the last request is known again, unchanged; no other is taken", () => {
    const reached = { step: 1, requestDigest: requestDigest(question.request) };
    expect(readContinuation(reached, question.request)).toBe("replay");
    const fewer = { ...request, verifyContinues: request.verifyContinues.slice(1) };
    expect(read(encodeAggregationJobContinueReq(fewer), reached)).toBe("stepMismatch");
    for (const step of [2, 3, 65_535]) {
      expect(read(encodeAggregationJobContinueReq({ ...request, step }))).toBe("stepMismatch");
    }
    expect(read(question.request, { ...reached, step: 2 })).toBe("stepMismatch");
    expect(read(concat(Uint8Array.of(0, 0), question.request.subarray(2)))).toBe("invalidMessage");
    expect(read(question.request.subarray(0, -1))).toBe("invalidMessage");
  });

  test("goes on with its own reports alone, each once and in order", () => {
    const [first, second, third] = request.verifyContinues.map((item) => defined(item, "three"));
    const some = (...items: (VerifyContinue | undefined)[]) =>
      send(items.map((item) => defined(item, "one")));
    expect(some(first, second, third)).toBe("no error");
    expect(some(first, third)).toBe("no error");
    expect(some()).toBe("no error");
    expect(some(second, first)).toBe("invalidMessage");
    expect(some(first, first)).toBe("invalidMessage");
    const foreign = { ...defined(first, "first"), reportId: new Uint8Array(16) };
    expect(some(foreign)).toBe("invalidMessage");
  });
});

describe("whatever one side changes", () => {
  const flip = (bytes: Uint8Array, index: number) =>
    bytes.map((byte, place) => (place === index % bytes.length ? byte ^ 0x41 : byte));

  test("in its question costs one report, and both agree on the others", () => {
    const { verifyContinues } = decodeAggregationJobContinueReq(question.request);
    fc.assert(
      fc.property(fc.nat(2), fc.nat(), (index, place) => {
        const changed = verifyContinues.map((item, at) =>
          at === index ? { ...item, payload: flip(item.payload, place) } : item,
        );
        const body = encodeAggregationJobContinueReq({ step: 1, verifyContinues: changed });
        const last = answerContinuation(aggregation, progress, answer, body);
        const { outcomes } = leaderAdvanceJob(aggregation, question, last.response);
        expect(outcomes.map(({ ok }) => ok)).toEqual([0, 1, 2].map((at) => at !== index));
        expect(last.refused.map(({ error }) => error)).toEqual(["vdaf_verify_error"]);
      }),
      { numRuns: 40 },
    );
  });

  test("in its first answer costs one report at most, which the helper has not committed", () => {
    const resps = decodeAggregationJobResp(answer.response, "dap-18");
    fc.assert(
      fc.property(fc.nat(2), fc.nat(), (index, place) => {
        const changed = resps.map((resp, at) =>
          at === index && resp.type === "continue"
            ? { ...resp, payload: flip(resp.payload, place) }
            : resp,
        );
        const response = encodeAggregationJobResp(changed, "dap-18");
        const { outcomes, next } = leaderAdvanceJob(aggregation, half.first, response);
        const asked = defined(next, "two go on");
        const last = answerContinuation(aggregation, progress, answer, asked.request);
        const ends = leaderAdvanceJob(aggregation, asked, last.response).outcomes;
        // The leader makes no use of part of the message: changed there, nothing changes.
        const all = [...outcomes, ...ends];
        const refused = all.filter((outcome) => !outcome.ok);
        expect(refused.map(({ helperCommitted }) => helperCommitted)).toEqual(
          refused.length === 0 ? [] : [false],
        );
        const committed = all.filter((outcome) => outcome.ok);
        expect(committed.map(({ reportId }) => reportId)).toEqual(
          last.committed.map(({ reportId }) => reportId),
        );
      }),
      { numRuns: 40 },
    );
  });

  test("about the step ends the job", () => {
    const ids = question.pending.map(({ reportId }) => reportId);
    const finishes = ids.map((reportId) => ({ type: "finish", reportId }) as const);
    const finished = encodeAggregationJobResp(finishes, "dap-18");
    const advance = (from: LeaderQuestion, body: Uint8Array) =>
      codeOf(() => leaderAdvanceJob(aggregation, from, body));
    expect(advance(question, finished)).toBe("no error");
    expect(advance(half.first, finished)).toBe("unexpectedStep");
    expect(advance(question, answer.response)).toBe("unexpectedStep");
    expect(advance(question, finished.subarray(17))).toBe("reportsDiffer");
  });
});

describe("an aggregation parameter", () => {
  const interval = { start: 0, duration: 1 };
  const good = aggParam;
  const histogram = createParties({ kind: "histogram", length: 4 });

  test.each<[string, typeof parties | typeof histogram, Uint8Array, boolean]>([
    ["of Poplar1", parties, good, true],
    ["that is empty", parties, new Uint8Array(), false],
    ["with bytes behind it", parties, concat(good, Uint8Array.of(0)), false],
    ["out of order", parties, concat(good.subarray(0, 6), Uint8Array.of(0x80, 0)), false],
    ["of a level too deep", parties, concat(Uint8Array.of(0, BITS), good.subarray(2)), false],
    ["of Prio3", histogram, new Uint8Array(), true],
    ["of Poplar1 for Prio3", histogram, good, false],
  ])("%s is taken by all who read it, or by nobody", (_, own, param, isValid) => {
    const expected = isValid ? "no error" : "invalidAggregationParameter";
    const init = encodeAggregationJobInitReq({
      verificationKeyId: 0,
      aggParam: param,
      extensions: [],
      verifyInits: [],
    });
    expect(codeOf(() => readAggregationJob(own.helper, init))).toBe(expected);
    const request = collectInterval(interval, param);
    expect(codeOf(() => readCollectionJob(own.task, encodeCollectionJobReq(request)))).toBe(
      expected,
    );
    const batch = {
      aggregateShare: new Uint8Array(),
      reportCount: 1,
      checksum: new Uint8Array(32),
      interval,
    };
    const share = createAggregateShareReq(own.task, request, batch);
    expect(codeOf(() => readAggregateShareReq(own.task, share))).toBe(expected);
  });

  describe("that all have agreed on", () => {
    const agreed = poplar1.encodeAggParam(FIRST_CANDIDATES);
    const others = [
      poplar1.encodeAggParam({ level: 0, prefixes: [packBits([true])] }),
      poplar1.encodeAggParam({ level: 1, prefixes: [packBits([true, true])] }),
      new Uint8Array(),
    ];
    const bound = createParties({ kind: "poplar1", bits: BITS }, { aggParam: agreed });
    const problemOf = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return error instanceof DapProblem ? error.type : error;
      }
    };

    test("is known before a collector asks, and to nobody on the wire", () => {
      expect(isEager(bound.task)).toBe(true);
      expect(isEager(task)).toBe(false);
      expect(aggregationOf(bound.task).aggParam).toEqual(agreed);
      expect(bound.task.id).toEqual(task.id);
      const reports = [word(1), word(60), word(63)].map((each) => bound.report(each));
      expect(runAll(withAggParam(bound, agreed), reports).aggregate).toEqual([1n, 2n]);
    });

    test("must be one of the VDAF", () => {
      const impossible = () =>
        createParties({ kind: "poplar1", bits: BITS }, { aggParam: new Uint8Array(1) });
      expect(impossible).toThrow(VdafError);
    });

    test.each(others)("is the only one that leader and helper take: %#", (other) => {
      const reports = [decodeReport(bound.report(word(1)))];
      const job = leaderInitJob(withAggParam(bound, agreed).leader, reports);
      const init = { ...decodeAggregationJobInitReq(job.request), aggParam: other };
      const request = collectInterval({ start: 0, duration: 1 }, other);
      const share = encodeAggregateShareReq({
        collectionJobReq: request,
        batchSelector: { batchMode: "time_interval", batchInterval: { start: 0, duration: 1 } },
        reportCount: 1,
        checksum: new Uint8Array(32),
      });
      const acts = [
        () => readCollectionJob(bound.task, encodeCollectionJobReq(request)),
        () => readAggregationJob(bound.helper, encodeAggregationJobInitReq(init)),
        () => readAggregateShareReq(bound.task, share),
      ];
      expect(acts.map(problemOf)).toEqual(acts.map(() => "invalidAggregationParameter"));
    });
  });

  test("is bound into the collector's answer: another request does not open it", () => {
    const reports = [1, 2].map((value) => parties.report(word(value)));
    expect(runAll(at, reports).aggregate).toEqual([2n, 0n]);
    const { leaderCommitted } = runJob(at, [parties.report(word(40))]);
    expect(leaderCommitted[0]?.outShare).toHaveLength(aggregation.vdaf.aggregateShareSize);
  });
});
