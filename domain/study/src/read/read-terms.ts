import { type Cursor, clip } from "@sumus/document";
import { compareNames } from "../canonical-order.ts";
import { COLLECTIONS_MAX, COLUMNS_MAX } from "../limits.ts";
import type { Need, Reward } from "../study.ts";
import { checkCollectionName, readHeader } from "./text-rules.ts";

const CREDITS_MAX = 1_000_000;

/** Reads `needs`: the collections and columns that the map may see. */
export function readNeeds(cursor: Cursor): readonly Need[] | undefined {
  const entries = cursor.entries("needs");
  if (entries === undefined) return undefined;
  if (entries.size === 0 || entries.size > COLLECTIONS_MAX) {
    const message = `expected 1 to ${COLLECTIONS_MAX} collections, got ${entries.size}`;
    return cursor.keyProblem(message, "name those the map reads, such as { visits: [day, place] }");
  }
  const needs: Need[] = [];
  for (const [collection, field] of entries) {
    const named = checkCollectionName(collection, field);
    const columns = readColumns(field);
    if (named && columns !== undefined) needs.push({ collection, columns });
  }
  if (needs.length < entries.size) return undefined;
  return needs.sort((left, right) => compareNames(left.collection, right.collection));
}

function readColumns(cursor: Cursor): readonly string[] | undefined {
  const items = cursor.items("columns", COLUMNS_MAX);
  if (items === undefined) return undefined;
  if (items.length === 0) {
    return cursor.problem("expected at least one column, got none", "list those the map reads");
  }
  const columns: string[] = [];
  // Columns of SQL differ by more than the case of their letters.
  const seen = new Set<string>();
  for (const item of items) {
    const column = readHeader(item);
    if (column === undefined) return undefined;
    if (seen.has(column.toLowerCase())) {
      return item.problem(`expected each column once, got "${clip(column)}" again`, "remove it");
    }
    seen.add(column.toLowerCase());
    columns.push(column);
  }
  return columns;
}

/** Reads `reward`: what those who take part are promised. */
export function readReward(cursor: Cursor): Reward | undefined {
  const fields = cursor.fields(["credits"], "reward");
  if (fields === undefined) return undefined;
  const remedy = "such as reward: { credits: 2 }";
  const credits = cursor.required(fields, "credits", remedy)?.integer("credits", 1, CREDITS_MAX);
  if (credits === undefined) return undefined;
  cursor.warning(
    "this version shows the reward and pays none",
    "pay it by other means, or remove it",
  );
  return { credits };
}
