import { VdafError } from "./vdaf-error.ts";

/** What to aggregate. An omitted `chunkLength` is chosen so that reports are smallest. */
export type Prio3Config =
  | { readonly kind: "count" }
  | { readonly kind: "sum"; readonly maxMeasurement: number }
  | {
      readonly kind: "sumVec";
      readonly length: number;
      readonly maxMeasurement: number;
      readonly chunkLength?: number;
    }
  | { readonly kind: "histogram"; readonly length: number; readonly chunkLength?: number }
  | {
      readonly kind: "multihotCountVec";
      readonly length: number;
      readonly maxWeight: number;
      readonly chunkLength?: number;
    }
  | {
      readonly kind: "l1BoundSum";
      readonly length: number;
      readonly maxValue: number;
      readonly chunkLength?: number;
    };

/** A {@link Prio3Config} whose chunk length is decided. */
export type ResolvedPrio3Config =
  | Extract<Prio3Config, { kind: "count" | "sum" }>
  | ResolvedChunk<Extract<Prio3Config, { kind: "sumVec" }>>
  | ResolvedChunk<Extract<Prio3Config, { kind: "histogram" }>>
  | ResolvedChunk<Extract<Prio3Config, { kind: "multihotCountVec" }>>
  | ResolvedChunk<Extract<Prio3Config, { kind: "l1BoundSum" }>>;

type ResolvedChunk<T> = T & { readonly chunkLength: number };

/**
 * count: 0 or 1; sum: an integer; histogram: an index; sumVec and l1BoundSum: a vector of integers;
 * multihotCountVec: a vector of zeros and ones.
 */
export type Measurement = number | readonly number[];

/** Elements of an encoded measurement and its proof at most: 64 MiB of Field128 a share. */
const SHARE_ELEMENTS_MAX = 2 ** 22;

/** Fills in the chunk length. @throws {VdafError} when a parameter is impossible */
export function resolveConfig(config: Prio3Config): ResolvedPrio3Config {
  switch (config.kind) {
    case "count":
      return { kind: "count" };
    case "sum":
      requireParameter("maxMeasurement", config.maxMeasurement, Number.MAX_SAFE_INTEGER);
      return { kind: "sum", maxMeasurement: config.maxMeasurement };
    case "sumVec": {
      const { length, maxMeasurement } = config;
      requireParameter("length", length, SHARE_ELEMENTS_MAX);
      requireParameter("maxMeasurement", maxMeasurement, Number.MAX_SAFE_INTEGER);
      const chunkLength = resolveChunk(length * bitLength(maxMeasurement), config.chunkLength);
      return { kind: "sumVec", length, maxMeasurement, chunkLength };
    }
    case "histogram": {
      requireParameter("length", config.length, SHARE_ELEMENTS_MAX);
      const chunkLength = resolveChunk(config.length, config.chunkLength);
      return { kind: "histogram", length: config.length, chunkLength };
    }
    case "multihotCountVec": {
      const { length, maxWeight } = config;
      requireParameter("length", length, SHARE_ELEMENTS_MAX);
      requireParameter("maxWeight", maxWeight, length);
      const chunkLength = resolveChunk(length + bitLength(maxWeight), config.chunkLength);
      return { kind: "multihotCountVec", length, maxWeight, chunkLength };
    }
    case "l1BoundSum": {
      const { length, maxValue } = config;
      requireParameter("length", length, SHARE_ELEMENTS_MAX);
      requireParameter("maxValue", maxValue, Number.MAX_SAFE_INTEGER);
      const chunkLength = resolveChunk((length + 1) * bitLength(maxValue), config.chunkLength);
      return { kind: "l1BoundSum", length, maxValue, chunkLength };
    }
    default:
      throw parameterError("kind", "a kind of Prio3", (config as { kind: unknown }).kind);
  }
}

/** Bits of a positive safe integer: `bit_length()` of the draft. */
export function bitLength(value: number): number {
  return value.toString(2).length;
}

/**
 * The chunk length with the smallest proof for an encoded measurement of `elements`: the proof has
 * 2 c + 2 p - 1 elements, p the power of two above ceil(elements / c), so that only the smallest c
 * of each p can win [VDAF-20, Section 7.4.3.1].
 */
export function chooseChunkLength(elements: number): number {
  let best = elements;
  let bestCost = 2 * elements + 2 * 2;
  for (let p = 4; p <= 2 * elements + 2; p *= 2) {
    const chunkLength = Math.ceil(elements / (p - 1));
    const cost = 2 * chunkLength + 2 * p;
    if (cost < bestCost) {
      best = chunkLength;
      bestCost = cost;
    }
  }
  return best;
}

function resolveChunk(elements: number, chunkLength: number | undefined): number {
  requireParameter("length in elements", elements, SHARE_ELEMENTS_MAX);
  const resolved = chunkLength ?? chooseChunkLength(elements);
  requireParameter("chunkLength", resolved, elements);
  const proofElements = 2 * resolved + 4 * Math.ceil(elements / resolved);
  requireParameter("share in elements", elements + proofElements, SHARE_ELEMENTS_MAX);
  return resolved;
}

function requireParameter(title: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > max) {
    throw parameterError(title, `an integer from 1 to ${max}`, value);
  }
}

function parameterError(title: string, expected: string, got: unknown): VdafError {
  return new VdafError("vdafParameterError", `${title}: expected ${expected}, got ${String(got)}`);
}
