/**
 * XofTurboShake128 [VDAF-20, Section 6.2.1] on the arena, for one algorithm: seeds and binders come
 * from addresses, and the domain separation tag is VERSION, class, algorithm, usage, ctx.
 */
import { concat, equalBytes } from "@sumus/bytes";
import type { Address, Kernel } from "@sumus/kernels";
import { VdafError } from "./vdaf-error.ts";

/** Of draft-irtf-cfrg-vdaf-18 to -20. */
export const VERSION = 18;
const CLASS_VDAF = 0;
const TURBO_SHAKE_DOMAIN = 1;
export const SEED_SIZE = 32;
const DST_FIXED_BYTES = 8;
export const CTX_BYTES_MAX: number = 65_535 - DST_FIXED_BYTES;

export const USAGE_MEASUREMENT_SHARE = 1;
export const USAGE_PROOF_SHARE = 2;
export const USAGE_JOINT_RANDOMNESS = 3;
export const USAGE_PROVE_RANDOMNESS = 4;
export const USAGE_QUERY_RANDOMNESS = 5;
export const USAGE_JOINT_RAND_SEED = 6;
export const USAGE_JOINT_RAND_PART = 7;

export interface Xof {
  /** Sets the application context for what follows. @throws {VdafError} when it is too long */
  setContext(ctx: Uint8Array): void;
  /** Starts `Xof(seed, dst(usage), binder)`; the binder may go on with `kernel.sponge.absorb`. */
  start(usage: number, seed: Address, binder: Address, binderLength: number): void;
  /** Ends the binder and stores the next `count` field elements. */
  vector(to: Address, count: number): void;
  /** The same, while the other sponge absorbs the elements. */
  vectorIntoOther(to: Address, count: number): void;
  /** Ends the binder and stores a seed. */
  seed(to: Address): void;
}

export function createXof(kernel: Kernel, algorithmId: number): Xof {
  const { sponge } = kernel;
  const prefix = kernel.allocateBytes(2 + DST_FIXED_BYTES + CTX_BYTES_MAX + 1);
  const usageAt = prefix + 2 + DST_FIXED_BYTES - 1;
  let context: Uint8Array | undefined;
  let prefixLength = 0;

  return {
    setContext(ctx) {
      if (context !== undefined && equalBytes(ctx, context)) return;
      if (ctx.length > CTX_BYTES_MAX) {
        throw new VdafError(
          "vdafInputError",
          `expected at most ${CTX_BYTES_MAX} bytes of ctx, got ${ctx.length}`,
        );
      }
      context = ctx.slice();
      kernel.write(prefix, encodePrefix(algorithmId, ctx));
      prefixLength = 2 + DST_FIXED_BYTES + ctx.length + 1;
    },
    start(usage, seed, binder, binderLength) {
      kernel.writeByte(usageAt, usage);
      sponge.start();
      sponge.absorb(prefix, prefixLength);
      sponge.absorb(seed, SEED_SIZE);
      sponge.absorb(binder, binderLength);
    },
    vector(to, count) {
      sponge.finish(TURBO_SHAKE_DOMAIN);
      kernel.ops.squeezeVector(to, count);
    },
    vectorIntoOther(to, count) {
      sponge.finish(TURBO_SHAKE_DOMAIN);
      kernel.ops.squeezeVectorIntoOther(to, count);
    },
    seed(to) {
      sponge.finish(TURBO_SHAKE_DOMAIN);
      sponge.squeeze(to, SEED_SIZE);
    },
  };
}

/** The length of the tag, the tag with usage 0, and the length of the seed. */
function encodePrefix(algorithmId: number, ctx: Uint8Array): Uint8Array {
  const length = DST_FIXED_BYTES + ctx.length;
  const head = new Uint8Array(2 + DST_FIXED_BYTES);
  const view = new DataView(head.buffer);
  view.setUint16(0, length, true);
  view.setUint8(2, VERSION);
  view.setUint8(3, CLASS_VDAF);
  view.setUint32(4, algorithmId);
  return concat(head, ctx, Uint8Array.of(SEED_SIZE));
}
