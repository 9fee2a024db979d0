import { inverse, reduce } from "@sumus/field";
import type { Address, Kernel } from "@sumus/kernels";
import type { Circuit } from "./circuit.ts";
import type { GadgetPolynomial } from "./gadget-polynomial.ts";

/** Of `gadgetValuesOfBits`: three limbs and a mask for each of two elements. */
const RECORD_PAIR_BYTES = 64;

/** Computes the gadget polynomial's 2p values for a measurement of zeros and ones. */
export type BitProver = (
  values: Address,
  seeds: Address,
  measurement: Address,
  jointRand: Address,
) => void;

/**
 * Makes the tables and room of `gadgetValuesOfBits`; only clients need them.
 *
 * The masked additions grow with the square of the calls, the transforms of the other way with
 * p log p: they meet where a wire polynomial has about 400 points.
 */
export function createBitProver(
  kernel: Kernel,
  circuit: Circuit,
  chunk: number,
  polynomial: GadgetPolynomial,
): BitProver {
  const { field, ops } = kernel;
  const { gadgetCalls: calls, measurementLength } = circuit;
  const { cosetWeights, p, roots, shift } = polynomial;
  const records = kernel.allocateBytes(calls * Math.ceil(chunk / 2) * RECORD_PAIR_BYTES);
  const room = kernel.allocate(chunk + 4 * p);
  const scale = kernel.allocate(1);
  kernel.writeElements(scale, [reduce(field, -2n * inverse(field, BigInt(p)))]);
  const weightsTwice = kernel.allocate(2 * p);
  const squaresTwice = kernel.allocate(2 * p);
  for (let i = 0; i < 2; i++) {
    ops.copyVector(kernel.at(weightsTwice, i * p), 1, cosetWeights, 1, p);
  }
  ops.mulVector(squaresTwice, weightsTwice, weightsTwice, 2 * p);
  const pairWeights = pairWeightTable(kernel, polynomial);

  return (values, seeds, measurement, jointRand) => {
    ops.gadgetValuesOfBits(
      ...([values, seeds, measurement, measurementLength, jointRand, records, room] as const),
      ...([roots, shift, weightsTwice, squaresTwice, pairWeights, scale] as const),
      ...([calls, chunk, p] as const),
    );
  };
}

/**
 * 1/(w^d - 1) for d = 1 .. p-1, without a division: the sum of m w^(d m) over m < p is p/(w^d - 1).
 */
function pairWeightTable(kernel: Kernel, { p, roots }: GadgetPolynomial): Address {
  const { field, ops } = kernel;
  const table = kernel.allocate(p);
  const powers = kernel.allocate(p);
  const multiples = kernel.allocate(p);
  const inverseOfP = inverse(field, BigInt(p));
  kernel.writeElements(
    multiples,
    Array.from({ length: p }, (_, m) => reduce(field, BigInt(m) * inverseOfP)),
  );
  for (let d = 1; d < p; d++) {
    ops.powers(powers, kernel.at(roots, 2 * d), p);
    ops.dot(kernel.at(table, d), powers, 1, multiples, 1, p);
  }
  return table;
}
