/** Which batch is collected, and under which parameter, as a person writes it. */

import {
  collectInterval,
  collectNextBatch,
  type DapTask,
  isPoplar1,
  NO_AGG_PARAM,
} from "@sumus/dap";
import type { CollectionJobReq } from "@sumus/dap/messages";
import { formatTimestamp } from "@sumus/document";
import type { TaskDocument } from "@sumus/task";
import { packBits } from "@sumus/vdaf";
import { CliError } from "../cli-error.ts";
import { readTime } from "./rows.ts";

export interface BatchOptions {
  readonly interval?: string | undefined;
  readonly nextBatch?: true | undefined;
  readonly aggregationParameter?: string | undefined;
}

export interface BatchRequest {
  readonly request: CollectionJobReq;
  /** What each number of the aggregate is of: prefixes, in their order; null: its place tells. */
  readonly labels: readonly string[] | null;
}

/** @throws {CliError} */
export function readBatchRequest(
  document: TaskDocument,
  task: DapTask,
  options: BatchOptions,
): BatchRequest {
  const { aggParam, labels } = readParameter(task, options.aggregationParameter);
  const { interval, nextBatch } = options;
  if (document.batchMode === "leader_selected") {
    if (interval === undefined) return { request: collectNextBatch(aggParam), labels };
    throw new CliError("The leader selects the batches of this task.", "Give --next-batch.");
  }
  if (nextBatch === true) {
    throw new CliError("The batches of this task are intervals.", "Give --interval FROM/TO.");
  }
  const { starts, ends } = readInterval(document, interval);
  const { timePrecision } = document;
  const units = { start: starts / timePrecision, duration: (ends - starts) / timePrecision };
  return { request: collectInterval(units, aggParam), labels };
}

function readInterval(
  { interval, timePrecision }: TaskDocument,
  text: string | undefined,
): { readonly starts: number; readonly ends: number } {
  if (text === undefined) {
    if (interval !== null) return interval;
    throw new CliError("The task has no interval of its own.", "Give --interval FROM/TO.");
  }
  const [from, to, ...more] = text.split("/");
  const [starts, ends] = [readTime(from, "--interval"), readTime(to, "--interval")];
  if (starts === undefined || ends === undefined || more.length > 0 || ends <= starts) {
    throw new CliError(
      "--interval: expected two times with / between them, the earlier first.",
      "Such as 2026-10-01/2026-10-08, or 2026-10-01T12:00:00Z/2026-10-01T13:00:00Z.",
    );
  }
  for (const seconds of [starts, ends]) {
    if (seconds % timePrecision === 0) continue;
    const below = Math.floor(seconds / timePrecision) * timePrecision;
    throw new CliError(
      `--interval: expected multiples of the time precision of ${timePrecision} s, ` +
        `got ${formatTimestamp(seconds)}.`,
      `The nearest are ${formatTimestamp(below)} and ${formatTimestamp(below + timePrecision)}.`,
    );
  }
  return { starts, ends };
}

/** Prefixes of one length, in any order. */
function readParameter(
  { vdaf }: DapTask,
  text: string | undefined,
): { readonly aggParam: Uint8Array; readonly labels: readonly string[] | null } {
  if (!isPoplar1(vdaf)) {
    if (text === undefined) return { aggParam: NO_AGG_PARAM, labels: null };
    throw new CliError("Only Poplar1 has aggregation parameters.", "Leave it out.");
  }
  const prefixes = [...new Set(text?.split(","))].sort();
  const [first = ""] = prefixes;
  const isPrefix = (prefix: string): boolean =>
    /^[01]+$/.test(prefix) && prefix.length === first.length;
  if (!prefixes.every(isPrefix) || first.length < 1 || first.length > vdaf.bits) {
    throw new CliError(
      `--aggregation-parameter: expected prefixes of one length, 1 to ${vdaf.bits} bits.`,
      "Such as 00,01,10,11: how many strings begin with each is counted.",
    );
  }
  const packed = prefixes.map((prefix) => packBits(Array.from(prefix, (bit) => bit === "1")));
  const aggParam = vdaf.encodeAggParam({ level: first.length - 1, prefixes: packed });
  return { aggParam, labels: prefixes };
}
