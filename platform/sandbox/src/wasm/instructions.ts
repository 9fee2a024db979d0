/**
 * The instructions that maps may be made of: WebAssembly 1.0 with sign extension, saturating
 * conversion, several results and bulk memory. Left out are those whose outcome may differ from
 * machine to machine or run to run (threads, relaxed vectors), and those that nobody has asked for
 * yet (vectors, references, exceptions, tail calls): each would need its own metering.
 *
 * [WebAssembly Core Specification, 5.4 Instructions]
 *
 * @module
 */
import type { BinaryReader } from "./binary-reader.ts";
import { invalidModule } from "./binary-reader.ts";

/** Those that the meter treats one by one. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  branch: 0x0c,
  branchIf: 0x0d,
  branchTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  memoryGrow: 0x40,
  prefix: 0xfc,
} as const;

/** Behind {@link OP.prefix}. */
export const BULK = { memoryInit: 8, dataDrop: 9, memoryCopy: 10, memoryFill: 11 } as const;

type Immediate =
  | "none"
  | "index"
  | "twoIndices"
  | "memory"
  | "signed"
  | "types"
  | "fourBytes"
  | "eightBytes";

interface Instruction {
  readonly immediate: Immediate;
  /** How many values it leaves on the operand stack more than it takes. */
  readonly growth: number;
}

/** By opcode. Control instructions and calls are not here: what they do depends on types. */
const INSTRUCTIONS: readonly (Instruction | undefined)[] = instructionTable([
  [0x01, 0x01, "none", 0], // nop
  [0x1a, 0x1a, "none", -1], // drop
  [0x1b, 0x1b, "none", -2], // select
  [0x1c, 0x1c, "types", -2], // select of a type
  [0x20, 0x20, "index", 1], // local.get
  [0x21, 0x21, "index", -1], // local.set
  [0x22, 0x22, "index", 0], // local.tee
  [0x23, 0x23, "index", 1], // global.get
  [0x24, 0x24, "index", -1], // global.set
  [0x28, 0x35, "memory", 0], // loads
  [0x36, 0x3e, "memory", -2], // stores
  [0x3f, 0x3f, "index", 1], // memory.size
  [0x40, 0x40, "index", 0], // memory.grow
  [0x41, 0x42, "signed", 1], // i32.const, i64.const
  [0x43, 0x43, "fourBytes", 1], // f32.const
  [0x44, 0x44, "eightBytes", 1], // f64.const
  [0x45, 0x45, "none", 0], // i32.eqz
  [0x46, 0x4f, "none", -1], // comparisons of i32
  [0x50, 0x50, "none", 0], // i64.eqz
  [0x51, 0x66, "none", -1], // comparisons of i64, f32, f64
  [0x67, 0x69, "none", 0], // clz, ctz, popcnt of i32
  [0x6a, 0x78, "none", -1], // arithmetic of i32
  [0x79, 0x7b, "none", 0], // clz, ctz, popcnt of i64
  [0x7c, 0x8a, "none", -1], // arithmetic of i64
  [0x8b, 0x91, "none", 0], // abs to sqrt of f32
  [0x92, 0x98, "none", -1], // arithmetic of f32
  [0x99, 0x9f, "none", 0], // abs to sqrt of f64
  [0xa0, 0xa6, "none", -1], // arithmetic of f64
  [0xa7, 0xc4, "none", 0], // conversions, sign extension
]);

const SATURATING_CONVERSION_MAX = 7;
/** log2 of the widest access; beyond it are flags of later versions of WebAssembly. */
const ALIGNMENT_MAX = 3;

function instructionTable(
  rows: readonly (readonly [first: number, last: number, immediate: Immediate, growth: number])[],
): readonly (Instruction | undefined)[] {
  const table: (Instruction | undefined)[] = Array.from({ length: 256 });
  for (const [first, last, immediate, growth] of rows) {
    table.fill({ immediate, growth }, first, last + 1);
  }
  return table;
}

/**
 * Steps over the immediates of an instruction that is neither control nor call.
 *
 * @returns its growth of the operand stack
 * @throws {MapStop} when maps may not use it
 */
export function skipPlain(opcode: number, reader: BinaryReader): number {
  const instruction = INSTRUCTIONS[opcode];
  if (instruction === undefined) {
    throw invalidModule(`an instruction that maps may not use (0x${opcode.toString(16)})`);
  }
  skipImmediate(instruction.immediate, reader);
  return instruction.growth;
}

function skipImmediate(immediate: Immediate, reader: BinaryReader): void {
  switch (immediate) {
    case "none":
      return;
    case "index":
      reader.unsigned();
      return;
    case "twoIndices":
      reader.unsigned();
      reader.unsigned();
      return;
    case "memory":
      if (reader.unsigned() > ALIGNMENT_MAX) throw invalidModule("more than one memory");
      reader.unsigned();
      return;
    case "signed":
      reader.skipSigned();
      return;
    case "types":
      reader.vector(() => reader.byte());
      return;
    case "fourBytes":
      reader.take(4);
      return;
    case "eightBytes":
      reader.take(8);
      return;
  }
}

/**
 * Steps over the rest of an instruction behind {@link OP.prefix}.
 *
 * @returns which one, and its growth of the operand stack
 */
export function skipPrefixed(reader: BinaryReader): { second: number; growth: number } {
  const second = reader.unsigned();
  if (second <= SATURATING_CONVERSION_MAX) return { second, growth: 0 };
  switch (second) {
    case BULK.memoryInit:
    case BULK.memoryCopy:
      skipImmediate("twoIndices", reader);
      return { second, growth: -3 };
    case BULK.memoryFill:
      skipImmediate("index", reader);
      return { second, growth: -3 };
    case BULK.dataDrop:
      skipImmediate("index", reader);
      return { second, growth: 0 };
    default:
      throw invalidModule(`an instruction that maps may not use (0xfc ${second})`);
  }
}
