import type { Kernel } from "@sumus/kernels";
import type { Flp } from "./flp.ts";
import { createGadgetPolynomial } from "./gadget-polynomial.ts";

const ARITY = 2;
/** One call and the seed. */
const P = 2;

/** Prio3Count [VDAF-20, Section 7.4.1]: m * m - m with the gadget Mul. */
export function createSquareFlp(kernel: Kernel): Flp {
  const { ops } = kernel;
  const polynomial = createGadgetPolynomial(kernel, P);
  const values = kernel.allocate(2 * P);
  const wires = kernel.allocate(2 * P);
  const [a, b] = [wires, kernel.at(wires, P)];
  const term = kernel.allocate(1);

  return {
    prove(proof, measurement, proveRand) {
      ops.copyVector(proof, 1, proveRand, 1, ARITY);
      ops.copyVector(wires, P, proveRand, 1, ARITY);
      ops.copyVector(kernel.at(a, 1), 1, measurement, 1, 1);
      ops.copyVector(kernel.at(b, 1), 1, measurement, 1, 1);
      ops.mul(values, a, b);
      ops.mul(kernel.at(values, 2), measurement, measurement);
      ops.toCoset(a, polynomial.roots, polynomial.shift, P);
      ops.toCoset(b, polynomial.roots, polynomial.shift, P);
      ops.mul(kernel.at(values, 1), a, b);
      ops.copyVector(kernel.at(proof, ARITY), 1, values, 1, 2 * P - 1);
    },
    query(verifier, measurement, _outShare, proof, queryRand) {
      polynomial.setTestPoint(queryRand);
      ops.copyVector(values, 1, kernel.at(proof, ARITY), 1, 2 * P - 1);
      polynomial.complete(values);
      ops.sub(verifier, kernel.at(values, 2), measurement);
      ops.mul(term, measurement, kernel.at(polynomial.weights, 1));
      for (let wire = 0; wire < ARITY; wire++) {
        const value = kernel.at(verifier, 1 + wire);
        ops.mul(value, kernel.at(proof, wire), polynomial.weights);
        ops.add(value, value, term);
      }
      polynomial.evaluate(kernel.at(verifier, 1 + ARITY), values);
    },
    decide(verifier) {
      ops.mul(term, kernel.at(verifier, 1), kernel.at(verifier, 2));
      ops.sub(term, term, kernel.at(verifier, 1 + ARITY));
      const size = kernel.field.encodedSize;
      return kernel.isZero(verifier, size) && kernel.isZero(term, size);
    },
    truncate(outShare, measurement) {
      ops.copyVector(outShare, 1, measurement, 1, 1);
    },
  };
}
