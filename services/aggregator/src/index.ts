/**
 * The aggregators of DAP: a leader or a helper, as one object.
 *
 * @module
 */
export { type Aggregator, type AggregatorOptions, createAggregator } from "./aggregator.ts";
export {
  type AggregatorRole,
  type NodeConfig,
  type NodeKeys,
  type NodeTokens,
  readNodeConfig,
} from "./config.ts";
export type { HpkeKeyStatus } from "./routes/hpke-keys.ts";
export { NodeStartError, openNodeConfig, runNode } from "./run-node.ts";
export type { StudyStatus, TaskStatus } from "./status.ts";
export { AGGREGATOR_MIGRATIONS } from "./store/schema.ts";
export type { TaskDetails, TaskOverview } from "./task-status.ts";
export { createVerifier, type Verifier } from "./verifier.ts";
