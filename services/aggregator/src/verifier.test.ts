/**
 * Verification on worker threads beside verification in this thread: over any mix of honest and bad
 * reports the outcomes are the same, for the leader and for the helper, and also when workers die.
 * Whole nodes with workers run in `npm run crash`.
 */
import { defined } from "@sumus/assert";
import { leaderAssembleJob } from "@sumus/dap";
import { decodeAggregationJobInitReq, decodeReport } from "@sumus/dap/messages";
import { createParties, type Parties, SPOILS, type Spoil, spoiltReport } from "@sumus/dap/testing";
import { createLogger } from "@sumus/runtime";
import type { Prio3 } from "@sumus/vdaf";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { createVerifier } from "./verifier.ts";

const lines: string[] = [];
const log = createLogger({ level: "warn", write: (line) => void lines.push(line) });

const here = createVerifier(0, log);
const pool = createVerifier(2, log);
const dying = createVerifier(2, log, new URL("data:text/javascript,process.exit(1)"));
afterAll(() => Promise.all([here, pool, dying].map((verifier) => verifier.close())));

const partiesOf: readonly Parties<Prio3>[] = [
  createParties({ kind: "histogram", length: 4 }),
  createParties({ kind: "count" }),
  createParties({ kind: "sum", maxMeasurement: 10 }, {}, "dap-19"),
];

/** What was wrong with each report of a job; more than one slice of a worker at times. */
const mixes = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant("honest" as const) },
    { weight: 1, arbitrary: fc.constantFrom(...(Object.keys(SPOILS) as Spoil[])) },
  ),
  { maxLength: 160, size: "max" },
);

test("outcomes are the same, whoever computes them", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...partiesOf), mixes, async (parties, mix) => {
      const { leader, helper } = parties;
      const reports = mix.map((kind) =>
        decodeReport(kind === "honest" ? parties.report(1) : spoiltReport(parties, kind)),
      );
      const expected = await here.leader(leader, reports);
      expect(await pool.leader(leader, reports)).toEqual(expected);

      const { request } = leaderAssembleJob(leader, expected);
      const { verifyInits } = decodeAggregationJobInitReq(request);
      const helperExpected = await here.helper(helper, verifyInits);
      expect(await pool.helper(helper, verifyInits)).toEqual(helperExpected);
    }),
    { numRuns: 12 },
  );
  expect(lines).toEqual([]);
});

test("jobs of several tasks at once do not mix", async () => {
  const jobs = partiesOf.flatMap((parties) => {
    const reports = Array.from({ length: 70 }, () => decodeReport(parties.report(1)));
    return [parties, parties].map(({ leader }) => ({ leader, reports }));
  });
  const outcomes = await Promise.all(
    jobs.map(({ leader, reports }) => pool.leader(leader, reports)),
  );
  for (const [index, { leader, reports }] of jobs.entries()) {
    expect(outcomes[index]).toEqual(await here.leader(leader, reports));
  }
});

test("what no worker brings back is verified here", async () => {
  const { leader, report } = defined(partiesOf[0], "a histogram");
  const reports = [report(0), report(1)].map(decodeReport);
  expect(await dying.leader(leader, reports)).toEqual(await here.leader(leader, reports));
  expect(lines.splice(0).join()).toContain("the end of 2 workers");
});
