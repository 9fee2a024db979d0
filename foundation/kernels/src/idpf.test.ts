/**
 * What the promise of an IDPF (`@sumus/vdaf` tests it) meets once in 2^32: a candidate for a field
 * element that is not below p. The seed below was found by a search of 4.8 billion.
 */
import { concat, decodeHex } from "@sumus/bytes";
import { expect, test } from "vitest";
import { evaluateIdpf, expandAesKey, FIELD64_VECTORS, hashAesBlocks } from "./index.ts";

const convertKey = decodeHex("000102030405060708090a0b0c0d0e0f");
/** `convert` of this seed has a word in block 1 that is not below p. */
const seed = decodeHex("abe8691d010000000000000000000000");

const xorByte = (block: Uint8Array, byte: number): Uint8Array =>
  block.map((value, index) => (index === 0 ? value ^ byte : value));

test("a candidate that is not below p is dropped, and the stream goes on", () => {
  const convert = expandAesKey(convertKey);
  const words = [1, 2].flatMap((index) => {
    const block = hashAesBlocks(convert, xorByte(seed, index));
    return [block.subarray(0, 8), block.subarray(8)];
  });
  const isCanonical = words.map((word) => FIELD64_VECTORS.areCanonical(word));
  expect(isCanonical.slice(0, 2)).toContain(false);
  const expected = words.filter((_, index) => isCanonical[index]).slice(0, 2);

  // A correction word that turns the child of a known node into the seed.
  const extend = expandAesKey(new Uint8Array(16));
  const parent = new Uint8Array(16).fill(5);
  const child = hashAesBlocks(extend, parent);
  const bare = child.map((byte, index) => (index === 0 ? byte & 0xfe : byte));
  const streams = {
    roundKeys: concat(extend, convert),
    extendPrefix: new Uint8Array(),
    convertPrefix: new Uint8Array(),
    nonce: new Uint8Array(16),
  };
  const corrections = {
    bits: 2,
    seeds: concat(
      bare.map((byte, index) => byte ^ (seed[index] ?? 0)),
      new Uint8Array(16),
    ),
    controls: new Uint8Array(4),
    innerValues: new Uint8Array(16),
    leafValues: new Uint8Array(64),
  };
  const { values, nodes } = evaluateIdpf(streams, corrections, {
    from: { level: -1, seeds: parent, controls: Uint8Array.of(1) },
    steps: [{ parents: Uint32Array.of(0), bits: Uint8Array.of(0) }],
    count: 1,
    negate: false,
  });
  expect(values).toEqual(expected);
  expect(nodes.seeds).toEqual(hashAesBlocks(convert, seed));
});

test("a walk that does not keep its word is a broken promise", () => {
  const streams = {
    roundKeys: concat(expandAesKey(convertKey), expandAesKey(convertKey)),
    extendPrefix: new Uint8Array(),
    convertPrefix: new Uint8Array(),
    nonce: new Uint8Array(16),
  };
  const corrections = {
    bits: 1,
    seeds: new Uint8Array(16),
    controls: new Uint8Array(2),
    innerValues: new Uint8Array(),
    leafValues: new Uint8Array(64),
  };
  const from = { level: -1, seeds: new Uint8Array(16), controls: Uint8Array.of(0) };
  const step = { parents: Uint32Array.of(0), bits: Uint8Array.of(0) };
  const walk = (steps: readonly (typeof step)[], count: number) => (): unknown =>
    evaluateIdpf(streams, corrections, { from, steps, count, negate: false });
  expect(walk([step], 1)).not.toThrow();
  expect(walk([step], 2)).toThrow("a walk ends with as many nodes as announced");
  expect(walk([step, step], 1)).toThrow("a walk stays within its bounds");
  expect(walk([], 1)).toThrow("a walk ends with as many nodes as announced");
  // What failed did not block the module.
  expect(walk([step], 1)).not.toThrow();
});
