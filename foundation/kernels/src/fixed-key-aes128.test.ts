/**
 * The AES kernel against FIPS 197's own example, and against AES as its text defines it: SubBytes by
 * exponentiation, MixColumns by multiplication. Random blocks visit every entry of the S-box.
 */
import { decodeHex, encodeHex } from "@sumus/bytes";
import fc from "fast-check";
import { expect, test } from "vitest";
import { expandAesKey, hashAesBlocks } from "./index.ts";

const BLOCK_BYTES = 16;

function multiply(a: number, b: number): number {
  let product = 0;
  let term = a;
  for (let bits = b; bits > 0; bits >>= 1) {
    if (bits & 1) product ^= term;
    term = (term << 1) ^ (term & 0x80 ? 0x11b : 0);
  }
  return product;
}

function substitute(byte: number): number {
  let inverse = 1;
  for (let i = 0; i < 254; i++) inverse = multiply(inverse, byte);
  let result = 0x63;
  for (let turn = 0; turn < 5; turn++) {
    result ^= ((inverse << turn) | (inverse >> (8 - turn))) & 0xff;
  }
  return result;
}

const S_BOX = Array.from({ length: 256 }, (_, byte) => substitute(byte));
const substituteBytes = (bytes: readonly number[]): number[] =>
  bytes.map((byte) => S_BOX[byte] ?? Number.NaN);
const xor = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((byte, i) => byte ^ (b[i] ?? Number.NaN));

function expandReference(key: readonly number[]): number[][] {
  const words = [0, 4, 8, 12].map((at) => key.slice(at, at + 4));
  let constant = 1;
  for (let i = 4; i < 44; i++) {
    let word = words[i - 1] ?? [];
    if (i % 4 === 0) {
      word = xor(substituteBytes([...word.slice(1), ...word.slice(0, 1)]), [constant, 0, 0, 0]);
      constant = multiply(constant, 2);
    }
    words.push(xor(words[i - 4] ?? [], word));
  }
  return Array.from({ length: 11 }, (_, round) => words.slice(4 * round, 4 * round + 4).flat());
}

function encryptReference(key: Uint8Array, block: Uint8Array): Uint8Array {
  const [first = [], ...rounds] = expandReference([...key]);
  let state = xor([...block], first);
  for (const [index, roundKey] of rounds.entries()) {
    const substituted = substituteBytes(state);
    // Byte r + 4 c comes from column c + r.
    state = substituted.map((_, i) => substituted[(i + 4 * (i % 4)) % 16] ?? Number.NaN);
    if (index < 9) state = [0, 4, 8, 12].flatMap((at) => mixColumn(state.slice(at, at + 4)));
    state = xor(state, roundKey);
  }
  return Uint8Array.from(state);
}

function mixColumn(column: readonly number[]): number[] {
  return column.map((byte, row) => {
    const [, b = 0, c = 0, d = 0] = [...column.slice(row), ...column.slice(0, row)];
    return multiply(byte, 2) ^ multiply(b, 3) ^ c ^ d;
  });
}

/** H(x) = AES(s) + s with s = hi || (hi + lo). */
function hashReference(key: Uint8Array, block: Uint8Array): Uint8Array {
  const low = [...block.subarray(0, 8)];
  const high = [...block.subarray(8)];
  const sigma = [...high, ...xor(high, low)];
  return Uint8Array.from(xor([...encryptReference(key, Uint8Array.from(sigma))], sigma));
}

test("the reference is AES: the example of FIPS 197, Appendix C.1", () => {
  const key = decodeHex("000102030405060708090a0b0c0d0e0f");
  const block = decodeHex("00112233445566778899aabbccddeeff");
  expect(encodeHex(encryptReference(key, block))).toBe("69c4e0d86a7b0430d8cdb78070b4c55a");
});

test("hashes of any number of blocks are those of the reference", () => {
  const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
    fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(bytes(16), fc.array(bytes(16), { maxLength: 9 }), (key, blocks) => {
      const hashed = hashAesBlocks(
        expandAesKey(key),
        Uint8Array.from(blocks.flatMap((block) => [...block])),
      );
      expect(hashed.length).toBe(BLOCK_BYTES * blocks.length);
      for (const [i, block] of blocks.entries()) {
        const got = hashed.subarray(BLOCK_BYTES * i, BLOCK_BYTES * (i + 1));
        expect(encodeHex(got)).toBe(encodeHex(hashReference(key, block)));
      }
    }),
    { numRuns: 60 },
  );
});

test("every byte value in every lane", () => {
  const key = decodeHex("2b7e151628aed2a6abf7158809cf4f3c");
  const roundKeys = expandAesKey(key);
  for (let byte = 0; byte < 256; byte++) {
    const block = new Uint8Array(BLOCK_BYTES).fill(byte);
    expect(hashAesBlocks(roundKeys, block)).toEqual(hashReference(key, block));
  }
});
