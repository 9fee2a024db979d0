/**
 * What every circuit's proof has in common: wire polynomials given at the p-th roots of unity, and
 * the gadget polynomial, of degree 2 (p - 1), given at the first 2 p - 1 of the 2 p-th roots
 * [VDAF-20, Section 7.3]. `s` is the principal 2 p-th root of unity; s^2 = w.
 */
import { inverse, reduce, rootOfUnity } from "@sumus/field";
import type { Address, Kernel } from "@sumus/kernels";
import { VdafError } from "./vdaf-error.ts";

export interface GadgetPolynomial {
  /** Length of a wire polynomial. */
  readonly p: number;
  /** s^0 .. s^(2p-1). */
  readonly roots: Address;
  /** What `toCoset` needs beside the roots. */
  readonly shift: Address;
  /** The weights of the p-th roots of unity at s. */
  readonly cosetWeights: Address;
  /** The weights of the p-th roots of unity at the test point, after `evaluateAt`. */
  readonly weights: Address;
  /** Stores the last of the 2 p values, which follows from the others. */
  complete(values: Address): void;
  /** Computes `weights` for the test point at address `t`. @throws {VdafError} for a root of unity */
  setTestPoint(t: Address): void;
  /** Stores the gadget polynomial's value at the test point, given its 2 p values. */
  evaluate(to: Address, values: Address): void;
}

export function createGadgetPolynomial(kernel: Kernel, p: number): GadgetPolynomial {
  const { field, ops } = kernel;
  const constant = (value: bigint): Address => {
    const address = kernel.allocate(1);
    kernel.writeElements(address, [reduce(field, value)]);
    return address;
  };
  const s = rootOfUnity(field, 2 * p);
  const one = constant(1n);
  const half = constant(inverse(field, 2n));
  const minusS = constant(-s);
  const inverseOfP = constant(inverse(field, BigInt(p)));
  const roots = kernel.allocate(2 * p);
  ops.powers(roots, constant(s), 2 * p);
  const shift = shiftTable(kernel, roots, inverseOfP, p);
  const cosetWeights = kernel.allocate(p);
  ops.lagrange(cosetWeights, kernel.at(roots, 1), roots, inverseOfP, p);

  const weights = kernel.allocate(p);
  const oddWeights = kernel.allocate(p);
  const shifted = kernel.allocate(1);
  const evenFactor = kernel.allocate(1);
  const oddFactor = kernel.allocate(1);
  const term = kernel.allocate(1);
  const sOverMinusOne = kernel.at(roots, 2 * p - 1);

  return {
    p,
    roots,
    shift,
    cosetWeights,
    weights,
    complete(values) {
      // The coefficient of x^(2p-1) is zero: the sum of y_i s^i over all 2 p values is zero.
      const last = kernel.at(values, 2 * p - 1);
      ops.dot(last, values, 1, roots, 1, 2 * p - 1);
      ops.mul(last, last, minusS);
    },
    setTestPoint(t) {
      ops.power(term, t, p);
      ops.sub(oddFactor, one, term);
      if (kernel.isZero(oddFactor, field.encodedSize)) {
        throw new VdafError("vdafVerifyError", "expected a test point that is no root of unity");
      }
      ops.add(evenFactor, one, term);
      ops.mul(evenFactor, evenFactor, half);
      ops.mul(oddFactor, oddFactor, half);
      ops.lagrange(weights, t, roots, inverseOfP, p);
      ops.mul(shifted, t, sOverMinusOne);
      ops.lagrange(oddWeights, shifted, roots, inverseOfP, p);
    },
    evaluate(to, values) {
      // G(t) = (1 + t^p)/2 E(t) + (1 - t^p)/2 O(t/s), where E interpolates the even values and O
      // the odd ones: no weights of 2 p points are needed, and no division.
      ops.dot(term, values, 2, weights, 1, p);
      ops.mul(term, term, evenFactor);
      ops.dot(to, kernel.at(values, 1), 2, oddWeights, 1, p);
      ops.mul(to, to, oddFactor);
      ops.add(to, to, term);
    },
  };
}

/** s^m / p for each coefficient m, in bit-reversed order. */
function shiftTable(kernel: Kernel, roots: Address, inverseOfP: Address, p: number): Address {
  const shift = kernel.allocate(p);
  for (let i = 0; i < p; i++) {
    let reversed = 0;
    for (let bit = 1; bit < p; bit *= 2) reversed = 2 * reversed + (i & bit ? 1 : 0);
    kernel.ops.mul(kernel.at(shift, i), kernel.at(roots, reversed), inverseOfP);
  }
  return shift;
}
