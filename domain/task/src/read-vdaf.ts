import type { VdafConfig } from "@sumus/dap";
import { type Cursor, clip, suggest } from "@sumus/document";
import { createPrio3, type Prio3Config, VdafError } from "@sumus/vdaf";

/** The kinds by the names of the draft, with the parameters that each has. */
const TYPES = {
  Prio3Count: { kind: "count", parameters: [] },
  Prio3Sum: { kind: "sum", parameters: ["max_measurement"] },
  Prio3SumVec: { kind: "sumVec", parameters: ["length", "max_measurement"] },
  Prio3Histogram: { kind: "histogram", parameters: ["length"] },
  Prio3MultihotCountVec: { kind: "multihotCountVec", parameters: ["length", "max_weight"] },
  Prio3L1BoundSum: { kind: "l1BoundSum", parameters: ["length", "max_value"] },
  Poplar1: { kind: "poplar1", parameters: ["bits"] },
} as const;

type TypeName = keyof typeof TYPES;
type Parameter = (typeof TYPES)[TypeName]["parameters"][number] | "chunk_length";

const NAMES = Object.keys(TYPES) as TypeName[];
const CHUNKED: readonly TypeName[] = [
  "Prio3SumVec",
  "Prio3Histogram",
  "Prio3MultihotCountVec",
  "Prio3L1BoundSum",
];

/** Bits of a string that Poplar1 counts; DAP writes them into two bytes. */
const BITS_MAX = 65_535;

/** Names of a configuration's fields. */
const FIELDS = {
  length: "length",
  max_measurement: "maxMeasurement",
  max_weight: "maxWeight",
  max_value: "maxValue",
  chunk_length: "chunkLength",
  bits: "bits",
} as const satisfies Record<Parameter, string>;

/** Reads `vdaf`; a chunk length that is left out becomes the one with the smallest proof. */
export function readVdaf(cursor: Cursor): VdafConfig | undefined {
  const entries = cursor.entries("a VDAF");
  if (entries === undefined) return undefined;
  const type = cursor.required(entries, "type", "such as type: Prio3Histogram");
  const name = type && readType(type);
  if (name === undefined) return undefined;
  const { kind, parameters } = TYPES[name];
  const allowed = ["type", ...parameters, ...(CHUNKED.includes(name) ? ["chunk_length"] : [])];
  if (cursor.fields(allowed, name) === undefined) return undefined;
  const config: Record<string, number | string> = { kind };
  for (const parameter of parameters) {
    const value = cursor.required(entries, parameter, `such as ${parameter}: 16`);
    const max = parameter === "bits" ? BITS_MAX : Number.MAX_SAFE_INTEGER;
    const number = value?.integer(parameter, 1, max);
    if (number === undefined) return undefined;
    config[FIELDS[parameter]] = number;
  }
  const chunk = entries.get("chunk_length");
  if (chunk !== undefined && CHUNKED.includes(name)) {
    const number = chunk.integer("chunk_length", 1, Number.MAX_SAFE_INTEGER);
    if (number === undefined) return undefined;
    config["chunkLength"] = number;
  }
  if (name === "Poplar1") return config as unknown as VdafConfig;
  return resolve(cursor, name, config as unknown as Prio3Config);
}

/** Fills in the chunk length. */
function resolve(cursor: Cursor, name: TypeName, config: Prio3Config): VdafConfig | undefined {
  try {
    return createPrio3(config).config;
  } catch (error) {
    if (!(error instanceof VdafError)) throw error;
    const message = `expected parameters that ${name} can have: ${error.message}`;
    return cursor.problem(message, "choose others");
  }
}

function readType(cursor: Cursor): TypeName | undefined {
  const text = cursor.text("the type of a VDAF");
  if (text === undefined) return undefined;
  const name = NAMES.find((known) => known === text);
  if (name !== undefined) return name;
  const meant = suggest(text, NAMES);
  const remedy =
    meant === undefined ? `write one of ${NAMES.join(", ")}` : `did you mean ${meant}?`;
  return cursor.problem(`expected the type of a VDAF, got "${clip(text)}"`, remedy);
}

/** As {@link readVdaf} reads it. */
export function vdafJson(config: VdafConfig): Record<string, string | number> {
  const name = NAMES.find((known) => TYPES[known].kind === config.kind);
  const given = Object.entries(FIELDS).flatMap(([parameter, field]) => {
    const value = (config as unknown as Record<string, number | undefined>)[field];
    return value === undefined ? [] : [[parameter, value] as const];
  });
  return { type: name ?? config.kind, ...Object.fromEntries(given) };
}
