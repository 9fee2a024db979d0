import { defined } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import { assert, nat, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { aggregationOf } from "./aggregation.ts";
import { helperInitJob, helperRespond, readAggregationJob } from "./helper.ts";
import { type LeaderQuestion, leaderInitJob } from "./leader.ts";
import {
  decodePendingReports,
  encodePendingReports,
  type LeaderOutcome,
  leaderAdvanceJob,
} from "./leader-continuation.ts";
import {
  type AggregationJobInitReq,
  decodeAggregationJobInitReq,
  decodeAggregationJobResp,
  encodeAggregationJobInitReq,
  encodeAggregationJobResp,
  type VerifyResp,
} from "./messages/aggregation-job.ts";
import { decodeReport } from "./messages/report.ts";
import { DapPeerError } from "./peer-error.ts";
import { DapProblem } from "./problem.ts";
import { createParties, type Parties } from "./testing.ts";
import type { DapVersion } from "./version.ts";

const parties = createParties({ kind: "histogram", length: 4 });
const { task } = parties;
const reports = [0, 1, 2].map((index) => decodeReport(parties.report(index)));
const job = leaderInitJob(parties.leader, reports);
const honest = answer(parties, job.request);

function answer({ task, helper }: Parties, request: Uint8Array): Uint8Array {
  const outcomes = helperInitJob(helper, readAggregationJob(helper, request));
  return helperRespond(task, outcomes, () => undefined).response;
}

/** What an answer makes of a job; nothing is left to ask. */
function leaderFinish(
  question: LeaderQuestion,
  response: Uint8Array,
  { task }: Parties = parties,
): readonly LeaderOutcome[] {
  const { outcomes, next } = leaderAdvanceJob(aggregationOf(task), question, response);
  expect(next).toBeUndefined();
  return outcomes;
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

describe("a helper that lies", () => {
  const resps = decodeAggregationJobResp(honest, "dap-18");
  const [first, second, third] = resps.map((resp) => defined(resp, "three answers"));
  const finish = (...answers: (VerifyResp | undefined)[]): readonly LeaderOutcome[] => {
    const sent = answers.map((resp) => defined(resp, "an answer"));
    return leaderFinish(job, encodeAggregationJobResp(sent, "dap-18"));
  };

  test("about which reports it answers is found out", () => {
    expect(codeOf(() => finish(first, second, third))).toBe("no error");
    expect(codeOf(() => finish(first, second))).toBe("reportsDiffer");
    expect(codeOf(() => finish(first, second, third, third))).toBe("reportsDiffer");
    expect(codeOf(() => finish(second, first, third))).toBe("reportsDiffer");
    expect(codeOf(() => finish(first, first, third))).toBe("reportsDiffer");
    expect(codeOf(() => finish())).toBe("reportsDiffer");
  });

  test("about the step is found out", () => {
    const reportId = defined(second, "second").reportId;
    expect(codeOf(() => finish(first, { type: "finish", reportId }, third))).toBe("unexpectedStep");
  });

  test("with bytes that are no answer is found out", () => {
    const feed = (bytes: Uint8Array) => codeOf(() => leaderFinish(job, bytes));
    expect(feed(honest.subarray(0, -1))).toBe("malformedResponse");
    expect(feed(concat(honest, Uint8Array.of(0)))).toBe("malformedResponse");
    assert(
      property(uint8Array({ maxLength: 80 }), (noise) => {
        expect(["malformedResponse", "reportsDiffer"]).toContain(feed(noise));
      }),
    );
  });

  test("about one report's proof costs that report alone, and is told apart", () => {
    assert(
      property(nat(defined(honest.length, "length") - 1), (index) => {
        const bytes = honest.map((byte, at) => (at === index ? byte ^ 0x80 : byte));
        let outcomes: readonly LeaderOutcome[];
        try {
          outcomes = leaderFinish(job, bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DapPeerError);
          return;
        }
        const refused = outcomes.filter((outcome) => !outcome.ok);
        expect(refused.map(({ error, helperCommitted }) => [error, helperCommitted])).toEqual([
          ["vdaf_verify_error", true],
        ]);
      }),
      { numRuns: 150 },
    );
  });
});

describe("a leader that lies", () => {
  const request = decodeAggregationJobInitReq(job.request);
  const send = (changes: Partial<AggregationJobInitReq>, own: Parties = parties) =>
    codeOf(() => answer(own, encodeAggregationJobInitReq({ ...request, ...changes })));
  const inits = request.verifyInits;

  test("about the job fails as a whole", () => {
    expect(send({})).toBe("no error");
    expect(send({ verifyInits: [] })).toBe("no error");
    expect(send({ verifyInits: [...inits, ...inits.slice(0, 1)] })).toBe("invalidMessage");
    expect(send({ aggParam: Uint8Array.of(1) })).toBe("invalidAggregationParameter");
    const unknown = [{ type: 7, data: new Uint8Array() }];
    expect(send({ extensions: unknown })).toBe("unsupportedExtension");
    expect(send({ verificationKeyId: 1 })).toBe("invalidMessage");
  });

  test("with bytes that are no request is told so", () => {
    const feed = (bytes: Uint8Array) => codeOf(() => readAggregationJob(parties.helper, bytes));
    expect(feed(new Uint8Array())).toBe("invalidMessage");
    expect(feed(job.request.subarray(0, -1))).toBe("invalidMessage");
    expect(feed(concat(job.request, Uint8Array.of(0)))).toBe("invalidMessage");
  });

  test("about a verification key fails the job in dap-18, each report in dap-19", () => {
    const refusals = (version: DapVersion) => {
      const own = createParties({ kind: "count" }, {}, version);
      const leader = { ...own.leader, verificationKeyId: 5 };
      const made = leaderInitJob(leader, [decodeReport(own.report(1))]);
      const outcomes = leaderFinish(made, answer(own, made.request), own);
      return outcomes.map((outcome) => outcome.ok || outcome.error);
    };
    expect(codeOf(() => refusals("dap-18"))).toBe("invalidMessage");
    expect(refusals("dap-19")).toEqual(["unknown_verification_key_id"]);
  });

  test("about a verifier share is refused for that report alone", () => {
    const changedInits = inits.map((init, index) =>
      index === 1 ? { ...init, payload: init.payload.map((byte) => byte ^ 1) } : init,
    );
    const body = encodeAggregationJobInitReq({ ...request, verifyInits: changedInits });
    const outcomes = leaderFinish(job, answer(parties, body));
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true]);
  });

  test("in leader-selected mode must name a batch", () => {
    const selected = createParties({ kind: "count" }, { batchMode: "leader_selected" });
    const report = decodeReport(selected.report(1));
    const batchId = new Uint8Array(32).fill(3);
    const named = leaderInitJob(selected.leader, [report], batchId);
    expect(readAggregationJob(selected.helper, named.request).batchId).toEqual(batchId);
    const unnamed = leaderInitJob(selected.leader, [report]);
    expect(codeOf(() => answer(selected, unnamed.request))).toBe("invalidMessage");
    const short = leaderInitJob(selected.leader, [report], batchId.subarray(1));
    expect(codeOf(() => answer(selected, short.request))).toBe("invalidMessage");
    expect(codeOf(() => readAggregationJob(parties.helper, named.request))).toBe(
      "unsupportedExtension",
    );
  });
});

describe("a leader that crashes", () => {
  test("makes the same request again", () => {
    expect(leaderInitJob(parties.leader, reports).request).toEqual(job.request);
  });

  test("goes on from stored reports", () => {
    const stored = encodePendingReports(task, job.pending);
    const pending = decodePendingReports(task, stored);
    expect(leaderFinish({ ...job, pending }, honest)).toEqual(leaderFinish(job, honest));
    expect(() => decodePendingReports(task, stored.subarray(1))).toThrow();
  });
});

test("a helper saves itself the work for reports it cannot commit anyway", () => {
  const { helper } = parties;
  const outcomes = helperInitJob(
    helper,
    readAggregationJob(helper, job.request),
    () => "batch_collected",
  );
  expect(outcomes.map((outcome) => outcome.ok || outcome.error)).toEqual(
    reports.map(() => "batch_collected"),
  );
});
