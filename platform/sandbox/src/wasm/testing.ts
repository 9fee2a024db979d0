/** Puts small modules together for tests: sections by hand, code as bytes. */
import { encodeBase64, encodeUtf8 } from "@sumus/bytes";
import { BinaryWriter } from "./binary-writer.ts";

export type Code = number | readonly Code[];

/** `i` i32, `I` i64, `F` f64; parameters before the arrow, results behind it. */
type Signature = `${string}>${string}`;

export interface TestModule {
  readonly imports?: readonly (readonly [module: string, name: string, signature: Signature])[];
  /** Exported by name; called by their index, imports first. */
  readonly functions: Readonly<Record<string, readonly [signature: Signature, code: Code]>>;
  /** Minimum and maximum in pages; exported as `memory`. */
  readonly memory?: readonly [number, number?];
  readonly furtherMemories?: readonly (readonly [number, number?])[];
  readonly tables?: readonly (readonly [number, number?])[];
  /** An i32 that may change, with its first value. */
  readonly global?: number;
  readonly start?: number;
  readonly data?: readonly (readonly [address: number, text: string])[];
}

const TYPES: Readonly<Record<string, number>> = { i: 0x7f, I: 0x7e, F: 0x7c };

/** A module in base64, as manifests hold it. */
export function assemble(module: TestModule): string {
  return encodeBase64(assembleBytes(module));
}

export function assembleBytes(module: TestModule): Uint8Array<ArrayBuffer> {
  const { data = [], functions, imports = [] } = module;
  const entries = Object.entries(functions);
  const signatures = [...imports.map(([, , type]) => type), ...entries.map(([, [type]]) => type)];
  const own = entries.map((_, index) => imports.length + index);
  const out = new BinaryWriter();
  out.all(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
  section(out, 1, signatures, (item, type) => writeType(item, type));
  section(out, 2, imports, (item, [from, name], index) => {
    item.sized(encodeUtf8(from));
    item.sized(encodeUtf8(name));
    item.byte(0);
    item.unsigned(index);
  });
  section(out, 3, own, (item, index) => item.unsigned(index));
  section(out, 4, module.tables ?? [], (item, size) => {
    item.byte(0x70);
    writeLimits(item, size);
  });
  const memories = [...present(module.memory), ...(module.furtherMemories ?? [])];
  section(out, 5, memories, writeLimits);
  section(out, 6, present(module.global), (item, value) =>
    item.all(...flat([0x7f, 1, i32(value), 0x0b])),
  );
  const exported = entries.map(([name], index) => [name, 0, imports.length + index] as const);
  const memory = module.memory === undefined ? [] : [["memory", 2, 0] as const];
  section(out, 7, [...exported, ...memory], (item, [name, kind, index]) => {
    item.sized(encodeUtf8(name));
    item.byte(kind);
    item.unsigned(index);
  });
  if (module.start !== undefined) out.all(8, 1, module.start);
  section(out, 10, entries, (item, [, [, code]]) => {
    // One i32 and one i64 for whoever wants them.
    const body = Uint8Array.from([2, 1, 0x7f, 1, 0x7e, ...flat(code), 0x0b]);
    item.sized(body);
  });
  section(out, 11, data, (item, [address, text]) => {
    item.all(...flat([0, i32(address), 0x0b]));
    item.sized(encodeUtf8(text));
  });
  return out.written.slice();
}

function section<T>(
  out: BinaryWriter,
  id: number,
  items: readonly T[],
  write: (item: BinaryWriter, value: T, index: number) => void,
): void {
  if (items.length === 0) return;
  const content = new BinaryWriter();
  content.unsigned(items.length);
  items.forEach((value, index) => {
    write(content, value, index);
  });
  out.byte(id);
  out.sized(content.written);
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

function writeType(item: BinaryWriter, signature: Signature): void {
  item.byte(0x60);
  for (const side of signature.split(">")) {
    item.sized(Uint8Array.from(side, (letter) => TYPES[letter] ?? 0));
  }
}

function writeLimits(item: BinaryWriter, [minimum, maximum]: readonly [number, number?]): void {
  item.byte(maximum === undefined ? 0 : 1);
  item.unsigned(minimum);
  if (maximum !== undefined) item.unsigned(maximum);
}

function flat(code: Code): number[] {
  return typeof code === "number" ? [code] : code.flatMap(flat);
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    const done = rest >> 6 === 0 || rest >> 6 === -1;
    bytes.push((rest & 0x7f) | (done ? 0 : 0x80));
    if (done) return bytes;
  }
}

export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const i64 = (value: number): Code => [0x42, ...signed(value)];
export const local = (index: number): Code => [0x20, index];
export const setLocal = (index: number): Code => [0x21, index];
export const call = (index: number): Code => [0x10, index];
export const load = (address: number): Code => [i32(address), 0x28, 2, 0];
export const load8 = (address: number): Code => [i32(address), 0x2d, 0, 0];
export const store = (address: number, value: Code): Code => [i32(address), value, 0x36, 2, 0];
export const store8 = (address: number, value: Code): Code => [i32(address), value, 0x3a, 0, 0];
export const forever = (code: Code): Code => [0x03, 0x40, code, 0x0c, 0, 0x0b];
export const when = (condition: Code, code: Code): Code => [condition, 0x04, 0x40, code, 0x0b];
export const drop = 0x1a;
export const finish = 0x0f;
export const unreachable = 0x00;
export const op = {
  i32Add: 0x6a,
  i32Subtract: 0x6b,
  i32IsZero: 0x45,
  i32Equal: 0x46,
  i64Add: 0x7c,
  i64Or: 0x84,
  i64ShiftLeft: 0x86,
  i64Extend: 0xad,
  memoryGrow: [0x40, 0],
  memoryFill: [0xfc, 11, 0],
  memoryCopy: [0xfc, 10, 0, 0],
  globalGet: [0x23, 0],
  globalSet: [0x24, 0],
} as const;

/** Room for the rows at a fixed address. */
export const ALLOCATE: { readonly allocate: readonly [Signature, Code] } = {
  allocate: ["i>i", i32(4096)],
};

/** An address and a length as a map gives them. */
export function packed(address: Code, length: Code): Code {
  const high = [address, op.i64Extend, i64(32), op.i64ShiftLeft];
  return [high, length, op.i64Extend, op.i64Or];
}
