/**
 * Task documents: a DAP task that stands for itself, as a small file that both operators, clients
 * and the collector share.
 *
 * @module
 */
export { canonicalTask } from "./canonical-task.ts";
export { NOISE_DEVIATION_MAX } from "./check-task.ts";
export { collectorHpkeConfig, dapTaskOf, halfWidthOf, noiseOf } from "./dap-task.ts";
export { formatDuration } from "./duration.ts";
export { completeTask, decodeTask, parseTask, type TaskReading } from "./parse-task.ts";
export { readDelta, readEpsilon } from "./read-loss.ts";
export { vdafJson } from "./read-vdaf.ts";
export { sensitivityOf } from "./sensitivity.ts";
export type { TaskDocument, TaskDraft, TaskFiles, TaskNoise } from "./task-document.ts";
export { TaskError } from "./task-error.ts";
