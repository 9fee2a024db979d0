import { assert } from "@sumus/assert";
import type { RandomBytes } from "@sumus/time";

/** Random bytes fetched at once: a sample takes some forty. */
const POOL_BYTES = 256;

/** Bounds up to here fit a double with room to spare, and doubles are faster than big integers. */
const SMALL_BITS = 48;

/**
 * Uniform integers from random bytes, by rejection: no value is more likely than another.
 * The number of bytes used depends on the values drawn, so timing is not constant.
 */
export class IntegerSource {
  readonly #randomBytes: RandomBytes;
  #pool = new Uint8Array(0);
  #offset = 0;

  constructor(randomBytes: RandomBytes) {
    this.#randomBytes = randomBytes;
  }

  /** A fair coin. */
  bit(): boolean {
    return (this.#byte() & 1) === 1;
  }

  /** An integer in [0, bound), each equally likely. */
  below(bound: bigint): bigint {
    assert(bound > 0n, "a uniform integer has a positive bound");
    const bits = (bound - 1n).toString(2).length;
    return bits <= SMALL_BITS
      ? BigInt(this.#belowSmall(Number(bound), bits))
      : this.#belowLarge(bound, bits);
  }

  #belowSmall(bound: number, bits: number): number {
    for (;;) {
      const value = this.#bits(bits);
      if (value < bound) return value;
    }
  }

  #belowLarge(bound: bigint, bits: number): bigint {
    for (;;) {
      let value = BigInt(this.#bits(bits % SMALL_BITS));
      for (let limb = Math.floor(bits / SMALL_BITS); limb > 0; limb--) {
        value = (value << BigInt(SMALL_BITS)) | BigInt(this.#bits(SMALL_BITS));
      }
      if (value < bound) return value;
    }
  }

  /** `count` random bits, at most {@link SMALL_BITS}, as a non-negative integer. */
  #bits(count: number): number {
    let value = 0;
    let missing = count;
    while (missing >= 8) {
      value = value * 256 + this.#byte();
      missing -= 8;
    }
    return missing === 0 ? value : value * 2 ** missing + (this.#byte() >> (8 - missing));
  }

  #byte(): number {
    if (this.#offset === this.#pool.length) {
      this.#pool = Uint8Array.from(this.#randomBytes(POOL_BYTES));
      assert(this.#pool.length === POOL_BYTES, "random bytes come in the length asked for");
      this.#offset = 0;
    }
    const byte = this.#pool[this.#offset] as number;
    // A spent byte is forgotten: whoever reads this memory later must not learn the noise.
    this.#pool[this.#offset] = 0;
    this.#offset++;
    return byte;
  }
}
