/**
 * What became of a study that a vault was charged for, as far as its two nodes can be believed. A charge is
 * given back only when nothing can be released any more, however one of the nodes lies.
 *
 * @module
 */

/** What a node says: it holds reports, dropped them for good, or has made its share of the answer. */
export type StudyFate = "open" | "cancelled" | "released";

/** What nodes say: by their address, then by the study's id in lower-case hex. */
export type NodesSay = ReadonlyMap<string, ReadonlyMap<string, StudyFate>>;

/** The two nodes of a study, as its manifest names them. */
export interface StudyNodes {
  readonly leader: string;
  readonly helper: string;
}

/**
 * `cancelled` only when both nodes say so: an honest one never says it after it made its share, nor makes one
 * after it said it, and without both shares there is no answer. One word of a release is enough for
 * `released`: a node that lies about that keeps a charge, and gives nothing away.
 */
export function fateOf(study: string, { leader, helper }: StudyNodes, said: NodesSay): StudyFate {
  const answers = new Map(
    [...said].map(([node, studies]) => [placeOf(node), studies.get(study)] as const),
  );
  const [one, other] = [answers.get(placeOf(leader)), answers.get(placeOf(helper))];
  if (one === "released" || other === "released") return "released";
  const isGone = one === "cancelled" && other === "cancelled";
  return isGone && placeOf(leader) !== placeOf(helper) ? "cancelled" : "open";
}

/** One address, with or without a slash at its end. */
function placeOf(node: string): string {
  return node.replace(/\/+$/, "");
}
