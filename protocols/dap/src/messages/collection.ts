/**
 * How a collector asks for a batch, and how its answer comes together [DAP-18, Sections 4.6, 5].
 *
 * @module
 */
import { decode, type Reader, Writer } from "@sumus/codec";
import {
  BATCH_ID_BYTES,
  CHECKSUM_BYTES,
  type Extension,
  type HpkeCiphertext,
  type Interval,
  readExtensions,
  readHpkeCiphertext,
  readInterval,
  U16_MAX,
  U32_MAX,
  writeExtensions,
  writeHpkeCiphertext,
  writeInterval,
} from "./basic.ts";
import { BATCH_MODE, readBatchMode } from "./task-configuration.ts";

/** What the collector asks for; in leader-selected mode: the next batch. */
export type Query =
  | { readonly batchMode: "time_interval"; readonly batchInterval: Interval }
  | { readonly batchMode: "leader_selected" };

/** Which batch the leader means. */
export type BatchSelector =
  | { readonly batchMode: "time_interval"; readonly batchInterval: Interval }
  | { readonly batchMode: "leader_selected"; readonly batchId: Uint8Array };

export interface CollectionJobReq {
  readonly query: Query;
  readonly aggParam: Uint8Array;
  readonly extensions: readonly Extension[];
}

export interface CollectionJobResp {
  readonly reportCount: number;
  /** The smallest interval that holds the times of all reports of the batch. */
  readonly interval: Interval;
  readonly leaderEncryptedAggShare: HpkeCiphertext;
  readonly helperEncryptedAggShare: HpkeCiphertext;
}

export interface AggregateShareReq {
  readonly collectionJobReq: CollectionJobReq;
  readonly batchSelector: BatchSelector;
  readonly reportCount: number;
  /** XOR of the SHA-256 of the ids of all reports of the batch. */
  readonly checksum: Uint8Array;
}

export interface AggregateShare {
  readonly encryptedAggregateShare: HpkeCiphertext;
}

export function encodeCollectionJobReq(request: CollectionJobReq): Uint8Array {
  return Writer.encode((writer) => writeCollectionJobReq(writer, request));
}

/** @throws {DecodeError} */
export function decodeCollectionJobReq(bytes: Uint8Array): CollectionJobReq {
  return decode("CollectionJobReq", bytes, readCollectionJobReq);
}

export function encodeCollectionJobResp(response: CollectionJobResp): Uint8Array {
  return Writer.encode((writer) => {
    writer.u64(response.reportCount);
    writeInterval(writer, response.interval);
    writeHpkeCiphertext(writer, response.leaderEncryptedAggShare);
    writeHpkeCiphertext(writer, response.helperEncryptedAggShare);
  });
}

/** @throws {DecodeError} */
export function decodeCollectionJobResp(bytes: Uint8Array): CollectionJobResp {
  return decode("CollectionJobResp", bytes, (reader) => ({
    reportCount: reader.u64Safe("report_count"),
    interval: readInterval(reader, "interval"),
    leaderEncryptedAggShare: readHpkeCiphertext(reader, "leader_encrypted_agg_share"),
    helperEncryptedAggShare: readHpkeCiphertext(reader, "helper_encrypted_agg_share"),
  }));
}

export function encodeAggregateShareReq(request: AggregateShareReq): Uint8Array {
  return Writer.encode((writer) => {
    writeCollectionJobReq(writer, request.collectionJobReq);
    writeBatchSelector(writer, request.batchSelector);
    writer.u64(request.reportCount).fixed(request.checksum);
  });
}

/** @throws {DecodeError} */
export function decodeAggregateShareReq(bytes: Uint8Array): AggregateShareReq {
  return decode("AggregateShareReq", bytes, (reader) => ({
    collectionJobReq: readCollectionJobReq(reader),
    batchSelector: readBatchSelector(reader),
    reportCount: reader.u64Safe("report_count"),
    checksum: reader.fixed("checksum", CHECKSUM_BYTES),
  }));
}

export function encodeAggregateShare(share: AggregateShare): Uint8Array {
  return Writer.encode((writer) => writeHpkeCiphertext(writer, share.encryptedAggregateShare));
}

/** @throws {DecodeError} */
export function decodeAggregateShare(bytes: Uint8Array): AggregateShare {
  return decode("AggregateShare", bytes, (reader) => ({
    encryptedAggregateShare: readHpkeCiphertext(reader, "encrypted_aggregate_share"),
  }));
}

/**
 * What each aggregate share is bound to: task, configuration and the collector's request.
 *
 * @param taskConfiguration as encoded
 */
export function encodeAggregateShareAad(
  taskId: Uint8Array,
  taskConfiguration: Uint8Array,
  collectionJobReq: CollectionJobReq,
): Uint8Array {
  return Writer.encode((writer) => {
    writer.fixed(taskId).fixed(taskConfiguration);
    writeCollectionJobReq(writer, collectionJobReq);
  });
}

function readCollectionJobReq(reader: Reader): CollectionJobReq {
  return {
    query: readQuery(reader),
    aggParam: reader.opaque("agg_param", { max: U32_MAX }),
    extensions: readExtensions(reader, "extensions"),
  };
}

function writeCollectionJobReq(writer: Writer, request: CollectionJobReq): void {
  writeQuery(writer, request.query);
  writer.opaque(request.aggParam, { max: U32_MAX });
  writeExtensions(writer, request.extensions);
}

function readQuery(reader: Reader): Query {
  const batchMode = readBatchMode(reader, "query.batch_mode");
  const config = reader.opaque("query.config", { max: U16_MAX });
  if (batchMode === "time_interval") return { batchMode, batchInterval: decodeInterval(config) };
  if (config.length > 0) reader.fail("query.config", `expected 0 bytes, got ${config.length}`);
  return { batchMode };
}

function writeQuery(writer: Writer, query: Query): void {
  writer.u8(BATCH_MODE[query.batchMode]);
  const config =
    query.batchMode === "time_interval" ? encodeInterval(query.batchInterval) : new Uint8Array();
  writer.opaque(config, { max: U16_MAX });
}

function readBatchSelector(reader: Reader): BatchSelector {
  const batchMode = readBatchMode(reader, "batch_selector.batch_mode");
  const config = reader.opaque("batch_selector.config", { max: U16_MAX });
  if (batchMode === "time_interval") return { batchMode, batchInterval: decodeInterval(config) };
  if (config.length !== BATCH_ID_BYTES) {
    reader.fail("batch_selector.config", `expected 32 bytes, got ${config.length}`);
  }
  return { batchMode, batchId: config };
}

function writeBatchSelector(writer: Writer, selector: BatchSelector): void {
  writer.u8(BATCH_MODE[selector.batchMode]);
  const config =
    selector.batchMode === "time_interval"
      ? encodeInterval(selector.batchInterval)
      : selector.batchId;
  writer.opaque(config, { max: U16_MAX });
}

function decodeInterval(bytes: Uint8Array): Interval {
  return decode("batch_interval", bytes, (reader) => readInterval(reader, "interval"));
}

function encodeInterval(interval: Interval): Uint8Array {
  return Writer.encode((writer) => writeInterval(writer, interval));
}
