import type { Cursor } from "@sumus/document";
import { standardDeviation } from "@sumus/dp";
import { noiseOf } from "./dap-task.ts";
import type { TaskDraft } from "./task-document.ts";

/**
 * Sums of 2^30 people with 2^32 steps, and noise of this deviation nine times over, still fit half
 * of the smaller field's 2^64 numbers.
 */
export const NOISE_DEVIATION_MAX: number = 2 ** 58;

/** What no field can know alone: whether the parts of a task fit each other. */
export function checkTask(
  cursor: Cursor,
  fields: ReadonlyMap<string, Cursor>,
  draft: TaskDraft,
): void {
  const at = (key: string): Cursor => fields.get(key) ?? cursor;
  if (draft.leader === draft.helper) {
    const message = "expected two nodes, got one address twice";
    at("helper").problem(message, "name a helper that another organisation runs");
  }
  const noise = noiseOf(draft);
  if (noise !== undefined && standardDeviation(noise) > NOISE_DEVIATION_MAX) {
    const message = "expected noise that an aggregate can hold, got more";
    at("noise").problem(message, "raise epsilon, or bound measurements more narrowly");
  }
  if (draft.noise.kind === "none") {
    const message = "sums are exact: whoever knows all people of a batch but one learns that one's";
    at("noise").warning(message, "add { epsilon: 1, delta: 1e-9 } unless that is harmless here");
  }
  if (draft.minBatchSize < 2) {
    const message = "a batch may hold one report: its measurement would be published";
    at("min_batch_size").warning(message, "ask for many more");
  }
}
