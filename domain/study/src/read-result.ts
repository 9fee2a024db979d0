import type { Cursor } from "@sumus/document";
import { readGroup } from "./read-group.ts";
import { readMeasures } from "./read-measures.ts";
import type { StudyResult } from "./study.ts";

/** Reads `result`: how people are grouped and what is computed of each group. */
export function readResult(cursor: Cursor): StudyResult | undefined {
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
