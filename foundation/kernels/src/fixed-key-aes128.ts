/** AES-128 under a public key as a hash of secret blocks, for XofFixedKeyAes128. */
import { assert } from "@sumus/assert";
import { withPoplar1 } from "./poplar1-module.ts";

const BLOCK_BYTES = 16;
/** The eleven round keys of AES-128. */
const ROUND_KEYS_BYTES = 176;

/** The round keys of a 16-byte key, in the form that {@link hashAesBlocks} takes. */
export function expandAesKey(key: Uint8Array): Uint8Array<ArrayBuffer> {
  assert(key.length === BLOCK_BYTES, "an AES-128 key has 16 bytes");
  return withPoplar1(({ ops, put, allocate, read }) => {
    const schedule = allocate(ROUND_KEYS_BYTES);
    ops.expandKey(schedule, put(key));
    return read(schedule, ROUND_KEYS_BYTES);
  });
}

/** `hash_block` of each block of 16 bytes [VDAF-20, "XofFixedKeyAes128"]. */
export function hashAesBlocks(roundKeys: Uint8Array, blocks: Uint8Array): Uint8Array<ArrayBuffer> {
  assert(roundKeys.length === ROUND_KEYS_BYTES, "round keys come from expandAesKey");
  assert(blocks.length % BLOCK_BYTES === 0, "blocks are whole");
  return withPoplar1(({ ops, put, read }) => {
    const at = put(blocks);
    ops.hashBlocks(put(roundKeys), at, blocks.length / BLOCK_BYTES);
    return read(at, blocks.length);
  });
}
