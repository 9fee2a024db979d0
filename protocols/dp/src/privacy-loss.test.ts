import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noiseFor } from "./noise.ts";
import { privacyLoss, rhoFromEpsilonDelta, rhoOfLoss, splitLoss } from "./privacy-loss.ts";
import { toNumber } from "./rational.ts";

describe("rho from epsilon and delta", () => {
  test.each([
    [1, 1e-9, 0.011781160395],
    [1, 1e-6, 0.017468904769],
    [8, 1e-9, 0.651455133557],
  ])("epsilon %d, delta %d", (epsilon, delta, rho) => {
    expect(rhoFromEpsilonDelta(epsilon, delta)).toBeCloseTo(rho, 11);
  });

  test("it implies the epsilon that was asked for, closely and never more", () => {
    const epsilons = fc.double({ min: 1e-6, max: 20, noNaN: true });
    const exponents = fc.double({ min: 3, max: 15, noNaN: true });
    fc.assert(
      fc.property(epsilons, exponents, (epsilon, exponent) => {
        const delta = 10 ** -exponent;
        const rho = rhoFromEpsilonDelta(epsilon, delta);
        const implied = rho + 2 * Math.sqrt(rho * Math.log(1 / delta));
        return implied <= epsilon && implied > epsilon * (1 - 1e-9);
      }),
    );
  });

  test("pure epsilon implies epsilon^2 / 2", () => {
    expect(rhoFromEpsilonDelta(2, 0)).toBe(2);
    expect(rhoOfLoss(privacyLoss(2, 0))).toBe(2);
  });

  test("the smallest delta leaves a rho above zero", () => {
    expect(rhoFromEpsilonDelta(1, 5e-324)).toBeGreaterThan(0);
  });

  test("an epsilon of zero is refused", () => {
    expect(() => rhoFromEpsilonDelta(0, 1e-9)).toThrow("epsilon is positive");
  });
});

describe("noise for a loss", () => {
  test("sigma^2 is at least l2^2 / (2 rho), and hardly more", () => {
    const loss = privacyLoss(1, 1e-9);
    const noise = noiseFor(splitLoss(loss, 3), { l1: 2n, l2Squared: 2n });
    expect(noise.kind).toBe("gaussian");
    if (noise.kind !== "gaussian") return;
    const wanted = 2 / (2 * (rhoOfLoss(loss) / 3));
    expect(toNumber(noise.sigmaSquared)).toBeGreaterThanOrEqual(wanted);
    expect(toNumber(noise.sigmaSquared)).toBeLessThan(wanted * (1 + 2 ** -30));
  });

  test("without a delta it is Laplace of scale l1 / epsilon, split over the parts", () => {
    const noise = noiseFor(splitLoss(privacyLoss(0.5, 0), 4), { l1: 2n, l2Squared: 2n });
    expect(noise).toEqual({ kind: "laplace", scale: expect.anything() });
    expect(noise.kind === "laplace" && toNumber(noise.scale)).toBe(16);
  });

  test("unequal shares of a loss are what is taken of its parts", () => {
    const loss = privacyLoss(1, 1e-9);
    expect(rhoOfLoss(splitLoss(loss, 6, 4)) / rhoOfLoss(loss)).toBeCloseTo(4 / 6, 12);
    expect(rhoOfLoss(splitLoss(loss, 6, 6))).toBe(rhoOfLoss(loss));
  });
});
