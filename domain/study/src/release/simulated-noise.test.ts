/**
 * Goal: simulations draw the noise that nodes add. Method: 200,000 draws beside the exact
 * distribution; seeds are fixed, so that a run passes always or never.
 */
import {
  halfWidth95,
  NOISE_NODES,
  type Noise,
  rationalFromNumber,
  standardDeviation,
} from "@sumus/dp";
import { expect, test } from "vitest";
import { noiseOfNodes, seededUniform } from "./simulated-noise.ts";

const DRAWS = 200_000;

test.each<[string, Noise]>([
  ["a narrow Gaussian", { kind: "gaussian", sigmaSquared: rationalFromNumber(2) }],
  ["a Gaussian from a table", { kind: "gaussian", sigmaSquared: rationalFromNumber(700) }],
  ["a wide Gaussian", { kind: "gaussian", sigmaSquared: rationalFromNumber(1e8) }],
  ["a narrow Laplace", { kind: "laplace", scale: rationalFromNumber(0.4) }],
  ["a wide Laplace", { kind: "laplace", scale: rationalFromNumber(3e4) }],
])("%s", (_, noise) => {
  const draw = noiseOfNodes(noise, seededUniform(7));
  const draws = Float64Array.from({ length: DRAWS }, draw);
  const mean = draws.reduce((sum, x) => sum + x, 0) / DRAWS;
  const variance = draws.reduce((sum, x) => sum + x * x, 0) / DRAWS;
  const exact = NOISE_NODES * standardDeviation(noise) ** 2;
  expect(Math.abs(mean) / Math.sqrt(exact / DRAWS)).toBeLessThan(4);
  expect(Math.abs(variance / exact - 1)).toBeLessThan(0.02);
  expect(draws.every(Number.isInteger)).toBe(true);
  const half = halfWidth95(noise);
  const within = draws.filter((x) => Math.abs(x) <= half).length / DRAWS;
  const less = draws.filter((x) => Math.abs(x) < half).length / DRAWS;
  expect(within).toBeGreaterThan(0.949);
  expect(less).toBeLessThan(0.951);
});
