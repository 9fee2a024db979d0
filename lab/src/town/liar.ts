/**
 * A liar: a vault that follows the protocol to the letter, except that the number hidden in its
 * report claims a thousand where one is possible. Its proof cannot hold, and the nodes see that.
 */

import type { DapTask, ReportInput } from "@sumus/dap";
import { createLie as createLieOf } from "@sumus/dap/testing";
import type { RandomBytes } from "@sumus/time";

/** What every liar claims. */
export const CLAIMED_PEOPLE = 1000;

/** A report to one task that claims a thousand at one index. */
export function createLie(
  task: DapTask,
  index: number,
  input: Omit<ReportInput, "measurement">,
  randomBytes: RandomBytes,
): Uint8Array {
  return createLieOf(task, { index, count: CLAIMED_PEOPLE }, input, randomBytes);
}
