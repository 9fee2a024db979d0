import { canonicalJson, formatTimestamp } from "@sumus/document";
import { vdafJson } from "./read-vdaf.ts";
import type { TaskDocument } from "./task-document.ts";

/**
 * The canonical JSON of a task (RFC 8785): what is sent and hashed. Defaults are filled in, so that
 * documents of the same meaning have the same text.
 */
export function canonicalTask(document: TaskDocument): string {
  const { interval, noise, taskInfo } = document;
  return canonicalJson({
    title: document.title,
    version: document.version,
    vdaf: vdafJson(document.vdaf),
    batch_mode: document.batchMode,
    time_precision: document.timePrecision,
    min_batch_size: document.minBatchSize,
    leader: document.leader,
    helper: document.helper,
    collector: document.collector,
    noise: noise.kind === "none" ? "none" : { epsilon: noise.epsilon, delta: noise.delta },
    ...(interval !== null && {
      interval: {
        starts: formatTimestamp(interval.starts),
        ends: formatTimestamp(interval.ends),
      },
    }),
    ...(taskInfo !== null && { task_info: taskInfo }),
  });
}
