/** XofTurboShake128 [VDAF-20, "XofTurboShake128"], the XOF for every purpose. */
import { assert } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import { squeezeFieldVectors, turboShake128, type VectorRequest } from "@sumus/kernels";
import { DST_BYTES_MAX, type Xof } from "./xof.ts";

const SEED_BYTES_MAX = 255;
const DOMAIN = 1;
const FIRST_BYTES = 168;

/** Seeds are 32 bytes unless an algorithm says otherwise; 255 at most. */
export function createXofTurboShake128(seed: Uint8Array, dst: Uint8Array, binder: Uint8Array): Xof {
  const message = frameMessage(seed, dst, binder);
  let output = new Uint8Array();
  let position = 0;
  return {
    next: (length) => {
      const end = position + length;
      if (end > output.length) {
        // The stream starts over, each time twice as long at least: linear in what is taken.
        const bytes = Math.max(end, 2 * output.length, FIRST_BYTES);
        output = turboShake128(message, DOMAIN, bytes);
      }
      const next = output.slice(position, end);
      position = end;
      return next;
    },
  };
}

/**
 * Consecutive vectors from the stream of one seed: `next_vec` for each request.
 *
 * @example expandIntoFieldVectors(seed, dst, nonce, [[FIELD64_VECTORS, 3], [FIELD255_VECTORS, 1]])
 */
export function expandIntoFieldVectors<const Requests extends readonly VectorRequest[]>(
  seed: Uint8Array,
  dst: Uint8Array,
  binder: Uint8Array,
  requests: Requests,
): { readonly [Index in keyof Requests]: Uint8Array<ArrayBuffer> } {
  return squeezeFieldVectors(frameMessage(seed, dst, binder), requests);
}

/** What the stream of a `seedBytes` long seed absorbs before it: both lengths and the tag. */
export function frameTurboShake128Prefix(
  dst: Uint8Array,
  seedBytes: number,
): Uint8Array<ArrayBuffer> {
  assert(dst.length <= DST_BYTES_MAX, "a domain separation tag has at most 65535 bytes");
  assert(seedBytes <= SEED_BYTES_MAX, "a seed has at most 255 bytes");
  const dstLength = Uint8Array.of(dst.length & 0xff, dst.length >> 8);
  return concat(dstLength, dst, Uint8Array.of(seedBytes));
}

function frameMessage(
  seed: Uint8Array,
  dst: Uint8Array,
  binder: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concat(frameTurboShake128Prefix(dst, seed.length), seed, binder);
}
