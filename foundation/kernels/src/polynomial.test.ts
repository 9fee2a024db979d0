import {
  decodeVector,
  FIELD64,
  FIELD128,
  type Field,
  inverse,
  power,
  reduce,
  rootOfUnity,
} from "@sumus/field";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Address, createKernel, type Kernel } from "./index.ts";

/** The polynomial's value at `x`, by Lagrange's formula, from its values at the powers of w. */
function interpolate(field: Field, values: readonly bigint[], x: bigint): bigint {
  return lagrangeWeights(field, values.length, x).reduce(
    (sum, weight, k) => reduce(field, sum + weight * (values[k] ?? 0n)),
    0n,
  );
}

function lagrangeWeights(field: Field, p: number, x: bigint): bigint[] {
  const w = rootOfUnity(field, p);
  const nodes = Array.from({ length: p }, (_, k) => power(field, w, BigInt(k)));
  return nodes.map((node, k) => {
    let [numerator, denominator] = [1n, 1n];
    for (const [l, other] of nodes.entries()) {
      if (l === k) continue;
      numerator = reduce(field, numerator * (x - other));
      denominator = reduce(field, denominator * (node - other));
    }
    return reduce(field, numerator * inverse(field, denominator));
  });
}

function put(kernel: Kernel, values: readonly bigint[]): Address {
  const address = kernel.allocate(values.length);
  kernel.writeElements(address, values);
  return address;
}

function get(kernel: Kernel, address: Address, count: number): bigint[] {
  return decodeVector(kernel.field, kernel.read(address, count * kernel.field.encodedSize));
}

/** s^0 .. s^(2p-1), and s^m / p in bit-reversed order of m. */
function tables(kernel: Kernel, p: number): { s: bigint; roots: Address; shift: Address } {
  const { field } = kernel;
  const s = rootOfUnity(field, 2 * p);
  const powers = Array.from({ length: 2 * p }, (_, i) => power(field, s, BigInt(i)));
  const bits = Math.log2(p);
  const shift = Array.from({ length: p }, (_, i) => {
    const reversed = Number.parseInt(
      [...i.toString(2).padStart(bits, "0")].reverse().join("") || "0",
      2,
    );
    return reduce(field, (powers[reversed] ?? 0n) * inverse(field, BigInt(p)));
  });
  return { s, roots: put(kernel, powers), shift: put(kernel, shift) };
}

describe.each([FIELD64, FIELD128])("polynomials over $name", (field) => {
  const element = fc.bigInt({ min: 0n, max: field.modulus - 1n });
  const sizes = [2, 4, 8, 16, 32];

  test("moves values to the coset", () => {
    const kernel = createKernel(field);
    for (const p of sizes) {
      const { s, roots, shift } = tables(kernel, p);
      const at = kernel.allocate(p);
      fc.assert(
        fc.property(fc.array(element, { minLength: p, maxLength: p }), (values) => {
          kernel.writeElements(at, values);
          kernel.ops.toCoset(at, roots, shift, p);
          const w = s * s;
          const expected = values.map((_, i) => {
            return interpolate(field, values, reduce(field, s * power(field, w, BigInt(i))));
          });
          expect(get(kernel, at, p)).toEqual(expected);
        }),
        { numRuns: 3 },
      );
    }
  });

  test("computes Lagrange weights without a division, at nodes too", () => {
    const kernel = createKernel(field);
    const to = kernel.allocate(32);
    for (const p of sizes) {
      const { s, roots } = tables(kernel, p);
      const inverseOfP = put(kernel, [inverse(field, BigInt(p))]);
      const points = fc.oneof(
        element,
        fc.nat(2 * p).map((i) => power(field, s, BigInt(i))),
      );
      fc.assert(
        fc.property(points, (t) => {
          kernel.ops.lagrange(to, put(kernel, [t]), roots, inverseOfP, p);
          expect(get(kernel, to, p)).toEqual(lagrangeWeights(field, p, t));
        }),
        { numRuns: 4 },
      );
    }
  });

  test("raises to powers", () => {
    const kernel = createKernel(field);
    const to = kernel.allocate(9);
    fc.assert(
      fc.property(element, fc.constantFrom(2, 4, 64), (base, p) => {
        const at = put(kernel, [base]);
        kernel.ops.power(to, at, p);
        expect(get(kernel, to, 1)).toEqual([power(field, base, BigInt(p))]);
        kernel.ops.powers(to, at, 9);
        const expected = Array.from({ length: 9 }, (_, i) => power(field, base, BigInt(i)));
        expect(get(kernel, to, 9)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});
