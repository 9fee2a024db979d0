/** The functions that this package gives to SQLite, as SQLite calls them. */
import { encodeUtf8 } from "@sumus/bytes";
import { MapStop } from "../map-run.ts";
import { geohash } from "./geohash.ts";
import { H3_STEPS, h3 } from "./h3.ts";
import { type Charge, instr, replace, type TrimSides, trim } from "./metered-functions.ts";
import { type Address, VALUE_TYPE } from "./sqlite-exports.ts";
import type { SqliteInstance } from "./sqlite-instance.ts";

interface Call {
  readonly instance: SqliteInstance;
  readonly values: readonly Address[];
  readonly charge: Charge;
  /** Texts may not grow beyond this. */
  readonly textBytesMax: number;
}

/** What a function gives back: null is NULL, bytes are a text. */
type Result = null | number | Uint8Array;

interface SqlFunction {
  readonly name: string;
  readonly arguments: number;
  /** Called only when no argument is NULL: as in SQLite's own, the result is NULL then. */
  readonly call: (call: Call) => Result;
}

const trimOn =
  (sides: TrimSides) =>
  (call: Call): Result =>
    trim(textOf(call, 0), textOf(call, 1), sides, call.charge);

export const SQL_FUNCTIONS: readonly SqlFunction[] = [
  { name: "geohash", arguments: 3, call: (call) => callOfPlace(call, geohash) },
  { name: "h3", arguments: 3, call: callH3 },
  { name: "instr", arguments: 2, call: callInstr },
  { name: "replace", arguments: 3, call: callReplace },
  { name: "trim", arguments: 2, call: trimOn("both") },
  { name: "ltrim", arguments: 2, call: trimOn("left") },
  { name: "rtrim", arguments: 2, call: trimOn("right") },
];

/** Answers one call from SQLite. */
export function callSqlFunction(sqlFunction: SqlFunction, context: Address, call: Call): void {
  const { sqlite } = call.instance;
  const missing = call.values.some((value) => sqlite.valueType(value) === VALUE_TYPE.null);
  giveBack(call.instance, context, missing ? null : sqlFunction.call(call));
}

/** A cell's name from latitude, longitude and fineness; NULL unless all three are numbers. */
function callOfPlace(
  { instance, values }: Call,
  cellOf: (latitude: number, longitude: number, fineness: number) => string | null,
): Result {
  const numeric = values.every((value) => {
    const type = instance.sqlite.valueType(value);
    return type === VALUE_TYPE.integer || type === VALUE_TYPE.real;
  });
  if (!numeric) return null;
  const [latitude, longitude, fineness] = values.map((value) => instance.sqlite.valueDouble(value));
  const cell = cellOf(latitude ?? Number.NaN, longitude ?? Number.NaN, fineness ?? Number.NaN);
  return cell === null ? null : encodeUtf8(cell);
}

function callH3(call: Call): Result {
  call.charge(H3_STEPS);
  return callOfPlace(call, h3);
}

function callInstr(call: Call): Result {
  const types = call.values.map((value) => call.instance.sqlite.valueType(value));
  if (types.every((type) => type === VALUE_TYPE.blob)) {
    return instr(blobOf(call, 0), blobOf(call, 1), false, call.charge);
  }
  return instr(textOf(call, 0), textOf(call, 1), true, call.charge);
}

function callReplace(call: Call): Result {
  const [text, from, to] = [textOf(call, 0), textOf(call, 1), textOf(call, 2)];
  const replaced = replace(text, from, to, call.textBytesMax, call.charge);
  if (replaced !== null) return replaced;
  const allowed = `${call.textBytesMax.toLocaleString("en")} bytes allowed`;
  throw new MapStop("outOfMemory", `the map makes a text too long: ${allowed}`);
}

/** A copy, since the next question to SQLite may move what the last one answered. */
function textOf({ instance, values }: Call, index: number): Uint8Array {
  const value = values[index] ?? 0;
  return copyOf(instance, instance.sqlite.valueText(value), value);
}

function blobOf({ instance, values }: Call, index: number): Uint8Array {
  const value = values[index] ?? 0;
  return copyOf(instance, instance.sqlite.valueBlob(value), value);
}

function copyOf(instance: SqliteInstance, address: Address, value: Address): Uint8Array {
  const start = address >>> 0;
  return instance.bytes.slice(start, start + instance.sqlite.valueBytes(value));
}

function giveBack(instance: SqliteInstance, context: Address, result: Result): void {
  const { sqlite } = instance;
  if (result === null) {
    sqlite.resultNull(context);
  } else if (typeof result === "number") {
    sqlite.resultInt(context, result);
  } else {
    const address = instance.allocate(result.length + 1);
    instance.bytes.set(result, address);
    sqlite.resultText(context, address, result.length, sqlite.getSqliteFree());
  }
}
