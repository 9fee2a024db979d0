/**
 * The small types that the messages are made of [DAP-18, Section 4.1].
 *
 * @module
 */
import type { Reader, Writer } from "@sumus/codec";

export const TASK_ID_BYTES = 32;
export const REPORT_ID_BYTES = 16;
export const BATCH_ID_BYTES = 32;
export const CHECKSUM_BYTES = 32;
/** Ids that a server chooses for the resources it creates; the draft leaves the length open. */
export const RESOURCE_ID_BYTES = 16;

export const U8_MAX = 0xff;
export const U16_MAX = 0xffff;
export const U32_MAX = 0xffff_ffff;

/** An encoded extension has at least four bytes, so a vector of 2^16-1 bytes holds no more. */
const EXTENSIONS_MAX = Math.floor(U16_MAX / 4);

/** Who sends or receives; the values are those of the draft's `Role`. */
export const ROLE = { collector: 0, client: 1, leader: 2, helper: 3 } as const;
export type Role = keyof typeof ROLE;
export type AggregatorRole = "leader" | "helper";

/** A message sealed to the HPKE configuration `configId` of its recipient. */
export interface HpkeCiphertext {
  readonly configId: number;
  readonly enc: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * Half-open: `start` is inside, `start + duration` is not. Both are counted in units of the
 * task's time precision.
 */
export interface Interval {
  readonly start: number;
  readonly duration: number;
}

/** A report, task, aggregation job or collection job extension: they share one encoding. */
export interface Extension {
  readonly type: number;
  readonly data: Uint8Array;
}

export function readHpkeCiphertext(reader: Reader, field: string): HpkeCiphertext {
  const configId = reader.u8(`${field}.config_id`);
  const enc = reader.opaque(`${field}.enc`, { min: 1, max: U16_MAX });
  const payload = reader.opaque(`${field}.payload`, { min: 1, max: U32_MAX });
  return { configId, enc, payload };
}

export function writeHpkeCiphertext(writer: Writer, ciphertext: HpkeCiphertext): void {
  writer.u8(ciphertext.configId);
  writer.opaque(ciphertext.enc, { min: 1, max: U16_MAX });
  writer.opaque(ciphertext.payload, { min: 1, max: U32_MAX });
}

/** Times above 2^53-1 and intervals that end there are refused: no clock reaches them. */
export function readInterval(reader: Reader, field: string): Interval {
  const start = reader.u64Safe(`${field}.start`);
  const duration = reader.u64Safe(`${field}.duration`);
  if (!Number.isSafeInteger(start + duration)) {
    reader.fail(field, "expected an end of at most 2^53-1, got a later one");
  }
  return { start, duration };
}

export function writeInterval(writer: Writer, interval: Interval): void {
  writer.u64(interval.start);
  writer.u64(interval.duration);
}

/** Reads the extensions as they come; what their order means depends on the message. */
export function readExtensions(reader: Reader, field: string): Extension[] {
  return reader.vector(field, { max: U16_MAX, countMax: EXTENSIONS_MAX }, (inner) => ({
    type: inner.u16("extension_type"),
    data: inner.opaque("extension_data", { max: U16_MAX }),
  }));
}

export function writeExtensions(writer: Writer, extensions: readonly Extension[]): void {
  writer.vector(extensions, { max: U16_MAX }, (inner, extension) => {
    inner.u16(extension.type).opaque(extension.data, { max: U16_MAX });
  });
}

/** Whether each type is greater than the one before it, which every list of the draft demands. */
export function areStrictlyIncreasing(extensions: readonly Extension[]): boolean {
  return extensions.every(
    ({ type }, index) => index === 0 || type > (extensions[index - 1]?.type ?? 0),
  );
}
