/** The verifier's wires against their definition, with the values where digits and columns are full. */
import { decodeVector, FIELD64, FIELD128, reduce } from "@sumus/field";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKernel } from "./index.ts";

const CHUNK = 2;
/** Fewer, as many and more terms than are added up at once. */
const CALLS = [1, 63, 64, 65, 128, 150];

describe.each([FIELD64, FIELD128])("wires over $name", (field) => {
  const top = field.modulus - 1n;
  const element = fc.oneof(
    fc.bigInt({ min: 0n, max: top }),
    fc.constantFrom(0n, 1n, top, top - 1n, (1n << 64n) - (1n << 32n)),
  );
  const put = (kernel: ReturnType<typeof createKernel>, values: readonly bigint[]): number => {
    const address = kernel.allocate(values.length);
    kernel.writeElements(address, values);
    return address;
  };

  test.each(CALLS)("%i calls", (calls) => {
    const length = CHUNK * calls - 1;
    const vector = (size: number): fc.Arbitrary<bigint[]> =>
      fc.oneof(
        fc.array(element, { minLength: size, maxLength: size }),
        element.map((value) => Array<bigint>(size).fill(value)),
      );
    const inputs = fc.tuple(
      vector(2 * CHUNK),
      vector(length),
      vector(calls + 1),
      element,
      vector(calls),
    );
    fc.assert(
      fc.property(inputs, ([seeds, measurement, weights, offset, jointRand]) => {
        const kernel = createKernel(field);
        const [to, room] = [kernel.allocate(2 * CHUNK), kernel.allocate(4 * calls)];
        kernel.ops.wiresAt(
          ...([to, put(kernel, seeds), put(kernel, measurement), length] as const),
          ...([put(kernel, weights), put(kernel, [offset]), put(kernel, jointRand)] as const),
          ...([room, calls, CHUNK] as const),
        );
        const expected = Array.from({ length: 2 * CHUNK }, (_, wire) => {
          const j = wire >> 1;
          let sum = (seeds[wire] ?? 0n) * (weights[0] ?? 0n) + (wire % 2 === 1 ? offset : 0n);
          for (let k = 0; k < calls; k++) {
            const power = wire % 2 === 0 ? (jointRand[k] ?? 0n) ** BigInt(j + 1) : 1n;
            sum += power * (weights[k + 1] ?? 0n) * (measurement[k * CHUNK + j] ?? 0n);
          }
          return reduce(field, sum);
        });
        const wires = decodeVector(field, kernel.read(to, 2 * CHUNK * field.encodedSize));
        expect(wires).toEqual(expected);
      }),
      { numRuns: 12 },
    );
  });
});
