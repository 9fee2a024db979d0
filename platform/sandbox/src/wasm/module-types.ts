/** The types of a module's functions, as far as metering needs them: how many values go in and out. */
import { type BinaryReader, invalidModule } from "./binary-reader.ts";

export interface FunctionType {
  readonly parameters: number;
  readonly results: number;
}

export interface ModuleTypes {
  readonly types: readonly FunctionType[];
  /** By function index, imported ones first. */
  readonly functions: readonly FunctionType[];
  readonly importedFunctions: number;
  readonly importedGlobals: number;
}

const FUNCTION_FORM = 0x60;
/** i32, i64, f32, f64: the types of values that maps may calculate with. */
const [NUMBER_FIRST, NUMBER_LAST] = [0x7c, 0x7f];
const EMPTY_BLOCK = 0x40;

/** Reads a type section. */
export function readTypes(reader: BinaryReader): FunctionType[] {
  return reader.vector(() => {
    if (reader.byte() !== FUNCTION_FORM) throw invalidModule("a type that is no function's");
    const parameters = reader.vector(() => readNumberType(reader)).length;
    return { parameters, results: reader.vector(() => readNumberType(reader)).length };
  });
}

export function readNumberType(reader: BinaryReader): void {
  const type = reader.byte();
  if (type < NUMBER_FIRST || type > NUMBER_LAST) {
    throw invalidModule(`values that are no numbers (0x${type.toString(16)})`);
  }
}

/** Steps over the type of a block; what goes into it and comes out. */
export function readBlockType(reader: BinaryReader, types: readonly FunctionType[]): FunctionType {
  const first = reader.bytes[reader.at] ?? 0;
  if (first === EMPTY_BLOCK) {
    reader.byte();
    return { parameters: 0, results: 0 };
  }
  if (first >= NUMBER_FIRST && first <= NUMBER_LAST) {
    reader.byte();
    return { parameters: 0, results: 1 };
  }
  return typeAt(types, reader.unsigned());
}

export function typeAt(types: readonly FunctionType[], index: number): FunctionType {
  const type = types[index];
  if (type === undefined) throw invalidModule("a type that is not there");
  return type;
}
