import { type Cursor, isList } from "@sumus/document";
import { compareNames } from "../canonical-order.ts";
import { BLOCKS_MAX, MEASURES_MAX } from "../limits.ts";
import type { ResultBlock } from "../study.ts";
import { readGroup } from "./read-group.ts";
import { readMeasures } from "./read-measures.ts";

/**
 * Reads `result`: how people are grouped and what is computed of each group; a list when different
 * things are computed of different groups. The list's order has no meaning.
 */
export function readResult(cursor: Cursor): readonly ResultBlock[] | undefined {
  if (!isList(cursor.node.value)) {
    const block = readBlock(cursor);
    return block === undefined ? undefined : [block];
  }
  const items = cursor.items("blocks of a result", BLOCKS_MAX);
  if (items === undefined) return undefined;
  if (items.length === 0) {
    return cursor.problem("expected at least one block, got none", "such as { measures: … }");
  }
  const blocks = items.map(readBlock);
  if (blocks.includes(undefined)) return undefined;
  const read = blocks.filter((block) => block !== undefined);
  for (const [index, block] of read.entries()) {
    if (!isApart(items[index] ?? cursor, block, read.slice(0, index))) return undefined;
  }
  return read.sort((left, right) => compareNames(firstName(left), firstName(right)));
}

function readBlock(cursor: Cursor): ResultBlock | undefined {
  const fields = cursor.fields(["group", "measures"], "result");
  if (fields === undefined) return undefined;
  const group = fields.get("group");
  const dimensions = group === undefined || group.node.value === null ? [] : readGroup(group);
  const remedy = "add measures, such as { people: count }";
  const found = cursor.required(fields, "measures", remedy);
  const measures = found === undefined ? undefined : readMeasures(found, dimensions ?? []);
  if (dimensions === undefined || measures === undefined) return undefined;
  return { dimensions, measures };
}

/** Whether a block has names and groups of its own, and few enough measures with those before. */
function isApart(cursor: Cursor, block: ResultBlock, before: readonly ResultBlock[]): boolean {
  const known = before.flatMap(({ measures }) => measures);
  const twice = block.measures.find(({ name }) => known.some((other) => other.name === name));
  if (twice !== undefined) {
    const message = `expected names of measures once in the result, got ${twice.name} again`;
    cursor.problem(message, "rename one: numbers are told apart by their measure's name");
    return false;
  }
  const groups = JSON.stringify(block.dimensions);
  if (before.some(({ dimensions }) => JSON.stringify(dimensions) === groups)) {
    cursor.problem("expected other groups than before, got the same", "join the two blocks");
    return false;
  }
  const count = known.length + block.measures.length;
  if (count <= MEASURES_MAX) return true;
  const message = `expected at most ${MEASURES_MAX} measures, got ${count}`;
  cursor.problem(message, "ask several studies: each measure takes a share of the budget");
  return false;
}

function firstName({ measures }: ResultBlock): string {
  return measures[0]?.name ?? "";
}
