/**
 * A task: a configuration on which vault, leader, helper and collector agree, and what follows from
 * it [DAP-18, Section 4.2]. Its id is the SHA-256 of its encoded configuration, so that whoever
 * holds the id holds the parameters: nobody can serve another task under it.
 *
 * @module
 */
import { concat, encodeUtf8, Secret } from "@sumus/bytes";
import { hkdfSha256, sha256 } from "@sumus/crypto";
import type { Prio3, Prio3Config } from "@sumus/vdaf";
import { areStrictlyIncreasing, type Extension, type Interval } from "./messages/basic.ts";
import {
  type BatchMode,
  decodeTaskConfiguration,
  encodeTaskConfiguration,
  isEndpointUrl,
  TASK_INTERVAL_EXTENSION,
  type TaskConfiguration,
  taskIntervalOf,
} from "./messages/task-configuration.ts";
import { decodeVdafConfiguration, encodeVdafConfiguration } from "./messages/vdaf-configuration.ts";
import {
  createTaskVdaf,
  isPoplar1,
  NO_AGG_PARAM,
  type TaskVdaf,
  type VdafConfig,
  vdafAt,
} from "./task-vdaf.ts";
import { DAP_VERSION_DEFAULT, type DapVersion } from "./version.ts";

export type DapTaskErrorCode = "invalidTask" | "unsupportedVdaf" | "unsupportedTaskExtension";

/** A configuration that no task can have, or that this implementation cannot serve. */
export class DapTaskError extends Error {
  override readonly name = "DapTaskError";
  readonly code: DapTaskErrorCode;

  constructor(code: DapTaskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What a task is made from, besides its VDAF. */
export interface TaskParameters {
  /** 1 to 255 bytes that tell this task from others of equal parameters. */
  readonly taskInfo: Uint8Array;
  readonly leaderAggregatorEndpoint: string;
  readonly helperAggregatorEndpoint: string;
  /** Seconds. */
  readonly timePrecision: number;
  readonly minBatchSize: number;
  /** By default `time_interval`. */
  readonly batchMode?: BatchMode;
  /** By default none. In strictly increasing order of their types. */
  readonly extensions?: readonly Extension[];
  /**
   * For Poplar1: the one aggregation parameter that all have agreed on, as encoded. Nothing on the wire
   * says it, so that whatever does must stand in `taskInfo`. By default the collector chooses.
   */
  readonly aggParam?: Uint8Array;
}

export interface DapTask<Vdaf extends TaskVdaf = TaskVdaf> {
  /** SHA-256 of the encoded configuration. */
  readonly id: Uint8Array;
  readonly version: DapVersion;
  readonly configuration: TaskConfiguration;
  readonly encodedConfiguration: Uint8Array;
  readonly vdaf: Vdaf;
  /** The VDAF's application context: version and task id. */
  readonly context: Uint8Array;
  /** The one aggregation parameter, as encoded; undefined when the collector chooses. */
  readonly aggParam: Uint8Array | undefined;
  /** Reports of times outside are refused; absent when all times are taken. */
  readonly interval: Interval | undefined;
}

/** A task whose aggregation parameter is always the empty one. */
export type Prio3Task = DapTask<Prio3>;

export function isPrio3Task(task: DapTask): task is Prio3Task {
  return !isPoplar1(task.vdaf);
}

/**
 * The task of these parameters. Every participant makes it for itself and compares ids.
 *
 * @throws {DapTaskError} when a parameter is impossible
 * @throws {VdafError} when the VDAF or the aggregation parameter is
 */
export function createDapTask(
  parameters: TaskParameters,
  vdafConfig: Prio3Config,
  version?: DapVersion,
): Prio3Task;
export function createDapTask(
  parameters: TaskParameters,
  vdafConfig: VdafConfig,
  version?: DapVersion,
): DapTask;
export function createDapTask(
  parameters: TaskParameters,
  vdafConfig: VdafConfig,
  version: DapVersion = DAP_VERSION_DEFAULT,
): DapTask {
  const vdaf = createTaskVdaf(vdafConfig);
  const configuration: TaskConfiguration = {
    taskInfo: parameters.taskInfo,
    leaderAggregatorEndpoint: parameters.leaderAggregatorEndpoint,
    helperAggregatorEndpoint: parameters.helperAggregatorEndpoint,
    timePrecision: parameters.timePrecision,
    minBatchSize: parameters.minBatchSize,
    batchMode: parameters.batchMode ?? "time_interval",
    batchConfig: new Uint8Array(),
    vdafType: vdaf.algorithmId,
    vdafConfiguration: encodeVdafConfiguration(
      isPoplar1(vdaf) ? { kind: "poplar1", bits: vdaf.bits } : vdaf.config,
    ),
    extensions: parameters.extensions ?? [],
  };
  checkConfiguration(configuration, version);
  const { aggParam } = parameters;
  if (aggParam !== undefined) vdafAt(vdaf, aggParam);
  const encoded = encodeTaskConfiguration(configuration, version);
  return assemble(configuration, encoded, { vdaf, aggParam }, version);
}

/**
 * The task of an encoded configuration; with Poplar1 one whose collector chooses.
 *
 * @throws {DecodeError} when the bytes are no configuration
 * @throws {DapTaskError} when it is none that this implementation serves
 * @throws {VdafError} when its VDAF's parameters are impossible
 */
export function openDapTask(
  encodedConfiguration: Uint8Array,
  version: DapVersion = DAP_VERSION_DEFAULT,
): DapTask {
  const configuration = decodeTaskConfiguration(encodedConfiguration, version);
  checkConfiguration(configuration, version);
  const { vdafType, vdafConfiguration } = configuration;
  const vdafConfig = decodeVdafConfiguration(vdafType, vdafConfiguration);
  if (vdafConfig === undefined) {
    throw new DapTaskError("unsupportedVdaf", `expected VDAF type 1 to 7, got ${vdafType}`);
  }
  const vdaf = createTaskVdaf(vdafConfig);
  return assemble(configuration, encodedConfiguration, { vdaf, aggParam: undefined }, version);
}

/**
 * The verification key of a task, from a secret that leader and helper alone share. Clients must
 * never learn it [DAP-18, Section 8.6.2].
 */
export function deriveVerifyKey(task: DapTask, seed: Secret<Uint8Array>): Secret<Uint8Array> {
  const key = hkdfSha256({
    inputKey: seed.reveal(),
    salt: encodeUtf8("verify_key"),
    info: task.id,
    length: task.vdaf.verifyKeySize,
  });
  return new Secret(key);
}

function assemble(
  configuration: TaskConfiguration,
  encodedConfiguration: Uint8Array,
  { vdaf, aggParam }: { readonly vdaf: TaskVdaf; readonly aggParam: Uint8Array | undefined },
  version: DapVersion,
): DapTask {
  const id = sha256(encodedConfiguration);
  return {
    id,
    version,
    configuration,
    encodedConfiguration,
    vdaf,
    context: concat(encodeUtf8(version), id),
    aggParam: aggParam ?? (isPoplar1(vdaf) ? undefined : NO_AGG_PARAM),
    interval: taskIntervalOf(configuration.extensions),
  };
}

function checkConfiguration(configuration: TaskConfiguration, version: DapVersion): void {
  const { taskInfo, timePrecision, minBatchSize, batchConfig, extensions } = configuration;
  const taskInfoMin = version === "dap-18" ? 1 : 0;
  if (taskInfo.length < taskInfoMin || taskInfo.length > 255) {
    invalid(`task_info of ${taskInfoMin} to 255 bytes`, `${taskInfo.length}`);
  }
  for (const url of [
    configuration.leaderAggregatorEndpoint,
    configuration.helperAggregatorEndpoint,
  ]) {
    if (!isEndpointUrl(url)) invalid("an endpoint URL in printable ASCII", JSON.stringify(url));
  }
  if (!Number.isSafeInteger(timePrecision) || timePrecision < 1) {
    invalid("a time precision of whole seconds, at least 1", `${timePrecision}`);
  }
  if (!Number.isSafeInteger(minBatchSize) || minBatchSize < 1) {
    invalid("a minimum batch size of at least 1", `${minBatchSize}`);
  }
  if (batchConfig.length > 0) invalid("an empty batch_config", `${batchConfig.length} bytes`);
  if (!areStrictlyIncreasing(extensions)) {
    invalid("task extensions in strictly increasing order", "another order");
  }
  const unknown = extensions.find(({ type }) => type !== TASK_INTERVAL_EXTENSION);
  if (unknown !== undefined) {
    throw new DapTaskError(
      "unsupportedTaskExtension",
      `expected no task extension but task_interval (1), got ${unknown.type}`,
    );
  }
}

function invalid(expected: string, got: string): never {
  throw new DapTaskError("invalidTask", `expected ${expected}, got ${got}`);
}
