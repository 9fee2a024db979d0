/**
 * XofFixedKeyAes128 [VDAF-20, "XofFixedKeyAes128"]: fast where many seeds are expanded under one
 * tag and binder. For the IDPF alone: it is no random oracle.
 *
 * The key is public, the seed is secret; `@sumus/kernels` encrypts without look-ups in memory.
 */
import { assert } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import { expandAesKey, hashAesBlocks, turboShake128 } from "@sumus/kernels";
import { DST_BYTES_MAX, type Xof } from "./xof.ts";

const SEED_BYTES = 16;
const BLOCK_BYTES = 16;
const KEY_BYTES = 16;
const KEY_DOMAIN = 2;

/** The round keys of all streams under a tag and a binder; 176 bytes. */
export function expandFixedKey(dst: Uint8Array, binder: Uint8Array): Uint8Array<ArrayBuffer> {
  assert(dst.length <= DST_BYTES_MAX, "a domain separation tag has at most 65535 bytes");
  const dstLength = Uint8Array.of(dst.length & 0xff, dst.length >> 8);
  return expandAesKey(turboShake128(concat(dstLength, dst, binder), KEY_DOMAIN, KEY_BYTES));
}

/** Seeds have 16 bytes. */
export function createXofFixedKeyAes128(
  seed: Uint8Array,
  dst: Uint8Array,
  binder: Uint8Array,
): Xof {
  assert(seed.length === SEED_BYTES, "a seed has 16 bytes");
  const roundKeys = expandFixedKey(dst, binder);
  const ownSeed = seed.slice();
  let position = 0;
  return {
    next: (length) => {
      const first = Math.floor(position / BLOCK_BYTES);
      const end = Math.ceil((position + length) / BLOCK_BYTES);
      const blocks = hashAesBlocks(roundKeys, counterBlocks(ownSeed, first, end));
      const offset = position - first * BLOCK_BYTES;
      position += length;
      return blocks.slice(offset, offset + length);
    },
  };
}

/** Block i, from `first` up to `end`, is the seed plus i as a little-endian integer. */
function counterBlocks(seed: Uint8Array, first: number, end: number): Uint8Array {
  const blocks = new Uint8Array((end - first) * BLOCK_BYTES);
  const view = new DataView(blocks.buffer);
  for (let index = first; index < end; index++) {
    const at = (index - first) * BLOCK_BYTES;
    blocks.set(seed, at);
    view.setBigUint64(at, view.getBigUint64(at, true) ^ BigInt(index), true);
  }
  return blocks;
}
