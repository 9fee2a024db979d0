/**
 * The candidate prefixes of an aggregation parameter, and the walk through the IDPF tree that visits
 * each of their ancestors once: the cost is the number of distinct nodes, not prefixes times levels.
 */
import { assert, defined } from "@sumus/assert";
import type { IdpfStep } from "@sumus/kernels";
import { bitAt, packedBytes } from "./bit-string.ts";

/** Sorted, distinct bit strings of `level + 1` bits, back to back. */
export interface PrefixSet {
  readonly level: number;
  readonly count: number;
  /** Each in {@link packedBytes}(`level + 1`) bytes. */
  readonly packed: Uint8Array;
  /** Where prefix i differs first from prefix i - 1; -1 for the first prefix. */
  readonly splits: Int32Array;
}

/** Index of the first prefix that is not greater than the one before it, in `PrefixSet` terms. */
export interface Disorder {
  readonly disorderAt: number;
}

/** The set of `count` packed prefixes, or the place where they are not in order. */
export function createPrefixSet(
  level: number,
  count: number,
  packed: Uint8Array,
): PrefixSet | Disorder {
  const stride = packedBytes(level + 1);
  assert(packed.length === count * stride, "prefixes fill their bytes");
  const splits = new Int32Array(count);
  if (count > 0) splits[0] = -1;
  for (let i = 1; i < count; i++) {
    const split = firstDifference(packed, (i - 1) * stride, i * stride, stride);
    // Where they differ, the later one has the 1.
    if (split === undefined || bitAt(packed, i * stride, split) === 0) return { disorderAt: i };
    splits[i] = split;
  }
  return { level, count, packed, splits };
}

/** The nodes of each level from `after + 1` down to the prefixes themselves. */
export function* walkFrom(
  { level, count, packed, splits }: PrefixSet,
  after: number,
): Generator<IdpfStep, undefined> {
  const stride = packedBytes(level + 1);
  const parents = new Uint32Array(count);
  const bits = new Uint8Array(count);
  for (let here = after + 1; here <= level; here++) {
    let nodes = 0;
    let parent = -1;
    for (let i = 0; i < count; i++) {
      const split = splits[i] ?? -1;
      if (split < here) parent++;
      if (split > here) continue;
      parents[nodes] = parent;
      bits[nodes] = bitAt(packed, i * stride, here);
      nodes++;
    }
    yield { parents: parents.subarray(0, nodes), bits: bits.subarray(0, nodes) };
  }
}

/**
 * For each distinct ancestor of `prefixes` on the level of `above`, in order, its index there; or
 * nothing when one is missing.
 */
export function findAncestors(above: PrefixSet, prefixes: PrefixSet): Uint32Array | undefined {
  assert(above.level < prefixes.level, "ancestors stand above");
  const indices: number[] = [];
  let candidate = 0;
  for (let i = 0; i < prefixes.count; i++) {
    const isSameAncestor =
      i > 0 && defined(prefixes.splits[i], "each prefix has a split") > above.level;
    if (isSameAncestor) continue;
    while (candidate < above.count && !isAncestor(above, candidate, prefixes, i)) candidate++;
    if (candidate === above.count) return undefined;
    indices.push(candidate);
  }
  return Uint32Array.from(indices);
}

function isAncestor(above: PrefixSet, candidate: number, prefixes: PrefixSet, i: number): boolean {
  const bits = above.level + 1;
  const stride = packedBytes(bits);
  const start = candidate * stride;
  const other = i * packedBytes(prefixes.level + 1);
  const wholeBytes = bits >> 3;
  for (let at = 0; at < wholeBytes; at++) {
    if (above.packed[start + at] !== prefixes.packed[other + at]) return false;
  }
  const unused = 8 - (bits & 7);
  if (unused === 8) return true;
  const last = defined(prefixes.packed[other + wholeBytes], "a deeper prefix is not shorter");
  return above.packed[start + wholeBytes] === (last >> unused) << unused;
}

/** The first bit in which two strings of `stride` bytes differ. */
function firstDifference(
  packed: Uint8Array,
  left: number,
  right: number,
  stride: number,
): number | undefined {
  for (let at = 0; at < stride; at++) {
    const difference = (packed[left + at] ?? 0) ^ (packed[right + at] ?? 0);
    if (difference !== 0) return 8 * at + Math.clz32(difference) - 24;
  }
  return undefined;
}
