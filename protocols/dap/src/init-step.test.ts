/**
 * Many reports in one call: each outcome is that of the report taken alone, whatever stands beside
 * it, and survives the way to a worker thread and back.
 */
import { AssertionError } from "@sumus/assert";
import fc from "fast-check";
import { expect, test } from "vitest";
import { helperInitReport } from "./helper.ts";
import { helperInitStep, leaderInitStep } from "./init-step.ts";
import { leaderAssembleJob, leaderInitReport } from "./leader.ts";
import { decodeAggregationJobInitReq } from "./messages/aggregation-job.ts";
import { decodeReport } from "./messages/report.ts";
import { createParties, SPOILS, type Spoil, spoiltReport } from "./testing.ts";

const parties = createParties({ kind: "histogram", length: 4 });
const { leader, helper } = parties;

/** Honest reports and each kind of bad one, in any order. */
const mixes = fc
  .array(fc.constantFrom("honest" as const, ...(Object.keys(SPOILS) as Spoil[])), { maxLength: 12 })
  .map((kinds) =>
    kinds.map((kind) =>
      decodeReport(kind === "honest" ? parties.report(1) : spoiltReport(parties, kind)),
    ),
  );

test("an outcome is that of the report alone, here or by way of bytes", () => {
  fc.assert(
    fc.property(mixes, (reports) => {
      const alone = reports.map((report) => leaderInitReport(leader, report));
      const outcomes = [...leaderInitStep.verify(leader, reports)];
      expect(outcomes).toEqual(alone);
      expect(leaderInitStep.decodeItems(leaderInitStep.encodeItems(reports))).toEqual(reports);
      const encoded = leaderInitStep.encodeOutcomes(leader, outcomes);
      expect(leaderInitStep.decodeOutcomes(leader, reports, encoded)).toEqual(outcomes);

      const { request } = leaderAssembleJob(leader, outcomes);
      const { verifyInits } = decodeAggregationJobInitReq(request);
      const helperOutcomes = [...helperInitStep.verify(helper, verifyInits)];
      expect(helperOutcomes).toEqual(verifyInits.map((init) => helperInitReport(helper, init)));
      const items = helperInitStep.encodeItems(verifyInits);
      expect(helperInitStep.decodeItems(items)).toEqual(verifyInits);
      const bytes = helperInitStep.encodeOutcomes(helper, helperOutcomes);
      expect(helperInitStep.decodeOutcomes(helper, verifyInits, bytes)).toEqual(helperOutcomes);
    }),
    { numRuns: 30 },
  );
});

test("each kind of bad report is refused by the one who can see it", () => {
  const refusals = (Object.keys(SPOILS) as Spoil[]).map((spoil) => {
    const [first] = leaderInitStep.verify(leader, [decodeReport(spoiltReport(parties, spoil))]);
    if (!first?.ok) return [spoil, "leader", first?.error];
    const [second] = helperInitStep.verify(helper, [first.verifyInit]);
    return [spoil, "helper", second?.ok ? "none" : second?.error];
  });
  expect(refusals).toEqual([
    ["leaderShare", "leader", "hpke_decrypt_error"],
    ["helperShare", "helper", "hpke_decrypt_error"],
    ["length", "leader", "invalid_message"],
    ["element", "leader", "invalid_message"],
    ["measurement", "helper", "vdaf_verify_error"],
    ["time", "leader", "report_too_early"],
  ]);
});

test("a report that makes our own code throw is dropped, heard of, and nobody else's matter", () => {
  const broken = new AssertionError("a key ring that breaks at the second look");
  let looks = 0;
  const keyPairOf: typeof leader.keys.keyPairOf = (id) => {
    if (++looks === 2) throw broken;
    return leader.keys.keyPairOf(id);
  };
  const reports = [0, 1, 2].map((bucket) => decodeReport(parties.report(bucket)));
  const heard: unknown[] = [];
  const aggregator = { ...leader, keys: { ...leader.keys, keyPairOf } };
  const outcomes = [...leaderInitStep.verify(aggregator, reports, (...all) => heard.push(all))];
  const alone = reports.map((report) => leaderInitReport(leader, report));
  expect(outcomes[0]).toEqual(alone[0]);
  expect(outcomes[1]).toMatchObject({ ok: false, error: "report_dropped" });
  expect(outcomes[2]).toEqual(alone[2]);
  expect(heard).toEqual([[broken, reports[1]?.reportMetadata.reportId]]);
});

test("outcomes that are too few or too many are refused", () => {
  const reports = [decodeReport(parties.report(0)), decodeReport(parties.report(1))];
  const bytes = leaderInitStep.encodeOutcomes(leader, [...leaderInitStep.verify(leader, reports)]);
  for (const wrong of [bytes.subarray(1), bytes.subarray(0, -1)]) {
    expect(() => leaderInitStep.decodeOutcomes(leader, reports, wrong)).toThrow();
  }
  expect(() => leaderInitStep.decodeOutcomes(leader, reports.slice(1), bytes)).toThrow(
    "expected the end of the message",
  );
});
