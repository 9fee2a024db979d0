import { inverse, reduce } from "@sumus/field";
import type { Address, Kernel } from "@sumus/kernels";
import { type BitProver, createBitProver } from "./bit-prover.ts";
import type { Circuit } from "./circuit.ts";
import { bitLength, type ResolvedPrio3Config } from "./config.ts";
import type { Flp } from "./flp.ts";
import { createGadgetPolynomial } from "./gadget-polynomial.ts";
import { rangeWeights } from "./range-weights.ts";

const CLOSED_FORM_CALLS_PER_CHUNK = 16;
/** Of a wire polynomial, above which transforms cost less than additions for each pair of calls. */
const BIT_PROVER_POINTS_MAX = 256;

/**
 * Prio3SumVec, Histogram, MultihotCountVec and L1BoundSum [VDAF-20, Sections 7.4.3 to 7.4.5;
 * draft-ietf-ppm-l1-bound-sum]: every element is a bit, checked in chunks by ParallelSum(Mul), and
 * in the last three the output's sum is one, the claimed weight, or the claimed L1 norm.
 */
export function createParallelSumFlp(
  kernel: Kernel,
  circuit: Circuit,
  chunk: number,
  config: ResolvedPrio3Config,
  shares: number,
): Flp {
  const { field, ops } = kernel;
  const { arity, bits, gadgetCalls: calls, measurementLength, outputLength } = circuit;
  const p = circuit.wirePolynomialLength;
  const polynomial = createGadgetPolynomial(kernel, p);
  const checkSum = createSumCheck(kernel, circuit, config, shares);
  const integerWeights = rangeWeights(kernel, circuit.max, bits);
  const minusShareInverse = kernel.allocate(1);
  kernel.writeElements(minusShareInverse, [reduce(field, -inverse(field, BigInt(shares)))]);
  const values = kernel.allocate(2 * p);
  const wires = kernel.allocate(2 * p);
  const room = kernel.allocate(4 * calls);
  const offset = kernel.allocate(1);
  const term = kernel.allocate(1);
  // The closed form takes calls * p steps, the transforms chunk * p * log p: with the chunk lengths
  // that we choose the former is always less.
  const closedForm = calls <= CLOSED_FORM_CALLS_PER_CHUNK * chunk;
  const fewCalls = p <= BIT_PROVER_POINTS_MAX;
  let proveBits: BitProver | undefined;

  return {
    prove(proof, measurement, proveRand, jointRand, form) {
      const { cosetWeights, roots, shift } = polynomial;
      if (form.kind === "oneHot" && closedForm) {
        ops.gadgetValuesOneHot(
          ...([values, proveRand, form.hot, jointRand, wires, cosetWeights] as const),
          ...([calls, chunk, p] as const),
        );
      } else if (form.kind !== "any" && fewCalls) {
        proveBits ??= createBitProver(kernel, circuit, chunk, polynomial);
        proveBits(values, proveRand, measurement, jointRand);
      } else {
        const [a, b] = [wires, kernel.at(wires, p)];
        ops.gadgetValues(
          ...([values, proveRand, measurement, measurementLength, jointRand, room] as const),
          ...([a, b, roots, shift, calls, chunk, p] as const),
        );
      }
      ops.copyVector(proof, 1, proveRand, 1, arity);
      ops.copyVector(kernel.at(proof, arity), 1, values, 1, 2 * p - 1);
    },
    query(verifier, measurement, outShare, proof, queryRand, jointRand) {
      const { weights } = polynomial;
      polynomial.setTestPoint(checkSum === undefined ? queryRand : kernel.at(queryRand, 2));
      ops.copyVector(values, 1, kernel.at(proof, arity), 1, 2 * p - 1);
      polynomial.complete(values);
      ops.sumVector(verifier, kernel.at(values, 2), 2, calls);
      if (checkSum !== undefined) {
        ops.mul(verifier, verifier, queryRand);
        checkSum(term, outShare, measurement);
        ops.mul(term, term, kernel.at(queryRand, 1));
        ops.add(verifier, verifier, term);
      }
      ops.sumVector(offset, kernel.at(weights, 1), 1, calls);
      ops.mul(offset, offset, minusShareInverse);
      ops.wiresAt(
        ...([kernel.at(verifier, 1), proof, measurement, measurementLength, weights] as const),
        ...([offset, jointRand, room, calls, chunk] as const),
      );
      polynomial.evaluate(kernel.at(verifier, 1 + arity), values);
    },
    decide(verifier) {
      ops.dot(term, kernel.at(verifier, 1), 2, kernel.at(verifier, 2), 2, chunk);
      ops.sub(term, term, kernel.at(verifier, 1 + arity));
      const size = field.encodedSize;
      return kernel.isZero(verifier, size) && kernel.isZero(term, size);
    },
    truncate(outShare, measurement) {
      if (bits === 1) ops.copyVector(outShare, 1, measurement, 1, outputLength);
      else ops.decodeIntegers(outShare, measurement, integerWeights, bits, outputLength);
    },
  };
}

/** Stores what the sum of the output exceeds its claim by; undefined where nothing is claimed. */
type SumCheck = (to: Address, outShare: Address, measurement: Address) => void;

function createSumCheck(
  kernel: Kernel,
  circuit: Circuit,
  config: ResolvedPrio3Config,
  shares: number,
): SumCheck | undefined {
  const { ops } = kernel;
  const { bits, outputLength } = circuit;
  const claim = kernel.allocate(1);
  if (config.kind === "histogram") {
    kernel.writeElements(claim, [inverse(kernel.field, BigInt(shares))]);
    return (to, outShare) => {
      ops.sumVector(to, outShare, 1, outputLength);
      ops.sub(to, to, claim);
    };
  }
  if (config.kind === "multihotCountVec" || config.kind === "l1BoundSum") {
    const max = config.kind === "l1BoundSum" ? config.maxValue : config.maxWeight;
    const claimBits = bitLength(max);
    const weights = rangeWeights(kernel, max, claimBits);
    return (to, outShare, measurement) => {
      const claimed = kernel.at(measurement, outputLength * bits);
      ops.dot(claim, claimed, 1, weights, 1, claimBits);
      ops.sumVector(to, outShare, 1, outputLength);
      ops.sub(to, to, claim);
    };
  }
  return undefined;
}
