/**
 * How a VDAF's parameters are written into a task [DAP-18, Appendix "VDAF Configuration Encodings";
 * draft-ietf-ppm-l1-bound-sum, Section 4].
 *
 * @module
 */
import { decode, type Reader, Writer } from "@sumus/codec";
import type { ResolvedPrio3Config } from "@sumus/vdaf";
import type { VdafConfig } from "../task-vdaf.ts";

/** Parameters with nothing left to choose. */
type ResolvedVdafConfig = ResolvedPrio3Config | Extract<VdafConfig, { kind: "poplar1" }>;

/** Codepoints of the VDAF Identifiers registry [VDAF-20, Section 10]. */
const VDAF_TYPE = {
  count: 1,
  sum: 2,
  sumVec: 3,
  histogram: 4,
  multihotCountVec: 5,
  poplar1: 6,
  l1BoundSum: 7,
} as const;

export function encodeVdafConfiguration(config: ResolvedVdafConfig): Uint8Array {
  return Writer.encode((writer) => {
    switch (config.kind) {
      case "count":
        return;
      case "sum":
        writer.u64(config.maxMeasurement);
        return;
      case "sumVec":
        writer.u32(config.length).u64(config.maxMeasurement).u32(config.chunkLength);
        return;
      case "histogram":
        writer.u32(config.length).u32(config.chunkLength);
        return;
      case "multihotCountVec":
        writer.u32(config.length).u32(config.chunkLength).u64(config.maxWeight);
        return;
      case "poplar1":
        writer.u16(config.bits);
        return;
      case "l1BoundSum":
        writer.u32(config.length).u64(config.maxValue).u32(config.chunkLength);
        return;
    }
  });
}

/**
 * The parameters of a task's VDAF, or undefined when its type is none of ours.
 *
 * @throws {DecodeError} when the configuration is not what the type asks for
 */
export function decodeVdafConfiguration(
  vdafType: number,
  bytes: Uint8Array,
): VdafConfig | undefined {
  const kind = KINDS.get(vdafType);
  return kind && decode("vdaf_configuration", bytes, (reader) => READERS[kind](reader));
}

type Kind = keyof typeof VDAF_TYPE;

const KINDS: ReadonlyMap<number, Kind> = new Map(
  (Object.keys(VDAF_TYPE) as Kind[]).map((kind) => [VDAF_TYPE[kind], kind]),
);

const READERS: Readonly<Record<Kind, (reader: Reader) => VdafConfig>> = {
  count: () => ({ kind: "count" }),
  sum: (reader) => ({ kind: "sum", maxMeasurement: reader.u64Safe("max_measurement") }),
  sumVec: (reader) => ({
    kind: "sumVec",
    length: reader.u32("length"),
    maxMeasurement: reader.u64Safe("max_measurement"),
    chunkLength: reader.u32("chunk_length"),
  }),
  histogram: (reader) => ({
    kind: "histogram",
    length: reader.u32("length"),
    chunkLength: reader.u32("chunk_length"),
  }),
  multihotCountVec: (reader) => ({
    kind: "multihotCountVec",
    length: reader.u32("length"),
    chunkLength: reader.u32("chunk_length"),
    maxWeight: reader.u64Safe("max_weight"),
  }),
  poplar1: (reader) => ({ kind: "poplar1", bits: reader.u16("bits") }),
  l1BoundSum: (reader) => ({
    kind: "l1BoundSum",
    length: reader.u32("length"),
    maxValue: reader.u64Safe("max_value"),
    chunkLength: reader.u32("chunk_length"),
  }),
};
