/**
 * Runs the official test vectors [VDAF-20, Appendix "Test Vectors"], every kind of them: what
 * is tested is in the file's name.
 *
 * @module
 */
import { createXofFixedKeyAes128, createXofTurboShake128 } from "@sumus/xof";
import type { Measurement, Prio3Config } from "./config.ts";
import { packBits } from "./poplar1/bit-string.ts";
import { createPoplar1 } from "./poplar1/poplar1.ts";
import type { Poplar1VerifyState } from "./poplar1/verification.ts";
import { createPrio3, type Prio3, type VerifyState } from "./prio3.ts";
import { createHigherDegree, createSumVecWithMultiproof } from "./testing.ts";
import { decodeVectorFile, parseObject, VectorError, type VectorFile } from "./vector-file.ts";
import { runIdpfVector, runXofVector } from "./vector-primitives.ts";
import { compare, runOperations, type VectorSubject } from "./vector-run.ts";

export type VectorVerdict =
  | { readonly verdict: "passed" }
  | { readonly verdict: "failed"; readonly reason: string }
  | { readonly verdict: "skipped"; readonly reason: string };

/** Looked for in a file's name in this order, since some names begin like others. */
const PRIO3_KINDS = [
  "Prio3Count",
  "Prio3SumVecWithMultiproof",
  "Prio3SumVec",
  "Prio3Sum",
  "Prio3Histogram",
  "Prio3MultihotCountVec",
  "Prio3L1BoundSum",
  "Prio3HigherDegree",
] as const;
/** Published beside those above, and not of this package. */
const UNSUPPORTED_KINDS = ["Mastic"];

/** Runs one file; never throws, whatever its text is. */
export function runVector(fileName: string, text: string): VectorVerdict {
  try {
    const unsupported = UNSUPPORTED_KINDS.find((name) => fileName.includes(name));
    if (unsupported !== undefined) {
      parseObject(text);
      return { verdict: "skipped", reason: `${unsupported} is not supported` };
    }
    runKind(fileName, text);
    return { verdict: "passed" };
  } catch (error) {
    // Whatever a hostile file provokes is that file's failure, with its reason.
    return { verdict: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

function runKind(fileName: string, text: string): void {
  const prio3Kind = PRIO3_KINDS.find((name) => fileName.includes(name));
  if (prio3Kind !== undefined) {
    const file = decodeVectorFile(text);
    runOperations(prio3Subject(prio3Of(prio3Kind, file), file), file);
  } else if (fileName.includes("Poplar1")) {
    const file = decodeVectorFile(text);
    runOperations(poplar1Subject(file), file);
  } else if (fileName.includes("IdpfBBCGGI21")) {
    runIdpfVector(parseObject(text));
  } else if (fileName.includes("XofTurboShake128")) {
    runXofVector(parseObject(text), createXofTurboShake128, 32);
  } else if (fileName.includes("XofFixedKeyAes128")) {
    runXofVector(parseObject(text), createXofFixedKeyAes128, 16);
  } else {
    throw new VectorError("expected a kind of vector in the file name");
  }
}

function prio3Of(kind: (typeof PRIO3_KINDS)[number], file: VectorFile): Prio3 {
  const { parameters, shares } = file;
  const of = (config: Prio3Config): Prio3 => createPrio3(config, { shares });
  const chunks = (): { length: number; chunkLength: number } => ({
    length: parameters.integer("length"),
    chunkLength: parameters.integer("chunk_length"),
  });
  const maxMeasurement = (): number => parameters.integer("max_measurement");
  switch (kind) {
    case "Prio3Count":
      return of({ kind: "count" });
    case "Prio3Sum":
      return of({ kind: "sum", maxMeasurement: maxMeasurement() });
    case "Prio3SumVec":
      return of({ kind: "sumVec", ...chunks(), maxMeasurement: maxMeasurement() });
    case "Prio3SumVecWithMultiproof":
      return createSumVecWithMultiproof({ ...chunks(), maxMeasurement: maxMeasurement() }, shares);
    case "Prio3Histogram":
      return of({ kind: "histogram", ...chunks() });
    case "Prio3MultihotCountVec": {
      const maxWeight = parameters.integer("max_weight");
      return of({ kind: "multihotCountVec", ...chunks(), maxWeight });
    }
    case "Prio3HigherDegree":
      return createHigherDegree(shares);
    case "Prio3L1BoundSum":
      return of({ kind: "l1BoundSum", ...chunks(), maxValue: parameters.integer("max_value") });
  }
}

function prio3Subject(prio3: Prio3, file: VectorFile): VectorSubject<VerifyState> {
  if (file.aggParam.length > 0) {
    throw new VectorError("file.agg_param: expected an empty aggregation parameter");
  }
  const { kind } = prio3.config;
  return {
    vdaf: prio3,
    rounds: 1,
    isResultNumber: kind === "count" || kind === "sum",
    shard: (measurement, { nonce, rand }) =>
      prio3.shard(file.ctx, measurementOf(measurement), nonce, rand),
  };
}

function poplar1Subject(file: VectorFile): VectorSubject<Poplar1VerifyState> {
  const poplar1 = createPoplar1(file.parameters.integer("bits"));
  const aggParam = poplar1.decodeAggParam(file.aggParam);
  compare("file.agg_param", poplar1.encodeAggParam(aggParam), file.aggParam);
  if (file.shares !== poplar1.shares) throw new VectorError("file.shares: expected 2");
  return {
    vdaf: poplar1.at(aggParam),
    rounds: poplar1.rounds,
    isResultNumber: false,
    shard: (measurement, { nonce, rand }) =>
      poplar1.shard(file.ctx, packBits(bitsOf(measurement)), nonce, rand),
  };
}

/** Numbers and truth values as they stand in JSON. */
function measurementOf(value: unknown): Measurement {
  if (Array.isArray(value)) return value.map(numberOf);
  return numberOf(value);
}

function bitsOf(value: unknown): boolean[] {
  if (!Array.isArray(value)) throw new VectorError("measurement: expected truth values");
  return value.map((bit) => numberOf(bit) === 1);
}

function numberOf(value: unknown): number {
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new VectorError("measurement: expected numbers");
  }
  return Number(value);
}
