/**
 * Candidates of a prefix measure: texts of which a person's text may begin with several, when some of
 * them begin with others.
 *
 * @module
 */
import { encodeUtf8 } from "@sumus/bytes";
import { createPoplar1, createPrio3, type Prio3Config } from "@sumus/vdaf";

const BITS_PER_BYTE = 8;

/** With how many of the candidates one text can begin at most. */
export function deepestChain(candidates: readonly string[]): number {
  const known = new Set(candidates);
  const beginnings = candidates.map((candidate) => {
    let count = 0;
    for (let length = 1; length <= candidate.length; length++) {
      if (known.has(candidate.slice(0, length))) count++;
    }
    return count;
  });
  return Math.max(...beginnings);
}

/** One number a candidate in every cell, and why not Poplar1. */
export function encodePrefixes(
  candidates: readonly string[],
  cells: number,
): { readonly vdaf: Prio3Config; readonly reason: string } {
  const length = cells * candidates.length;
  const deepest = deepestChain(candidates);
  const vdaf: Prio3Config =
    deepest > 1
      ? { kind: "multihotCountVec", length, maxWeight: deepest }
      : { kind: "histogram", length: length + 1 };
  const nested =
    deepest > 1 ? `a text begins with up to ${deepest} candidates` : "one candidate fits";
  const bits = Math.max(...candidates.map((each) => encodeUtf8(each).length)) * BITS_PER_BYTE;
  const [own, other] = [bytesOf(createPrio3(vdaf)), bytesOf(createPoplar1(bits))];
  const verdict =
    own <= other
      ? `${own} bytes, where Poplar1 of ${bits} bits takes ${other}`
      : `${own} bytes; Poplar1 of ${bits} bits would take ${other}, but studies do not run it yet`;
  return { vdaf, reason: `${nested}; all are declared: ${verdict}` };
}

/** Of a report's shares. */
function bytesOf(vdaf: {
  readonly publicShareSize: number;
  readonly inputShareSizes: readonly [number, number];
}): number {
  const [leader, helper] = vdaf.inputShareSizes;
  return vdaf.publicShareSize + leader + helper;
}
