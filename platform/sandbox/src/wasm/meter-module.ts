/**
 * Rewrites a module so that it counts what it does and ends itself at its limits: whoever runs the
 * result sets two exported globals beforehand and reads them afterwards. No clock, no callback: the
 * same rows cost the same fuel on every machine.
 *
 * [WebAssembly Core Specification, 5.5 Modules]
 *
 * @module
 */
import { encodeUtf8 } from "@sumus/bytes";
import { BinaryReader, invalidModule } from "./binary-reader.ts";
import { BinaryWriter } from "./binary-writer.ts";
import { type MeterGlobals, meterFunction } from "./meter-function.ts";
import {
  type FunctionType,
  type ModuleTypes,
  readNumberType,
  readTypes,
  typeAt,
} from "./module-types.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** The order in which sections stand: not that of their ids. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 9, 12, 10, 11] as const;

const KIND = { function: 0, table: 1, memory: 2, global: 3 } as const;
const I32 = 0x7f;
const I64 = 0x7e;
const MUTABLE = 1;
const CODE_END = 0x0b;

/** What the result exports, beside what the module does. */
export const METER_EXPORTS = {
  /** i64: units that are left; negative once they are spent. Starts at 0. */
  fuel: "sumus:fuel",
  /** i32: slots of the engine's stack that are left; negative after too deep a call. */
  stack: "sumus:stack",
  /** What the module wanted to run by itself, where there is such a thing: call it first. */
  start: "sumus:start",
} as const;

/** Sizes in pages or elements; null where the module sets no maximum. */
interface Limits {
  readonly minimum: number;
  readonly maximum: number | null;
}

export interface MeteredModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly memories: readonly Limits[];
  readonly tables: readonly Limits[];
  readonly hasStart: boolean;
}

type Sections = ReadonlyMap<number, Uint8Array>;

/**
 * @param original a module that the engine has found valid
 * @throws {MapStop} `mapInvalid` when it uses what cannot be metered
 */
export function meterModule(original: Uint8Array): MeteredModule {
  const sections = readSections(original);
  const types = readModuleTypes(sections);
  const first = types.importedGlobals + countOf(sections.get(SECTION.global));
  const globals = { fuel: first, stack: first + 1, scratch: first + 2 };
  const start = sections.get(SECTION.start);
  const rewritten = new Map(sections);
  rewritten.set(SECTION.global, addGlobals(sections.get(SECTION.global)));
  rewritten.set(SECTION.export, addExports(sections.get(SECTION.export), globals, start));
  const code = sections.get(SECTION.code);
  if (code !== undefined) rewritten.set(SECTION.code, meterCode(code, types, globals));
  return {
    bytes: writeSections(rewritten),
    memories: readLimits(sections.get(SECTION.memory), (reader) => readSize(reader)),
    tables: readLimits(sections.get(SECTION.table), (reader) => {
      reader.byte();
      return readSize(reader);
    }),
    hasStart: start !== undefined,
  };
}

function readSections(original: Uint8Array): Sections {
  const reader = new BinaryReader(original);
  if (HEADER.some((byte) => byte !== reader.byte())) throw invalidModule("another kind of bytes");
  const sections = new Map<number, Uint8Array>();
  while (!reader.done) {
    const id = reader.byte();
    const content = reader.take(reader.unsigned());
    if (id === SECTION.custom) continue;
    if (id > SECTION.dataCount) throw invalidModule(`a section that maps may not use (${id})`);
    sections.set(id, content);
  }
  return sections;
}

function readModuleTypes(sections: Sections): ModuleTypes {
  const types = readTypes(readerOf(sections.get(SECTION.type)));
  const functions: FunctionType[] = [];
  let importedGlobals = 0;
  const imports = readerOf(sections.get(SECTION.import));
  imports.vector(() => {
    imports.name();
    imports.name();
    const kind = imports.byte();
    if (kind === KIND.function) functions.push(typeAt(types, imports.unsigned()));
    else if (kind === KIND.memory) readSize(imports);
    else if (kind === KIND.global) {
      importedGlobals++;
      readNumberType(imports);
      imports.byte();
    } else throw invalidModule("an import that is no function");
  });
  const importedFunctions = functions.length;
  const own = readerOf(sections.get(SECTION.function));
  own.vector(() => functions.push(typeAt(types, own.unsigned())));
  return { types, functions, importedFunctions, importedGlobals };
}

function readLimits(
  section: Uint8Array | undefined,
  read: (reader: BinaryReader) => Limits,
): readonly Limits[] {
  const reader = readerOf(section);
  return reader.vector(() => read(reader));
}

function readSize(reader: BinaryReader): Limits {
  const flags = reader.byte();
  if (flags > 1) throw invalidModule("a memory that is shared or has 64-bit addresses");
  const minimum = reader.unsigned();
  return { minimum, maximum: flags === 1 ? reader.unsigned() : null };
}

function addGlobals(section: Uint8Array | undefined): Uint8Array {
  const writer = appendTo(section, 3);
  writer.all(I64, MUTABLE, 0x42, 0, CODE_END);
  writer.all(I32, MUTABLE, 0x41, 0, CODE_END);
  writer.all(I32, MUTABLE, 0x41, 0, CODE_END);
  return writer.written;
}

function addExports(
  section: Uint8Array | undefined,
  globals: MeterGlobals,
  start: Uint8Array | undefined,
): Uint8Array {
  const writer = appendTo(section, start === undefined ? 2 : 3);
  const add = (name: string, kind: number, index: number): void => {
    writer.sized(encodeUtf8(name));
    writer.byte(kind);
    writer.unsigned(index);
  };
  add(METER_EXPORTS.fuel, KIND.global, globals.fuel);
  add(METER_EXPORTS.stack, KIND.global, globals.stack);
  if (start !== undefined) add(METER_EXPORTS.start, KIND.function, readerOf(start).unsigned());
  return writer.written;
}

/** A vector of `more` items than it has; the writer stands where they belong. */
function appendTo(section: Uint8Array | undefined, more: number): BinaryWriter {
  const reader = readerOf(section);
  const writer = new BinaryWriter();
  writer.unsigned(reader.unsigned() + more);
  writer.append(reader.bytes.subarray(reader.at));
  return writer;
}

function meterCode(section: Uint8Array, types: ModuleTypes, globals: MeterGlobals): Uint8Array {
  const reader = readerOf(section);
  const writer = new BinaryWriter();
  const count = reader.unsigned();
  writer.unsigned(count);
  for (let index = 0; index < count; index++) {
    const body = readerOf(reader.take(reader.unsigned()));
    const type = typeAt(types.functions, types.importedFunctions + index);
    writer.sized(meterFunction(body, type, types, globals));
  }
  return writer.written;
}

function writeSections(sections: Sections): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writer.all(...HEADER);
  for (const id of ORDER) {
    const content = sections.get(id);
    if (content === undefined) continue;
    writer.byte(id);
    writer.sized(content);
  }
  return writer.written;
}

function countOf(section: Uint8Array | undefined): number {
  return readerOf(section).unsigned();
}

/** A missing section is an empty vector. */
function readerOf(section: Uint8Array | undefined): BinaryReader {
  return new BinaryReader(section ?? new Uint8Array(1));
}
