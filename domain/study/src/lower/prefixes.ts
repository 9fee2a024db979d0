/**
 * Candidates of a prefix measure: texts of which a person's text may begin with several, when some of
 * them begin with others.
 *
 * @module
 */
import { createPoplar1, createPrio3, type Prio3Config } from "@sumus/vdaf";
import { POPLAR1_PLACES_MAX, POPLAR1_SAVING_MIN } from "../limits.ts";
import type { Encoding } from "./encoding.ts";
import { bitsFor, placesAggParam } from "./numbered-places.ts";
import { reportBytes } from "./report-bytes.ts";

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

/**
 * One number a candidate in every cell. Bytes decide that a person uploads: Poplar1 where they are few
 * enough to be worth a second round between the nodes, and takes no more of their time than is bounded.
 */
export function encodePrefixes(candidates: readonly string[], cells: number): Encoding {
  const places = cells * candidates.length;
  const deepest = deepestChain(candidates);
  if (deepest > 1) {
    return {
      vdaf: { kind: "multihotCountVec", length: places, maxWeight: deepest },
      reason: `a text begins with up to ${deepest} candidates, of which Poplar1 could count one`,
    };
  }
  const histogram: Prio3Config = { kind: "histogram", length: places + 1 };
  const bits = bitsFor(places);
  const plain = reportBytes(createPrio3(histogram));
  const short = reportBytes(createPoplar1(bits));
  const [all, few] = [plain, short].map((bytes) => bytes.toLocaleString("en"));
  const one = "a text begins with one candidate";
  if (short * POPLAR1_SAVING_MIN <= plain && places <= POPLAR1_PLACES_MAX) {
    return {
      vdaf: { kind: "poplar1", bits },
      aggParam: placesAggParam(places),
      reason: `${one}, sent as its number: ${few} bytes, where a histogram takes ${all}`,
    };
  }
  const why =
    places <= POPLAR1_PLACES_MAX
      ? `the ${few} of Poplar1 are not worth a second round of the nodes`
      : `the ${few} of Poplar1 would take too much of the nodes' time`;
  return { vdaf: histogram, reason: `${one}: ${all} bytes; ${why}` };
}
