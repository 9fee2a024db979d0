/**
 * Prio3 and Poplar1 of draft-irtf-cfrg-vdaf-20, and Prio3L1BoundSum of draft-ietf-ppm-l1-bound-sum:
 * reports that aggregators verify and add without ever seeing a measurement.
 *
 * @module
 */
export type { Measurement, Prio3Config, ResolvedPrio3Config } from "./config.ts";
export { chooseChunkLength } from "./config.ts";
export {
  type PingPongContinued,
  type PingPongFinished,
  type PingPongFinishedWithOutbound,
  type PingPongState,
  pingPongHelperContinued,
  pingPongHelperInit,
  pingPongLeaderContinued,
  pingPongLeaderInit,
  type VerifiableVdaf,
  type VerifyRound,
} from "./ping-pong.ts";
export type { Poplar1AggParam } from "./poplar1/agg-param.ts";
export { packBits, packedBytes, unpackBits } from "./poplar1/bit-string.ts";
export { FIRST_CANDIDATES, nextCandidates } from "./poplar1/heavy-hitters.ts";
export type { EvaluatedNodes } from "./poplar1/idpf.ts";
export { createPoplar1, type Poplar1 } from "./poplar1/poplar1.ts";
export type {
  Poplar1Continued,
  Poplar1Verification,
  Poplar1VerifyState,
} from "./poplar1/verification.ts";
export { createPrio3, type Prio3, type ShardedReport, type VerifyState } from "./prio3.ts";
export { type StarState, starCombine, starContinue, starInit } from "./star.ts";
export { VdafError, type VdafErrorCode } from "./vdaf-error.ts";
