/**
 * What every participant of a task must agree on [DAP-18, Section 4.2]. Its encoding is bound into
 * each report and each aggregate share, so disagreement makes decryption fail.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { encodeUtf8 } from "@sumus/bytes";
import { decode, type Reader, Writer } from "@sumus/codec";
import type { DapVersion } from "../version.ts";
import {
  areStrictlyIncreasing,
  type Extension,
  type Interval,
  readExtensions,
  readInterval,
  U8_MAX,
  U16_MAX,
  writeExtensions,
  writeInterval,
} from "./basic.ts";

export const BATCH_MODE = { time_interval: 1, leader_selected: 2 } as const;
export type BatchMode = keyof typeof BATCH_MODE;

/** The one task extension of the draft [DAP-18, Section 4.2.2.1]. */
export const TASK_INTERVAL_EXTENSION = 1;

/** Printable ASCII without the space, as URLs are written. */
const URL_CHARACTERS = /^[\x21-\x7e]+$/;

export interface TaskConfiguration {
  /** At most 255 bytes; at least one before dap-19. */
  readonly taskInfo: Uint8Array;
  readonly leaderAggregatorEndpoint: string;
  readonly helperAggregatorEndpoint: string;
  /** Seconds; the unit of every Time and Duration of the task. */
  readonly timePrecision: number;
  readonly minBatchSize: number;
  readonly batchMode: BatchMode;
  readonly batchConfig: Uint8Array;
  readonly vdafType: number;
  readonly vdafConfiguration: Uint8Array;
  /** In strictly increasing order of their types. */
  readonly extensions: readonly Extension[];
}

export function encodeTaskConfiguration(
  configuration: TaskConfiguration,
  version: DapVersion,
): Uint8Array {
  return Writer.encode((writer) => {
    writer.opaque(configuration.taskInfo, { min: taskInfoMin(version), max: U8_MAX });
    writeUrl(writer, configuration.leaderAggregatorEndpoint);
    writeUrl(writer, configuration.helperAggregatorEndpoint);
    writer.u64(configuration.timePrecision).u64(configuration.minBatchSize);
    writer.u8(BATCH_MODE[configuration.batchMode]);
    writer.opaque(configuration.batchConfig, { max: U16_MAX });
    writer.u32(configuration.vdafType);
    writer.opaque(configuration.vdafConfiguration, { max: U16_MAX });
    writeExtensions(writer, configuration.extensions);
  });
}

/** @throws {DecodeError} also when the extensions are out of order */
export function decodeTaskConfiguration(bytes: Uint8Array, version: DapVersion): TaskConfiguration {
  return decode("TaskConfiguration", bytes, (reader) => {
    const configuration: TaskConfiguration = {
      taskInfo: reader.opaque("task_info", { min: taskInfoMin(version), max: U8_MAX }),
      leaderAggregatorEndpoint: readUrl(reader, "leader_aggregator_endpoint"),
      helperAggregatorEndpoint: readUrl(reader, "helper_aggregator_endpoint"),
      timePrecision: reader.u64Safe("time_precision"),
      minBatchSize: reader.u64Safe("min_batch_size"),
      batchMode: readBatchMode(reader, "batch_mode"),
      batchConfig: reader.opaque("batch_config", { max: U16_MAX }),
      vdafType: reader.u32("vdaf_type"),
      vdafConfiguration: reader.opaque("vdaf_configuration", { max: U16_MAX }),
      extensions: readExtensions(reader, "extensions"),
    };
    if (configuration.timePrecision === 0) {
      reader.fail("time_precision", "expected at least 1 second, got 0");
    }
    if (!areStrictlyIncreasing(configuration.extensions)) {
      reader.fail("extensions", "expected strictly increasing types, got another order");
    }
    return configuration;
  });
}

/** Reports outside of `interval` are not taken [DAP-18, Section 4.2.2.1]. */
export function taskIntervalExtension(interval: Interval): Extension {
  const data = Writer.encode((writer) => writeInterval(writer, interval));
  return { type: TASK_INTERVAL_EXTENSION, data };
}

/**
 * The interval of a task that has one.
 *
 * @throws {DecodeError} when the extension is not an Interval
 */
export function taskIntervalOf(extensions: readonly Extension[]): Interval | undefined {
  const extension = extensions.find(({ type }) => type === TASK_INTERVAL_EXTENSION);
  return (
    extension &&
    decode("TaskIntervalTaskExtension", extension.data, (reader) =>
      readInterval(reader, "task_interval"),
    )
  );
}

export function readBatchMode(reader: Reader, field: string): BatchMode {
  const value = reader.u8(field);
  if (value === BATCH_MODE.time_interval) return "time_interval";
  if (value === BATCH_MODE.leader_selected) return "leader_selected";
  return reader.fail(field, `expected batch mode 1 or 2, got ${value}`);
}

/** Whether a text may stand as an endpoint; whether it is reachable is another matter. */
export function isEndpointUrl(text: string): boolean {
  return URL_CHARACTERS.test(text) && text.length <= U16_MAX;
}

function taskInfoMin(version: DapVersion): 0 | 1 {
  return version === "dap-18" ? 1 : 0;
}

function readUrl(reader: Reader, field: string): string {
  const bytes = reader.opaque(field, { min: 1, max: U16_MAX });
  const url = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return isEndpointUrl(url) ? url : reader.fail(field, "expected a URL in ASCII, got other bytes");
}

function writeUrl(writer: Writer, url: string): void {
  assert(isEndpointUrl(url), "endpoints of a task are URLs in printable ASCII");
  writer.opaque(encodeUtf8(url), { min: 1, max: U16_MAX });
}
