import { type Cursor, ITEMS_MAX } from "@sumus/document";

/** At least two numbers, each above the one before. */
export function readEdges(cursor: Cursor): readonly number[] | undefined {
  const items = cursor.items("edges", ITEMS_MAX);
  if (items === undefined) return undefined;
  if (items.length < 2) {
    return cursor.problem(`expected at least 2 edges, got ${items.length}`, "add one");
  }
  const edges: number[] = [];
  for (const item of items) {
    const edge = item.number("an edge");
    if (edge === undefined) return undefined;
    const last = edges.at(-1);
    if (last !== undefined && edge <= last) {
      return item.problem(`expected edges to increase, got ${edge} after ${last}`, "sort them");
    }
    edges.push(edge);
  }
  return edges;
}
