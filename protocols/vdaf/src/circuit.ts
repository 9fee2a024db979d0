/**
 * The shapes of the validity circuits [VDAF-20, Section 7.4; draft-ietf-ppm-l1-bound-sum]: which
 * gadget is called how often, and how long everything is. All gadgets have degree 2 but one of a test.
 */
import { FIELD64, FIELD128, type Field } from "@sumus/field";
import { bitLength, type ResolvedPrio3Config } from "./config.ts";

type Gadget =
  /** Mul on (m, m). */
  | { readonly kind: "square" }
  /** PolyEval of x^2 - x, once a bit. */
  | { readonly kind: "bits" }
  /** PolyEval of x (x - 1) (x - 2), of degree 3, for a test vector. */
  | { readonly kind: "cubic" }
  /** ParallelSum of Mul over chunks of the measurement. */
  | { readonly kind: "parallelSum"; readonly chunkLength: number };

export interface Circuit {
  /** Algorithm id [VDAF-20, Section 10]. */
  readonly algorithmId: number;
  readonly field: Field;
  /** PROOFS. */
  readonly proofs: number;
  readonly gadget: Gadget;
  readonly gadgetCalls: number;
  /** Wires into the gadget. */
  readonly arity: number;
  /** Length of a wire polynomial: a power of two above `gadgetCalls`. */
  readonly wirePolynomialLength: number;
  readonly measurementLength: number;
  readonly outputLength: number;
  /** Range-checked integers are made of this many elements each; 1 where there are none. */
  readonly bits: number;
  /** Their largest value. */
  readonly max: number;
  readonly jointRandLength: number;
  readonly proveRandLength: number;
  readonly queryRandLength: number;
  readonly proofLength: number;
  readonly verifierLength: number;
}

/** Algorithm id of test-only algorithms, SumVecWithMultiproof among them. */
const ALGORITHM_ID_TEST = 0xffff_ffff;

export function circuitOf(config: ResolvedPrio3Config): Circuit {
  switch (config.kind) {
    case "count":
      return squareCircuit();
    case "sum":
      return bitsCircuit(config.maxMeasurement);
    case "sumVec":
      return parallelSumCircuit(3, config.chunkLength, {
        outputLength: config.length,
        bits: bitLength(config.maxMeasurement),
        max: config.maxMeasurement,
        checkedElements: 0,
      });
    case "histogram":
      return parallelSumCircuit(4, config.chunkLength, {
        outputLength: config.length,
        bits: 1,
        max: 1,
        checkedElements: 0,
        evalOutputLength: 2,
      });
    case "multihotCountVec":
      return parallelSumCircuit(5, config.chunkLength, {
        outputLength: config.length,
        bits: 1,
        max: 1,
        checkedElements: bitLength(config.maxWeight),
        evalOutputLength: 2,
      });
    case "l1BoundSum": {
      const bits = bitLength(config.maxValue);
      return parallelSumCircuit(7, config.chunkLength, {
        outputLength: config.length,
        bits,
        max: config.maxValue,
        checkedElements: bits,
        evalOutputLength: 2,
      });
    }
  }
}

/** Prio3SumVecWithMultiproof, which the draft defines for its test vectors alone. */
export function sumVecWithMultiproof(
  length: number,
  maxMeasurement: number,
  chunkLength: number,
): Circuit {
  const shape = {
    outputLength: length,
    bits: bitLength(maxMeasurement),
    max: maxMeasurement,
    checkedElements: 0,
  };
  const circuit = parallelSumCircuit(ALGORITHM_ID_TEST, chunkLength, shape);
  return { ...circuit, field: FIELD64, proofs: 3 };
}

/** Prio3HigherDegree, which the draft defines for its test vectors alone: a number from 0 to 2. */
export function higherDegree(): Circuit {
  const circuit = withLengths({
    algorithmId: ALGORITHM_ID_TEST,
    field: FIELD64,
    gadget: { kind: "cubic" },
    gadgetCalls: 1,
    arity: 1,
    measurementLength: 1,
    outputLength: 1,
    bits: 1,
    max: 2,
    jointRandLength: 0,
    evalOutputLength: 1,
  });
  const { arity, wirePolynomialLength } = circuit;
  return { ...circuit, proofLength: arity + 3 * (wirePolynomialLength - 1) + 1 };
}

function squareCircuit(): Circuit {
  return withLengths({
    algorithmId: 1,
    field: FIELD64,
    gadget: { kind: "square" },
    gadgetCalls: 1,
    arity: 2,
    measurementLength: 1,
    outputLength: 1,
    bits: 1,
    max: 1,
    jointRandLength: 0,
    evalOutputLength: 1,
  });
}

function bitsCircuit(max: number): Circuit {
  const bits = bitLength(max);
  return withLengths({
    algorithmId: 2,
    field: FIELD64,
    gadget: { kind: "bits" },
    gadgetCalls: bits,
    arity: 1,
    measurementLength: bits,
    outputLength: 1,
    bits,
    max,
    jointRandLength: 0,
    evalOutputLength: bits,
  });
}

function parallelSumCircuit(
  algorithmId: number,
  chunkLength: number,
  shape: {
    readonly outputLength: number;
    readonly bits: number;
    readonly max: number;
    /** Elements behind the output's, of an integer that the output must agree with. */
    readonly checkedElements: number;
    readonly evalOutputLength?: number;
  },
): Circuit {
  const { outputLength, bits, max } = shape;
  const measurementLength = outputLength * bits + shape.checkedElements;
  const gadgetCalls = Math.ceil(measurementLength / chunkLength);
  return withLengths({
    algorithmId,
    field: FIELD128,
    gadget: { kind: "parallelSum", chunkLength },
    gadgetCalls,
    arity: 2 * chunkLength,
    measurementLength,
    outputLength,
    bits,
    max,
    jointRandLength: gadgetCalls,
    evalOutputLength: shape.evalOutputLength ?? 1,
  });
}

type Shape = Pick<
  Circuit,
  | "algorithmId"
  | "field"
  | "gadget"
  | "gadgetCalls"
  | "arity"
  | "measurementLength"
  | "outputLength"
  | "bits"
  | "max"
  | "jointRandLength"
> & { readonly evalOutputLength: number };

/** The lengths of the FLP [VDAF-20, Section 7.3.3], for one gadget of degree 2. */
function withLengths({ evalOutputLength, ...shape }: Shape): Circuit {
  let wirePolynomialLength = 2;
  while (wirePolynomialLength < 1 + shape.gadgetCalls) wirePolynomialLength *= 2;
  return {
    ...shape,
    proofs: 1,
    wirePolynomialLength,
    proveRandLength: shape.arity,
    queryRandLength: evalOutputLength > 1 ? 1 + evalOutputLength : 1,
    proofLength: shape.arity + 2 * (wirePolynomialLength - 1) + 1,
    verifierLength: 1 + shape.arity + 1,
  };
}
