import type { Cursor } from "@sumus/document";
import { readDelta, readEpsilon } from "./read-loss.ts";
import type { TaskNoise } from "./task-document.ts";

const REMEDY = 'write "noise: { epsilon: 1, delta: 1e-9 }", or "noise: none" for exact sums';

/** Reads `noise`. Saying nothing is no answer: exact sums are asked for in so many words. */
export function readNoise(cursor: Cursor): TaskNoise | undefined {
  if (cursor.node.value === "none") return { kind: "none" };
  if (typeof cursor.node.value === "string") {
    return cursor.problem(`expected noise, got ${cursor.describe()}`, REMEDY);
  }
  const fields = cursor.fields(["epsilon", "delta"], "noise", REMEDY);
  if (fields === undefined) return undefined;
  const epsilon = readEpsilon(cursor.required(fields, "epsilon", "such as epsilon: 1"));
  const delta = readDelta(cursor.required(fields, "delta", "such as delta: 1e-9"));
  if (epsilon === undefined || delta === undefined) return undefined;
  return { kind: "private", epsilon, delta };
}

export { REMEDY as NOISE_REMEDY };
