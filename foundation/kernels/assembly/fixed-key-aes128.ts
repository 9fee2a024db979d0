/**
 * The hash of XofFixedKeyAes128 [VDAF-20, "XofFixedKeyAes128"] over many blocks: H(x) = AES(s) + s
 * with s = sigma(x). The key is public, the blocks are seeds.
 */
import { BLOCKS_AT_ONCE, encryptFour } from "./aes128";

/** sigma(lo || hi) = hi || (hi + lo). */
function sigma(block: v128): v128 {
  const swapped = i64x2.shuffle(block, block, 1, 0);
  const high = i64x2.shuffle(i64x2.splat(0), block, 0, 3);
  return v128.xor(swapped, high);
}

/**
 * Hashes `count` blocks of 16 bytes in place, in groups of four: up to three blocks behind the last
 * one are overwritten.
 */
export function hashBlocks(schedule: usize, blocks: usize, count: i32): void {
  for (let i = 0; i < count; i += BLOCKS_AT_ONCE) {
    const at = blocks + ((<usize>i) << 4);
    const a = sigma(v128.load(at));
    const b = sigma(v128.load(at, 16));
    const c = sigma(v128.load(at, 32));
    const d = sigma(v128.load(at, 48));
    v128.store(at, a);
    v128.store(at, b, 16);
    v128.store(at, c, 32);
    v128.store(at, d, 48);
    encryptFour(schedule, at);
    v128.store(at, v128.xor(v128.load(at), a));
    v128.store(at, v128.xor(v128.load(at, 16), b), 16);
    v128.store(at, v128.xor(v128.load(at, 32), c), 32);
    v128.store(at, v128.xor(v128.load(at, 48), d), 48);
  }
}
