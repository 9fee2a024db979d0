import { array, assert, constantFrom, double, integer, nat, property, record } from "fast-check";
import { expect, test } from "vitest";
import { chargePopulation, type PopulationCharge, remainingOfPopulation } from "./index.ts";

const DAY = 86_400;
const town = { id: "town", collections: [], rho: 0.5, days: 30 };

test("a study that does not fit is refused in words", () => {
  const charges: PopulationCharge[] = [{ study: "a", nanoRho: 0.42e9, releasedSeconds: null }];
  expect(chargePopulation(town, charges, { id: "b", rho: 0.12 }, 0)).toEqual({
    ok: false,
    reason:
      "population town may reveal 0.5 rho in 30 days and has 0.08 rho left; this study costs 0.12",
  });
  expect(chargePopulation(town, charges, { id: "b", rho: 0.08 }, 0)).toEqual({
    ok: true,
    nanoRho: 0.08e9,
  });
});

test("a study counts until it is released, and one period from then on", () => {
  const left = (releasedSeconds: number | null, nowSeconds: number): number =>
    remainingOfPopulation(town, [{ study: "a", nanoRho: 0.5e9, releasedSeconds }], nowSeconds)
      .remainingRho;
  expect(left(null, 400 * DAY)).toBe(0);
  expect(left(10 * DAY, 40 * DAY - 1)).toBe(0);
  expect(left(10 * DAY, 40 * DAY)).toBe(0.5);
});

test("no stretch of one period sees more released than the population's rho", () => {
  const operation = record({
    kind: constantFrom("open", "open", "release", "cancel"),
    rho: double({ min: 1e-9, max: 0.4, noNaN: true }),
    which: nat({ max: 20 }),
    waitSeconds: integer({ min: 0, max: 20 * DAY }),
  });
  assert(
    property(array(operation, { maxLength: 60 }), (operations) => {
      let nowSeconds = 0;
      let charges: readonly PopulationCharge[] = [];
      for (const [index, { kind, rho, which, waitSeconds }] of operations.entries()) {
        nowSeconds += waitSeconds;
        const chosen = charges[which % Math.max(1, charges.length)];
        if (kind === "open") {
          const step = chargePopulation(town, charges, { id: String(index), rho }, nowSeconds);
          if (!step.ok) continue;
          const { nanoRho } = step;
          charges = [...charges, { study: String(index), nanoRho, releasedSeconds: null }];
        } else if (chosen?.releasedSeconds === null) {
          const others = charges.filter((charge) => charge !== chosen);
          const released = { ...chosen, releasedSeconds: nowSeconds };
          charges = kind === "cancel" ? others : [...others, released];
        }
      }
      for (const { releasedSeconds: end } of charges) {
        if (end === null) continue;
        const spent = charges
          .filter(({ releasedSeconds }) => releasedSeconds !== null && releasedSeconds <= end)
          .filter(({ releasedSeconds }) => (releasedSeconds ?? 0) > end - 30 * DAY)
          .reduce((sum, { nanoRho }) => sum + nanoRho, 0);
        expect(spent).toBeLessThanOrEqual(0.5e9);
      }
    }),
  );
});
