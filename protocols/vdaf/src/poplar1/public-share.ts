/** Poplar1's public share [VDAF-20, "Public Share"]: the correction words of the IDPF, by part. */
import { concat } from "@sumus/bytes";
import { FIELD64_VECTORS, FIELD255_VECTORS, type IdpfCorrections } from "@sumus/kernels";
import { requireLength, VdafError } from "../vdaf-error.ts";
import { KEY_SIZE } from "./idpf.ts";

const CONTROLS_PER_LEVEL = 2;
const INNER_PAIR_BYTES = 2 * FIELD64_VECTORS.encodedSize;
const LEAF_PAIR_BYTES = 2 * FIELD255_VECTORS.encodedSize;

export function publicShareSize(bits: number): number {
  return controlBytes(bits) + bits * KEY_SIZE + (bits - 1) * INNER_PAIR_BYTES + LEAF_PAIR_BYTES;
}

export function encodePublicShare(corrections: IdpfCorrections): Uint8Array<ArrayBuffer> {
  const { bits, controls, seeds, innerValues, leafValues } = corrections;
  const packed = new Uint8Array(controlBytes(bits));
  for (const [index, control] of controls.entries()) {
    packed[index >> 3] = (packed[index >> 3] ?? 0) | (control << (index & 7));
  }
  return concat(packed, seeds, innerValues, leafValues);
}

/** @throws {VdafError} `vdafInputError` for a wrong length, set padding, or an element above p */
export function decodePublicShare(bytes: Uint8Array, bits: number): IdpfCorrections {
  requireLength("public share", bytes, publicShareSize(bits));
  const seedsAt = controlBytes(bits);
  const innerAt = seedsAt + bits * KEY_SIZE;
  const leafAt = innerAt + (bits - 1) * INNER_PAIR_BYTES;
  const controls = new Uint8Array(bits * CONTROLS_PER_LEVEL);
  for (let index = 0; index < controls.length; index++) {
    controls[index] = ((bytes[index >> 3] ?? 0) >> (index & 7)) & 1;
  }
  const paddingBits = 8 * seedsAt - controls.length;
  const isPaddingSet = (bytes[seedsAt - 1] ?? 0) >> (8 - paddingBits) !== 0;
  const innerValues = bytes.slice(innerAt, leafAt);
  const leafValues = bytes.slice(leafAt);
  if (isPaddingSet) {
    throw new VdafError("vdafInputError", "expected zeros behind the control bits, got ones");
  }
  if (!FIELD64_VECTORS.areCanonical(innerValues) || !FIELD255_VECTORS.areCanonical(leafValues)) {
    throw new VdafError("vdafInputError", "expected canonical field elements in the public share");
  }
  return { bits, controls, seeds: bytes.slice(seedsAt, innerAt), innerValues, leafValues };
}

function controlBytes(bits: number): number {
  return Math.ceil((CONTROLS_PER_LEVEL * bits) / 8);
}
