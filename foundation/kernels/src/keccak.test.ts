import { FIELD64, FIELD128 } from "@sumus/field";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createKernel } from "./index.ts";

const MASK = (1n << 64n) - 1n;
const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & MASK;

/** Keccak-p[1600, 12] as FIPS 202 defines it: step by step on A[x, y], constants from an LFSR. */
function keccakReference(lanes: readonly bigint[]): bigint[] {
  let a = [...lanes];
  const at = (x: number, y: number): bigint => a[((x + 5) % 5) + 5 * ((y + 5) % 5)] ?? 0n;
  for (let round = 12; round < 24; round++) {
    const c = [0, 1, 2, 3, 4].map((x) => at(x, 0) ^ at(x, 1) ^ at(x, 2) ^ at(x, 3) ^ at(x, 4));
    const column = (x: number): bigint => c[(x + 5) % 5] ?? 0n;
    a = a.map((lane, i) => lane ^ column(i - 1) ^ rotate(column(i + 1), 1n));
    const moved = [...a];
    let [x, y] = [1, 0];
    for (let t = 0; t < 24; t++) {
      const value = rotate(at(x, y), BigInt((((t + 1) * (t + 2)) / 2) % 64));
      [x, y] = [y, (2 * x + 3 * y) % 5];
      moved[x + 5 * y] = value;
    }
    a = moved;
    a = a.map((lane, i) => {
      const row = Math.floor(i / 5);
      return lane ^ (~at((i % 5) + 1, row) & MASK & at((i % 5) + 2, row));
    });
    a[0] = (a[0] ?? 0n) ^ roundConstant(round);
  }
  return a;
}

function roundConstant(round: number): bigint {
  let constant = 0n;
  for (let j = 0; j <= 6; j++) {
    let r = 1;
    for (let i = 0; i < (j + 7 * round) % 255; i++) r = (r << 1) ^ (r & 0x80 ? 0x171 : 0);
    if (r & 1) constant |= 1n << ((1n << BigInt(j)) - 1n);
  }
  return constant;
}

const RATE = 168;

/** TurboSHAKE128 [RFC 9861, Section 2] on the reference permutation. */
function turboShakeReference(message: Uint8Array, domain: number, length: number): Uint8Array {
  const padded = new Uint8Array((Math.floor(message.length / RATE) + 1) * RATE);
  padded.set(message);
  padded[message.length] = domain;
  padded[padded.length - 1] = (padded[padded.length - 1] ?? 0) ^ 0x80;
  let state = Array<bigint>(25).fill(0n);
  const view = new DataView(padded.buffer);
  for (let block = 0; block < padded.length; block += RATE) {
    state = state.map((lane, i) =>
      i < RATE / 8 ? lane ^ view.getBigUint64(block + 8 * i, true) : lane,
    );
    state = keccakReference(state);
  }
  const output = new DataView(new ArrayBuffer(Math.ceil(length / RATE) * RATE));
  for (let block = 0; block < length; block += RATE) {
    for (let i = 0; i < RATE / 8; i++) output.setBigUint64(block + 8 * i, state[i] ?? 0n, true);
    state = keccakReference(state);
  }
  return new Uint8Array(output.buffer, 0, length);
}

test("permutes like the definition", () => {
  const kernel = createKernel(FIELD64);
  const at = kernel.allocateBytes(200);
  const lane = fc.bigInt({ min: 0n, max: MASK });
  fc.assert(
    fc.property(fc.array(lane, { minLength: 25, maxLength: 25 }), (lanes) => {
      kernel.write(at, new Uint8Array(BigUint64Array.from(lanes).buffer));
      kernel.sponge.permute(at);
      const permuted = [...new BigUint64Array(kernel.read(at, 200).buffer)];
      expect(permuted).toEqual(keccakReference(lanes));
    }),
    { numRuns: 30 },
  );
});

test("hashes any length to any length, in pieces, like the definition", () => {
  const kernel = createKernel(FIELD64);
  const [source, to] = [kernel.allocateBytes(400), kernel.allocateBytes(400)];
  const size = fc.oneof(fc.nat(400), fc.constantFrom(0, 167, 168, 169, 335, 336, 337));
  const domain = fc.integer({ min: 1, max: 127 });
  fc.assert(
    fc.property(size, size, domain, fc.nat(400), fc.nat(400), (input, output, byte, cut, turn) => {
      const message = Uint8Array.from({ length: input }, (_, i) => (7 * i + byte) & 0xff);
      const [first, early] = [Math.min(cut, input), Math.min(turn, output)];
      kernel.write(source, message);
      kernel.sponge.start();
      kernel.sponge.absorb(source, first);
      kernel.sponge.absorb(source + first, input - first);
      kernel.sponge.finish(byte);
      kernel.sponge.squeeze(to, early);
      kernel.sponge.squeeze(to + early, output - early);
      expect(kernel.read(to, output)).toEqual(turboShakeReference(message, byte, output));
    }),
    { numRuns: 60 },
  );
});

test.each([FIELD64, FIELD128])("one sponge absorbs what the other squeezes, $name", (field) => {
  const kernel = createKernel(field);
  const { ops, sponge } = kernel;
  const seed = kernel.allocateBytes(400);
  kernel.write(
    seed,
    Uint8Array.from({ length: 400 }, (_, index) => index),
  );
  const [to, digest] = [kernel.allocate(100), kernel.allocateBytes(32)];
  const lengths = fc.tuple(fc.nat(400), fc.nat(400), fc.nat(100));
  fc.assert(
    fc.property(lengths, ([squeezed, absorbed, count]) => {
      sponge.start();
      sponge.absorb(seed, absorbed);
      sponge.swap();
      sponge.start();
      sponge.absorb(seed, squeezed);
      sponge.finish(1);
      ops.squeezeVectorIntoOther(to, count);
      sponge.swap();
      sponge.finish(1);
      sponge.squeeze(digest, 32);
      const size = count * field.encodedSize;
      // A candidate is refused once in 2^32 at most; then this test would say so.
      const stream = turboShakeReference(kernel.read(seed, squeezed), 1, size);
      expect(kernel.read(to, size)).toEqual(stream);
      const message = Uint8Array.of(...kernel.read(seed, absorbed), ...stream);
      expect(kernel.read(digest, 32)).toEqual(turboShakeReference(message, 1, 32));
    }),
    { numRuns: 40 },
  );
});
