/**
 * Makes one function of a module pay for what it does.
 *
 * The body is cut into segments: each begins where control may arrive (the function's beginning, a
 * loop's head, the arms of a condition, behind the end of a block) and pays for all of its
 * instructions when it is entered. A branch out of the middle of a segment has paid for the rest as
 * well, so fuel is an upper bound, and the same on every machine. Whoever runs long comes past the
 * beginning of a function or the head of a loop; there, and only there, fuel is looked at.
 *
 * Calls pay for the frame of their caller while they last, so that the depth of calls has a bound
 * which does not depend on the engine's stack. Instructions that move many bytes pay for each.
 *
 * Invariant: what is added leaves the operand stack as it was, touches nothing of the module's own,
 * and ends the run by `unreachable` alone.
 *
 * @module
 */
import { type BinaryReader, invalidModule } from "./binary-reader.ts";
import { BinaryWriter } from "./binary-writer.ts";
import { BULK, OP, skipPlain, skipPrefixed } from "./instructions.ts";
import { type FunctionType, type ModuleTypes, readBlockType, typeAt } from "./module-types.ts";

/** What instructions cost; all others cost 1. */
const COST = { call: 5, bulk: 10, memoryGrow: 4096 } as const;
/** A segment that costs more goes on as another: what it costs is written in four bytes. */
const SEGMENT_COST_MAX = 1 << 20;
/** Bytes that a bulk instruction moves for one unit of fuel, as a power of two. */
const BULK_BYTES_LOG2 = 4;
/** Slots of the engine's stack that a frame takes beyond its locals and operands. */
const FRAME_SLOTS = 16;
/** Locals of a function and operands at once: a frame is a small part of the stack. */
const FRAME_SLOTS_MAX = 4096;

/** The instructions that are added, and the type of a block without results. */
const CODE = {
  if: 0x04,
  empty: 0x40,
  unreachable: 0x00,
  end: 0x0b,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Const: 0x41,
  i64Const: 0x42,
  i32LessSigned: 0x48,
  i64LessSigned: 0x53,
  i32Add: 0x6a,
  i32Subtract: 0x6b,
  i64Subtract: 0x7d,
  i64ShiftRightUnsigned: 0x88,
  i64ExtendUnsigned: 0xad,
} as const;

/** Indices of the globals that the meter adds to a module. */
export interface MeterGlobals {
  /** i64: what is left to pay with; below zero, it is spent. */
  readonly fuel: number;
  /** i32: slots of the engine's stack that are left. */
  readonly stack: number;
  /** i32: for a number that is needed twice. */
  readonly scratch: number;
}

interface Block {
  readonly opcode: number;
  readonly type: FunctionType;
  /** Height of the operand stack below what the block takes and gives. */
  readonly base: number;
}

/**
 * @param reader at a function's code (its locals, its instructions, its last `end`), to its end
 * @returns the same code, metered
 */
export function meterFunction(
  reader: BinaryReader,
  type: FunctionType,
  types: ModuleTypes,
  globals: MeterGlobals,
): Uint8Array {
  return new FunctionMeter(reader, type, types, globals).run();
}

class FunctionMeter {
  readonly #reader: BinaryReader;
  readonly #types: ModuleTypes;
  readonly #globals: MeterGlobals;
  readonly #out: BinaryWriter = new BinaryWriter();
  readonly #locals: number;
  /** Up to here, the code is in the output. */
  #from: number;
  readonly #blocks: Block[] = [];
  #height = 0;
  #heightMax = 0;
  /** Where the cost of the segment will stand, once something in it costs. */
  #segment: number | null = null;
  #segmentCost = 0;
  /** Where the size of this function's frame will stand. */
  readonly #frames: number[] = [];

  constructor(reader: BinaryReader, type: FunctionType, types: ModuleTypes, globals: MeterGlobals) {
    this.#reader = reader;
    this.#types = types;
    this.#globals = globals;
    const begin = reader.at;
    const counts = reader.vector(() => {
      const count = reader.unsigned();
      reader.byte();
      return count;
    });
    this.#locals = counts.reduce((sum, count) => sum + count, type.parameters);
    this.#out.append(reader.bytes.subarray(begin, reader.at));
    this.#from = reader.at;
    this.#blocks.push({
      opcode: OP.block,
      type: { parameters: 0, results: type.results },
      base: 0,
    });
  }

  run(): Uint8Array {
    this.#pay(1, this.#reader.at);
    this.#check(this.#globals.fuel, CODE.i64Const, CODE.i64LessSigned);
    this.#check(this.#globals.stack, CODE.i32Const, CODE.i32LessSigned);
    while (!this.#reader.done) this.#step();
    const slots = FRAME_SLOTS + this.#locals + this.#heightMax;
    if (slots > FRAME_SLOTS_MAX) {
      throw invalidModule(`a function of more than ${FRAME_SLOTS_MAX} locals and operands`);
    }
    this.#copyTo(this.#reader.at);
    this.#endSegment();
    for (const at of this.#frames) this.#out.settle(at, slots);
    return this.#out.written;
  }

  #step(): void {
    const begin = this.#reader.at;
    const opcode = this.#reader.byte();
    switch (opcode) {
      case OP.block:
      case OP.loop:
      case OP.if:
        this.#open(opcode, begin);
        return;
      case OP.else:
      case OP.end:
        this.#close(opcode);
        return;
      case OP.call:
      case OP.callIndirect:
        this.#call(opcode, begin);
        return;
      case OP.prefix:
        this.#prefixed(begin);
        return;
      default:
        this.#pay(opcode === OP.memoryGrow ? COST.memoryGrow : 1, begin);
        this.#grow(this.#skip(opcode));
        if (opcode === OP.branchIf) this.#endSegment();
    }
  }

  /** Steps over immediates; what the operand stack grows by. */
  #skip(opcode: number): number {
    const reader = this.#reader;
    switch (opcode) {
      case OP.unreachable:
      case OP.return:
        return 0;
      case OP.branch:
        reader.unsigned();
        return 0;
      case OP.branchIf:
        reader.unsigned();
        return -1;
      case OP.branchTable:
        reader.vector(() => reader.unsigned());
        reader.unsigned();
        return -1;
      default:
        return skipPlain(opcode, reader);
    }
  }

  #open(opcode: number, begin: number): void {
    // The condition of an `if` is paid for by who comes there, a loop's head by each round.
    if (opcode === OP.if) {
      this.#pay(1, begin);
      this.#grow(-1);
    }
    const type = readBlockType(this.#reader, this.#types.types);
    this.#blocks.push({ opcode, type, base: this.#height - type.parameters });
    if (opcode !== OP.block) this.#endSegment();
    if (opcode === OP.loop) {
      this.#pay(1, this.#reader.at);
      this.#check(this.#globals.fuel, CODE.i64Const, CODE.i64LessSigned);
    }
  }

  #close(opcode: number): void {
    this.#endSegment();
    const block = this.#blocks.pop();
    if (block === undefined) throw invalidModule("an end without its beginning");
    // Behind a branch the height is anybody's guess, but never here.
    if (opcode === OP.else) {
      this.#height = block.base + block.type.parameters;
      this.#blocks.push({ ...block, opcode });
    } else {
      this.#height = block.base + block.type.results;
    }
    this.#heightMax = Math.max(this.#heightMax, this.#height);
  }

  #call(opcode: number, begin: number): void {
    const reader = this.#reader;
    const index = reader.unsigned();
    const { functions, importedFunctions, types } = this.#types;
    const direct = opcode === OP.call;
    const type = typeAt(direct ? functions : types, index);
    if (!direct) reader.unsigned();
    this.#pay(COST.call, begin);
    if (!direct || index >= importedFunctions) {
      this.#frame(CODE.i32Subtract, begin);
      this.#frame(CODE.i32Add, reader.at);
    }
    this.#grow(type.results - type.parameters - (direct ? 0 : 1));
  }

  #prefixed(begin: number): void {
    const { second, growth } = skipPrefixed(this.#reader);
    const moves =
      second === BULK.memoryInit || second === BULK.memoryCopy || second === BULK.memoryFill;
    this.#pay(moves ? COST.bulk : 1, begin);
    if (moves) this.#payForBytes(begin);
    this.#grow(growth);
  }

  /** Brings the module's own code up to `at` into the output, so that other code can follow. */
  #copyTo(at: number): void {
    this.#out.append(this.#reader.bytes.subarray(this.#from, at));
    this.#from = at;
  }

  #grow(by: number): void {
    this.#height += by;
    this.#heightMax = Math.max(this.#heightMax, this.#height);
  }

  /** Adds to what the segment costs; its first cost puts the code that pays at `at`. */
  #pay(cost: number, at: number): void {
    if (this.#segmentCost > SEGMENT_COST_MAX) this.#endSegment();
    this.#segmentCost += cost;
    if (this.#segment !== null) return;
    this.#copyTo(at);
    const { fuel } = this.#globals;
    this.#global(CODE.globalGet, fuel);
    this.#out.byte(CODE.i64Const);
    this.#segment = this.#out.placeholder();
    this.#out.byte(CODE.i64Subtract);
    this.#global(CODE.globalSet, fuel);
  }

  #endSegment(): void {
    if (this.#segment !== null) this.#out.settle(this.#segment, this.#segmentCost);
    this.#segment = null;
    this.#segmentCost = 0;
  }

  /** Pays for as many bytes as the top of the operand stack says, and leaves it there. */
  #payForBytes(at: number): void {
    this.#copyTo(at);
    const { fuel, scratch } = this.#globals;
    this.#global(CODE.globalSet, scratch);
    this.#global(CODE.globalGet, fuel);
    this.#global(CODE.globalGet, scratch);
    this.#out.all(CODE.i64ExtendUnsigned, CODE.i64Const, BULK_BYTES_LOG2);
    this.#out.all(CODE.i64ShiftRightUnsigned, CODE.i64Subtract);
    this.#global(CODE.globalSet, fuel);
    this.#global(CODE.globalGet, scratch);
  }

  /** Takes this function's frame off the stack that is left, or gives it back. */
  #frame(operation: number, at: number): void {
    this.#copyTo(at);
    const { stack } = this.#globals;
    this.#global(CODE.globalGet, stack);
    this.#out.byte(CODE.i32Const);
    this.#frames.push(this.#out.placeholder());
    this.#out.byte(operation);
    this.#global(CODE.globalSet, stack);
  }

  /** Ends the run when a global is below zero. */
  #check(global: number, zero: number, lessThan: number): void {
    this.#global(CODE.globalGet, global);
    this.#out.all(zero, 0, lessThan, CODE.if, CODE.empty, CODE.unreachable, CODE.end);
  }

  #global(operation: number, index: number): void {
    this.#out.byte(operation);
    this.#out.unsigned(index);
  }
}
