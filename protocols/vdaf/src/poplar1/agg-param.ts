/** Poplar1's aggregation parameter [VDAF-20, "Aggregation Parameter"]: a level and its candidates. */
import { concat } from "@sumus/bytes";
import { decode, Writer } from "@sumus/codec";
import { VdafError } from "../vdaf-error.ts";
import { hasCleanPadding, packedBytes } from "./bit-string.ts";
import { inputErrors } from "./input-errors.ts";
import { createPrefixSet, findAncestors, type PrefixSet } from "./prefix-set.ts";

/** The draft encodes levels in 16 bits. */
export const BITS_MAX = 65_536;
/** The draft allows 2^32 - 1; each one costs an aggregator some 200 bytes of memory a report. */
const PREFIXES_MAX = 65_536;

/** Which prefixes to count. */
export interface Poplar1AggParam {
  /** Prefixes have `level + 1` bits; the first level is 0. */
  readonly level: number;
  /** Distinct and in lexicographic order, packed by `packBits`: at least one. */
  readonly prefixes: readonly Uint8Array[];
}

/** @throws {VdafError} `vdafParameterError` unless levels and prefixes are as they must be */
export function toPrefixSet({ level, prefixes }: Poplar1AggParam, bits: number): PrefixSet {
  if (!Number.isInteger(level) || level < 0 || level >= bits) {
    throw parameterError(`expected a level from 0 to ${bits - 1}, got ${level}`);
  }
  if (prefixes.length < 1 || prefixes.length > PREFIXES_MAX) {
    throw parameterError(`expected 1 to ${PREFIXES_MAX} prefixes, got ${prefixes.length}`);
  }
  const stride = packedBytes(level + 1);
  for (const [index, prefix] of prefixes.entries()) {
    if (prefix.length !== stride || !hasCleanPadding(prefix, level + 1)) {
      throw parameterError(`expected ${level + 1} packed bits in prefix ${index}`);
    }
  }
  const set = createPrefixSet(level, prefixes.length, concat(...prefixes));
  if ("disorderAt" in set) {
    throw parameterError(
      `expected distinct prefixes in lexicographic order, got a step back at ${set.disorderAt}; sort them and drop doubles`,
    );
  }
  return set;
}

/** @throws {VdafError} `vdafParameterError` when the parameter is not valid for `bits` */
export function encodeAggParam(aggParam: Poplar1AggParam, bits: number): Uint8Array<ArrayBuffer> {
  const { level, count, packed } = toPrefixSet(aggParam, bits);
  return Writer.encode((writer) => writer.u16(level).u32(count).fixed(packed));
}

/** @throws {VdafError} `vdafInputError` unless the bytes are one parameter that is valid for `bits` */
export function decodeAggParam(bytes: Uint8Array, bits: number): Poplar1AggParam {
  return inputErrors(() =>
    decode("poplar1AggParam", bytes, (reader) => {
      const level = reader.u16("level");
      if (level >= bits) reader.fail("level", `expected at most ${bits - 1}, got ${level}`);
      const count = reader.u32("num_prefixes");
      if (count < 1 || count > PREFIXES_MAX) {
        reader.fail("num_prefixes", `expected 1 to ${PREFIXES_MAX}, got ${count}`);
      }
      const stride = packedBytes(level + 1);
      const packed = reader.fixed("encoded_prefixes", count * stride);
      const set = createPrefixSet(level, count, packed);
      if ("disorderAt" in set) {
        reader.fail(`encoded_prefixes[${set.disorderAt}]`, "expected distinct prefixes in order");
      }
      const prefixes = Array.from({ length: count }, (_, index) =>
        packed.subarray(index * stride, (index + 1) * stride),
      );
      const unclean = prefixes.findIndex((prefix) => !hasCleanPadding(prefix, level + 1));
      if (unclean >= 0) reader.fail(`encoded_prefixes[${unclean}]`, "expected zeros as padding");
      return { level, prefixes };
    }),
  );
}

/**
 * `is_valid` [VDAF-20, "Validity of Aggregation Parameters"]: whether reports that were aggregated
 * with `previous`, in this order, may be aggregated with `next` too. Levels rise, and prefixes
 * extend those of the last time.
 */
export function isValidAggParam(next: PrefixSet, previous: readonly PrefixSet[]): boolean {
  const last = previous.at(-1);
  if (last === undefined) return true;
  return next.level > last.level && findAncestors(last, next) !== undefined;
}

function parameterError(message: string): VdafError {
  return new VdafError("vdafParameterError", message);
}
