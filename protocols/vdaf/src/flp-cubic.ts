import type { Address, Kernel } from "@sumus/kernels";
import type { Flp } from "./flp.ts";
import { createGadgetPolynomial } from "./gadget-polynomial.ts";

const ARITY = 1;
/** One call and the seed. */
const P = 2;
/** A cubic gadget on a linear wire has degree 3: its polynomial has as many values as 2 P roots. */
const VALUES = 2 * P;

/**
 * Prio3HigherDegree of the draft's test vectors: x (x - 1) (x - 2) with the gadget PolyEval. The one
 * circuit here whose gadget is not of degree 2, so that no value of its polynomial is left out.
 */
export function createCubicFlp(kernel: Kernel): Flp {
  const { ops } = kernel;
  const polynomial = createGadgetPolynomial(kernel, P);
  const values = kernel.allocate(VALUES);
  const wire = kernel.allocate(P);
  const products = kernel.allocate(P);
  const factors = kernel.allocate(P);
  const ones = kernel.allocate(P);
  kernel.writeElements(ones, [1n, 1n]);

  /** Stores the gadget's output for each of `n` inputs. */
  function evaluateGadget(to: Address, inputs: Address, n: number): void {
    ops.subVector(factors, inputs, ones, n);
    ops.mulVector(to, inputs, factors, n);
    ops.subVector(factors, factors, ones, n);
    ops.mulVector(to, to, factors, n);
  }

  return {
    prove(proof, measurement, proveRand) {
      ops.copyVector(proof, 1, proveRand, 1, ARITY);
      ops.copyVector(wire, 1, proveRand, 1, ARITY);
      ops.copyVector(kernel.at(wire, 1), 1, measurement, 1, 1);
      evaluateGadget(products, wire, P);
      ops.copyVector(kernel.at(proof, ARITY), 2, products, 1, P);
      ops.toCoset(wire, polynomial.roots, polynomial.shift, P);
      evaluateGadget(products, wire, P);
      ops.copyVector(kernel.at(proof, ARITY + 1), 2, products, 1, P);
    },
    query(verifier, measurement, _outShare, proof, queryRand) {
      polynomial.setTestPoint(queryRand);
      ops.copyVector(values, 1, kernel.at(proof, ARITY), 1, VALUES);
      // The call's output stands where the wire polynomial takes the measurement.
      ops.copyVector(verifier, 1, kernel.at(values, 2), 1, 1);
      ops.copyVector(wire, 1, proof, 1, ARITY);
      ops.copyVector(kernel.at(wire, 1), 1, measurement, 1, 1);
      ops.dot(kernel.at(verifier, 1), wire, 1, polynomial.weights, 1, P);
      polynomial.evaluate(kernel.at(verifier, 1 + ARITY), values);
    },
    decide(verifier) {
      evaluateGadget(products, kernel.at(verifier, 1), ARITY);
      ops.sub(products, products, kernel.at(verifier, 1 + ARITY));
      const size = kernel.field.encodedSize;
      return kernel.isZero(verifier, size) && kernel.isZero(products, size);
    },
    truncate(outShare, measurement) {
      ops.copyVector(outShare, 1, measurement, 1, 1);
    },
  };
}
