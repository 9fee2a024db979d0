/**
 * The VDAF of a task: one of Prio3's kinds, or Poplar1. Sharding needs no more. Verification and
 * aggregation run under an aggregation parameter, of which Prio3 has one alone: the empty one.
 *
 * @module
 */
import { equalBytes } from "@sumus/bytes";
import {
  createPoplar1,
  createPrio3,
  type Measurement,
  type Poplar1,
  type Poplar1VerifyState,
  type Prio3,
  type Prio3Config,
  type ShardedReport,
  VdafError,
  type VerifiableVdaf,
  type VerifyState,
} from "@sumus/vdaf";

/** DAP writes the number of bits into two bytes. */
const BITS_MAX = 65_535;

/** The one aggregation parameter of Prio3. */
export const NO_AGG_PARAM: Uint8Array = new Uint8Array();

/** Poplar1 counts how many strings of `bits` bits begin with each prefix that a collector names. */
export type VdafConfig = Prio3Config | { readonly kind: "poplar1"; readonly bits: number };

export type TaskVdaf = Prio3 | Poplar1;

/** What an aggregator keeps of a report between two steps: secret, and opaque to all but the VDAF. */
export type TaskVerifyState = VerifyState | Poplar1VerifyState;

/** A measurement of Prio3, or for Poplar1 bits packed by `packBits`. */
export type TaskMeasurement = Measurement | Uint8Array;

/** A VDAF under one aggregation parameter. */
export interface AggregationVdaf extends VerifiableVdaf<TaskVerifyState> {
  readonly rounds: number;
  readonly fieldModulus: bigint;
  /** Numbers in an aggregate result. */
  readonly outputLength: number;
  /** Bytes. */
  readonly aggregateShareSize: number;

  encodeState(state: TaskVerifyState): Uint8Array;
  decodeState(bytes: Uint8Array): TaskVerifyState;

  aggregateInit(): Uint8Array;
  aggregateUpdate(aggregateShare: Uint8Array, outShare: Uint8Array): Uint8Array;
  merge(left: Uint8Array, right: Uint8Array): Uint8Array;
  unshard(aggregateShares: readonly Uint8Array[], measurementCount: number): bigint[];

  encodeAggregate(values: readonly bigint[]): Uint8Array;
  decodeAggregate(bytes: Uint8Array): bigint[];
}

/** @throws {VdafError} vdafParameterError when a parameter is impossible */
export function createTaskVdaf(config: VdafConfig): TaskVdaf {
  if (config.kind !== "poplar1") return createPrio3(config);
  if (config.bits <= BITS_MAX) return createPoplar1(config.bits);
  const message = `bits: expected an integer from 1 to ${BITS_MAX}, got ${config.bits}`;
  throw new VdafError("vdafParameterError", message);
}

export function isPoplar1(vdaf: TaskVdaf): vdaf is Poplar1 {
  return "bits" in vdaf;
}

/**
 * The client's part.
 *
 * @throws {VdafError} vdafMeasurementError when the VDAF does not admit the measurement
 */
export function shardMeasurement(
  vdaf: TaskVdaf,
  context: Uint8Array,
  measurement: TaskMeasurement,
  reportId: Uint8Array,
  rand: Uint8Array,
): ShardedReport {
  const isPacked = measurement instanceof Uint8Array;
  if (isPoplar1(vdaf)) {
    if (isPacked) return vdaf.shard(context, measurement, reportId, rand);
    throw new VdafError("vdafMeasurementError", "expected bits packed by packBits, got numbers");
  }
  if (!isPacked) return vdaf.shard(context, measurement, reportId, rand);
  throw new VdafError("vdafMeasurementError", "expected a number or numbers, got bytes");
}

/**
 * The VDAF under an encoded parameter; the last one is remembered.
 *
 * @throws {VdafError} vdafInputError when the VDAF has no such parameter
 */
export function vdafAt(vdaf: TaskVdaf, aggParam: Uint8Array): AggregationVdaf {
  if (!isPoplar1(vdaf)) {
    if (aggParam.length === 0) return vdaf;
    const got = `${aggParam.length} bytes`;
    throw new VdafError("vdafInputError", `expected an empty aggregation parameter, got ${got}`);
  }
  const last = lastUsed.get(vdaf);
  if (last !== undefined && equalBytes(last.aggParam, aggParam)) return last.at;
  const at = vdaf.at(vdaf.decodeAggParam(aggParam));
  lastUsed.set(vdaf, { aggParam: aggParam.slice(), at });
  return at;
}

/** Why: thousands of prefixes are decoded once a job, not once a report. */
const lastUsed = new WeakMap<
  Poplar1,
  { readonly aggParam: Uint8Array; readonly at: AggregationVdaf }
>();
