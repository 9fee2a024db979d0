import type { Kernel } from "@sumus/kernels";
import type { Circuit } from "./circuit.ts";
import type { Flp } from "./flp.ts";
import { createGadgetPolynomial } from "./gadget-polynomial.ts";
import { rangeWeights } from "./range-weights.ts";

const ARITY = 1;

/** Prio3Sum [VDAF-20, Section 7.4.2]: x * x - x for each bit x with the gadget PolyEval. */
export function createBitsFlp(kernel: Kernel, circuit: Circuit): Flp {
  const { ops } = kernel;
  const { bits } = circuit;
  const p = circuit.wirePolynomialLength;
  const polynomial = createGadgetPolynomial(kernel, p);
  const integerWeights = rangeWeights(kernel, circuit.max, bits);
  const wire = kernel.allocate(p);
  const values = kernel.allocate(2 * p);
  const products = kernel.allocate(p);
  const term = kernel.allocate(1);
  const zeros = kernel.allocate(p);

  function evaluateGadget(offset: number): void {
    ops.mulVector(products, wire, wire, p);
    ops.subVector(products, products, wire, p);
    ops.copyVector(kernel.at(values, offset), 2, products, 1, p);
  }

  return {
    prove(proof, measurement, proveRand) {
      ops.copyVector(wire, 1, zeros, 1, p);
      ops.copyVector(wire, 1, proveRand, 1, ARITY);
      ops.copyVector(kernel.at(wire, 1), 1, measurement, 1, bits);
      evaluateGadget(0);
      ops.toCoset(wire, polynomial.roots, polynomial.shift, p);
      evaluateGadget(1);
      ops.copyVector(proof, 1, proveRand, 1, ARITY);
      ops.copyVector(kernel.at(proof, ARITY), 1, values, 1, 2 * p - 1);
    },
    query(verifier, measurement, _outShare, proof, queryRand) {
      const testPoint = bits > 1 ? kernel.at(queryRand, bits) : queryRand;
      polynomial.setTestPoint(testPoint);
      ops.copyVector(values, 1, kernel.at(proof, ARITY), 1, 2 * p - 1);
      polynomial.complete(values);
      const outputs = kernel.at(values, 2);
      if (bits > 1) ops.dot(verifier, queryRand, 1, outputs, 2, bits);
      else ops.copyVector(verifier, 1, outputs, 1, 1);
      const wireCheck = kernel.at(verifier, 1);
      ops.dot(wireCheck, kernel.at(polynomial.weights, 1), 1, measurement, 1, bits);
      ops.mul(term, proof, polynomial.weights);
      ops.add(wireCheck, wireCheck, term);
      polynomial.evaluate(kernel.at(verifier, 1 + ARITY), values);
    },
    decide(verifier) {
      const wireCheck = kernel.at(verifier, 1);
      ops.mul(term, wireCheck, wireCheck);
      ops.sub(term, term, wireCheck);
      ops.sub(term, term, kernel.at(verifier, 1 + ARITY));
      const size = kernel.field.encodedSize;
      return kernel.isZero(verifier, size) && kernel.isZero(term, size);
    },
    truncate(outShare, measurement) {
      ops.dot(outShare, measurement, 1, integerWeights, 1, bits);
    },
  };
}
