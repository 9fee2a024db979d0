import { type Cursor, clip, isList, readLine } from "@sumus/document";
import { compareNames } from "../canonical-order.ts";
import {
  COLLECTIONS_MAX,
  COLUMNS_MAX,
  ELIGIBILITY_ITEMS_MAX,
  IDENTIFIER_CHARACTERS_MAX,
} from "../limits.ts";
import type { Condition, Eligibility, EligibleRows, Need } from "../study.ts";
import { readValues } from "./read-dimension.ts";

/** Reads `eligible`: whom the study admits. */
export function readEligible(cursor: Cursor): Eligibility | undefined {
  const fields = cursor.fields(["issuers", "attributes", "where"], "eligible");
  if (fields === undefined) return undefined;
  const named = fields.get("issuers");
  const issuers = named === undefined ? [] : readTexts(named, "an issuer");
  const given = fields.get("attributes");
  const attributes = new Map<string, readonly string[]>();
  for (const [name, field] of given?.entries("attributes") ?? []) {
    const values = readTexts(field, "a value");
    if (values !== undefined) attributes.set(name, values);
  }
  const conditions = fields.get("where");
  const where = conditions === undefined ? [] : readWhere(conditions);
  if (issuers === undefined || where === undefined) return undefined;
  if (issuers.length > 0 || attributes.size > 0) {
    cursor.warning(
      "this version cannot prove issuers and attributes, and refuses to open such a study",
      "remove them; eligible.where admits people by what their own vaults hold",
    );
  }
  return { issuers, attributes, where };
}

function readTexts(cursor: Cursor, what: string): readonly string[] | undefined {
  const items = cursor.items("values", ELIGIBILITY_ITEMS_MAX);
  const texts = items?.map((item) => readLine(item, what, IDENTIFIER_CHARACTERS_MAX));
  if (texts === undefined || texts.includes(undefined)) return undefined;
  return texts.filter((text) => text !== undefined);
}

function readWhere(cursor: Cursor): readonly EligibleRows[] | undefined {
  const entries = cursor.entries("where");
  if (entries === undefined) return undefined;
  if (!hasItems(cursor, entries.size, COLLECTIONS_MAX)) return undefined;
  const where: EligibleRows[] = [];
  for (const [collection, field] of entries) {
    const conditions = readConditions(field);
    if (conditions !== undefined) where.push({ collection, conditions });
  }
  if (where.length < entries.size) return undefined;
  return where.sort((left, right) => compareNames(left.collection, right.collection));
}

function readConditions(cursor: Cursor): readonly Condition[] | undefined {
  const entries = cursor.entries("the conditions on a collection");
  if (entries === undefined) return undefined;
  if (!hasItems(cursor, entries.size, COLUMNS_MAX)) return undefined;
  const conditions: Condition[] = [];
  for (const [column, field] of entries) {
    const condition = readCondition(field, column);
    if (condition !== undefined) conditions.push(condition);
  }
  if (conditions.length < entries.size) return undefined;
  return conditions.sort((left, right) => compareNames(left.column, right.column));
}

function hasItems(cursor: Cursor, count: number, max: number): boolean {
  if (count > 0 && count <= max) return true;
  const remedy = "such as where: { census: { age: { min: 18, max: 65 } } }";
  cursor.problem(`expected 1 to ${max} conditions, got ${count}`, remedy);
  return false;
}

function readCondition(cursor: Cursor, column: string): Condition | undefined {
  if (isList(cursor.node.value)) {
    const values = readValues(cursor, ELIGIBILITY_ITEMS_MAX);
    if (values === undefined) return undefined;
    const sorted = [...values].sort((left, right) =>
      typeof left === "number" && typeof right === "number"
        ? left - right
        : compareNames(String(left), String(right)),
    );
    return { kind: "values", column, values: sorted };
  }
  return readRange(cursor, column);
}

function readRange(cursor: Cursor, column: string): Condition | undefined {
  const fields = cursor.fields(["min", "max"], "a condition, beside a list of values,");
  if (fields === undefined) return undefined;
  const bound = (key: string): number | null | undefined => {
    const field = fields.get(key);
    return field === undefined ? null : field.number(key);
  };
  const [min, max] = [bound("min"), bound("max")];
  if (min === undefined || max === undefined) return undefined;
  if (min === null && max === null) {
    return cursor.problem("expected min, max or both, got neither", "such as { min: 18 }");
  }
  if (min !== null && max !== null && min > max) {
    return cursor.problem(`expected min up to max, got ${min} over ${max}`, "swap or correct them");
  }
  return { kind: "range", column, min, max };
}

/** What decides who takes part is read, so it stands in `needs` and is charged like it. */
export function checkEligibleAgainst(
  cursor: Cursor,
  eligible: Eligibility,
  needs: readonly Need[],
): void {
  for (const { collection, conditions } of eligible.where) {
    const need = needs.find((each) => each.collection === collection);
    for (const { column } of conditions) {
      if (need?.columns.includes(column) === true) continue;
      const name = `${clip(collection)}.${clip(column)}`;
      cursor.problem(`expected columns of needs, got ${name}`, `add ${name} to needs`);
    }
  }
}
