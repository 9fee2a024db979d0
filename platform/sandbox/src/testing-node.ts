/**
 * One question in every language, for tests and benches: the age of a person, and the sum of the
 * steps of their days. The modules come from a compiler, as those of a commissioner would.
 *
 * @module
 */
import { compileString } from "assemblyscript/asc";
import type { MapLanguage } from "./map-run.ts";

const SQL = "SELECT (SELECT age FROM person) AS age, sum(steps) AS steps FROM days";

const JAVASCRIPT = `({ days, person }) => ({
  age: person[0]?.age ?? null,
  steps: days.reduce((sum, day) => sum + day.steps, 0),
})`;

/** AssemblyScript; `answer` takes the rows as text and gives the row. */
const ANSWER = `
function numberAt(text: string, start: i32): i32 {
  let value = 0;
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

function answer(text: string): string {
  let sum = 0;
  let at = text.indexOf('"steps":');
  while (at >= 0) {
    sum += numberAt(text, at + 8);
    at = text.indexOf('"steps":', at + 8);
  }
  const age = text.indexOf('"age":');
  const said = age < 0 ? "null" : numberAt(text, age + 6).toString();
  return '{"age":' + said + ',"steps":' + sum.toString() + "}";
}
`;

const WASM = `${ANSWER}
export function allocate(length: i32): usize {
  return heap.alloc(length);
}
export function map(address: usize, length: i32): i64 {
  const row = String.UTF8.encode(answer(String.UTF8.decodeUnsafe(address, length)));
  return ((changetype<usize>(row) as i64) << 32) | (row.byteLength as i64);
}
`;

const WASI = `${ANSWER}
@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(descriptor: i32, vectors: usize, count: i32, result: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(descriptor: i32, vectors: usize, count: i32, result: usize): i32;

export function _start(): void {
  const vector = heap.alloc(12);
  let size: u32 = 4096;
  let room = heap.alloc(size);
  let length: u32 = 0;
  while (true) {
    if (length == size) {
      const larger = heap.alloc(2 * size);
      memory.copy(larger, room, length);
      room = larger;
      size *= 2;
    }
    store<u32>(vector, room + length);
    store<u32>(vector + 4, size - length);
    if (fd_read(0, vector, 1, vector + 8) != 0) unreachable();
    if (load<u32>(vector + 8) == 0) break;
    length += load<u32>(vector + 8);
  }
  const row = String.UTF8.encode(answer(String.UTF8.decodeUnsafe(room, length)));
  store<u32>(vector, changetype<usize>(row));
  store<u32>(vector + 4, row.byteLength);
  if (fd_write(1, vector, 1, vector + 8) != 0) unreachable();
}
`;

const COMPILER = {
  runtime: "stub",
  optimizeLevel: 3,
  noAssert: true,
  initialMemory: 1,
  maximumMemory: 512,
  // The one import that the compiler adds by itself.
  use: ["abort="],
};

async function compile(source: string): Promise<string> {
  const { binary, error, stderr } = await compileString(source, COMPILER);
  if (binary !== null) return Buffer.from(binary).toString("base64");
  throw new Error(`expected a module, got ${stderr.toString()}`, { cause: error });
}

/** The source of the question in each language that can ask it. */
export async function stepsInEveryLanguage(): Promise<ReadonlyMap<MapLanguage, string>> {
  return new Map<MapLanguage, string>([
    ["sql", SQL],
    ["javascript", JAVASCRIPT],
    ["wasm", await compile(WASM)],
    ["wasi", await compile(WASI)],
  ]);
}
