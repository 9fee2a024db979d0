import {
  array,
  assert,
  constantFrom,
  double,
  integer,
  oneof,
  property,
  record,
  subarray,
} from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BudgetPolicy,
  charge,
  type Ledger,
  markReleased,
  openLedger,
  refund,
  remainingBudget,
} from "./index.ts";

const DAY = 86_400;
const policy: BudgetPolicy = {
  periodSeconds: 30 * DAY,
  totalRho: 1,
  collectionRho: { gps: 0.2 },
  otherRho: 0.6,
};
const charged = (ledger: Ledger, study: string, rho: number, ...collections: string[]): Ledger => {
  const step = charge(ledger, { study, rho, collections }, 0);
  if (!step.ok) throw new Error(step.reason);
  return step.ledger;
};

describe("a charge", () => {
  test("goes to the total and to every collection that is read", () => {
    const ledger = charged(openLedger(policy), "a", 0.15, "gps", "lab");
    expect(remainingBudget(ledger, null, 0).remainingRho).toBeCloseTo(0.85, 9);
    expect(remainingBudget(ledger, "gps", 0).remainingRho).toBeCloseTo(0.05, 9);
    expect(remainingBudget(ledger, "lab", 0).remainingRho).toBeCloseTo(0.45, 9);
    expect(remainingBudget(ledger, "body", 0)).toEqual({
      limitRho: 0.6,
      spentRho: 0,
      remainingRho: 0.6,
    });
  });

  test("is refused in words when one account is short, and then charges none", () => {
    const ledger = charged(openLedger(policy), "a", 0.15, "gps");
    const step = charge(ledger, { study: "b", rho: 0.1, collections: ["lab", "gps"] }, 1);
    expect(step).toEqual({
      ok: false,
      reason: "your budget for gps has 0.05 rho left; this study costs 0.1",
    });
    const large = charge(ledger, { study: "b", rho: 0.9, collections: [] }, 1);
    expect(large).toMatchObject({ ok: false, reason: expect.stringContaining("total budget") });
  });

  test("is made once a study", () => {
    const ledger = charged(openLedger(policy), "a", 0.1, "lab");
    expect(charge(ledger, { study: "a", rho: 0.1, collections: ["lab"] }, 1).ok).toBe(false);
    const refunded = refund(ledger, "a");
    expect(
      refunded.ok && charge(refunded.ledger, { study: "a", rho: 0.1, collections: [] }, 1).ok,
    ).toBe(false);
  });

  test("stops counting when it is older than the period", () => {
    const ledger = charged(openLedger(policy), "a", 0.2, "gps");
    expect(remainingBudget(ledger, "gps", 30 * DAY - 1).remainingRho).toBe(0);
    expect(remainingBudget(ledger, "gps", 30 * DAY).remainingRho).toBe(0.2);
  });

  test("counts even when the clock goes back", () => {
    const step = charge(
      openLedger(policy),
      { study: "a", rho: 0.2, collections: ["gps"] },
      9 * DAY,
    );
    expect(step.ok && remainingBudget(step.ledger, "gps", 0).remainingRho).toBe(0);
  });
});

describe("a refund", () => {
  test("gives back a charge, once, and only before the release", () => {
    const ledger = charged(charged(openLedger(policy), "a", 0.2, "gps"), "b", 0.1, "lab");
    const refunded = refund(ledger, "a");
    expect(refunded.ok && remainingBudget(refunded.ledger, "gps", 0).remainingRho).toBe(0.2);
    expect(refunded.ok && refund(refunded.ledger, "a")).toEqual({
      ok: false,
      reason: "this study was refunded before",
    });
    const released = markReleased(ledger, "a");
    expect(released.ok && refund(released.ledger, "a")).toEqual({
      ok: false,
      reason: "this study was released before",
    });
    expect(refund(ledger, "c")).toEqual({ ok: false, reason: "this study was never charged" });
  });
});

test("whatever happens in whatever order, nothing is ever overspent", () => {
  const collections = ["gps", "lab", "body", "toString"];
  const study = integer({ min: 0, max: 30 }).map(String);
  const operation = oneof(
    record({
      kind: constantFrom("charge"),
      study,
      rho: double({ min: 1e-12, max: 0.3, noNaN: true }),
      collections: subarray(collections),
      waitSeconds: integer({ min: 0, max: 10 * DAY }),
    }),
    record({ kind: constantFrom("refund", "release"), study }),
  );
  assert(
    property(array(operation, { maxLength: 60 }), (operations) => {
      let nowSeconds = 0;
      let ledger = openLedger(policy);
      for (const next of operations) {
        if ("rho" in next) nowSeconds += next.waitSeconds;
        const step =
          "rho" in next
            ? charge(ledger, next, nowSeconds)
            : next.kind === "refund"
              ? refund(ledger, next.study)
              : markReleased(ledger, next.study);
        if (step.ok) ledger = step.ledger;
      }
      // Every window of one period that ends at a charge, added up without the ledger's own code.
      for (const { chargedSeconds: end } of ledger.entries) {
        for (const collection of [null, ...collections]) {
          const spent = ledger.entries
            .filter((entry) => entry.state !== "refunded")
            .filter(({ chargedSeconds }) => chargedSeconds <= end)
            .filter(({ chargedSeconds }) => chargedSeconds > end - policy.periodSeconds)
            .filter((entry) => collection === null || entry.collections.includes(collection))
            .reduce((sum, { nanoRho }) => sum + nanoRho, 0);
          const limit = collection === null ? 1 : collection === "gps" ? 0.2 : 0.6;
          expect(spent).toBeLessThanOrEqual(limit * 1e9);
        }
      }
    }),
    { numRuns: 300 },
  );
});
