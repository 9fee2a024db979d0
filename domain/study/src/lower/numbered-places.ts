/**
 * What Poplar1 carries for a person in one of declared places: the place's number, in as few bits as
 * it takes, never the text itself. Numbers from 0 are places, the one behind the last is nobody's:
 * who is in no place has it, and no node asks for it. One bit more follows, always 0, so that the
 * places stand on an inner level, whose field is a quarter as wide as that of the leaves.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { createPoplar1, packBits, unpackBits } from "@sumus/vdaf";

/** Bits of Poplar1's strings for so many places. */
export function bitsFor(places: number): number {
  return numberBits(places) + 1;
}

/** The one aggregation parameter: every place, and nothing else. */
export function placesAggParam(places: number): Uint8Array {
  const width = numberBits(places);
  const prefixes = Array.from({ length: places }, (_, place) => packNumber(place, width));
  return createPoplar1(width + 1).encodeAggParam({ level: width - 1, prefixes });
}

/** A place's number, or nobody's, as a string of `bits` bits. */
export function packPlace(place: number, bits: number): Uint8Array {
  assert(2 * place < 2 ** bits, "a place's number fits its bits");
  return packNumber(2 * place, bits);
}

/** The number again. */
export function unpackPlace(packed: Uint8Array, bits: number): number {
  const read = unpackBits(packed, bits - 1);
  return read.reduce((number, bit) => 2 * number + Number(bit), 0);
}

/** Of the largest number, which is nobody's. */
function numberBits(places: number): number {
  return places.toString(2).length;
}

function packNumber(number: number, width: number): Uint8Array {
  return packBits(
    Array.from({ length: width }, (_, at) => ((number >> (width - 1 - at)) & 1) === 1),
  );
}
