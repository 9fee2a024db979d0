/**
 * Differential privacy for integer sums: exact discrete noise, what it costs, how wide it is.
 *
 * @module
 */
export { sampleDiscreteGaussian } from "./discrete-gaussian.ts";
export { sampleDiscreteLaplace } from "./discrete-laplace.ts";
export { halfWidth95, NOISE_NODES, type NoiseTerm } from "./interval.ts";
export { type Noise, noiseFor, type Sensitivity, sampleNoise, standardDeviation } from "./noise.ts";
export {
  type PrivacyLoss,
  privacyLoss,
  rhoFromEpsilonDelta,
  rhoOfLoss,
  splitLoss,
} from "./privacy-loss.ts";
export { type Rational, rational, rationalFromNumber, toNumber } from "./rational.ts";
