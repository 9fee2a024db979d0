/**
 * Prio3 of draft-irtf-cfrg-vdaf-20 and of draft-ietf-ppm-l1-bound-sum: reports that aggregators
 * verify and add without ever seeing a measurement.
 *
 * @module
 */
export type { Measurement, Prio3Config, ResolvedPrio3Config } from "./config.ts";
export { chooseChunkLength } from "./config.ts";
export {
  pingPongHelperInit,
  pingPongLeaderContinued,
  pingPongLeaderInit,
} from "./ping-pong.ts";
export { createPrio3, type Prio3, type ShardedReport, type VerifyState } from "./prio3.ts";
export { VdafError, type VdafErrorCode } from "./vdaf-error.ts";
