/**
 * The meter, on modules put together by hand: what is counted, that it is counted alike on every
 * machine (fixed numbers, in Node and in Chromium), and that nothing runs unpaid.
 */
import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { MapStop } from "../map-run.ts";
import { METER_EXPORTS, meterModule } from "./meter-module.ts";
import {
  assembleBytes,
  type Code,
  call,
  drop,
  finish,
  forever,
  i32,
  local,
  op,
  setLocal,
  type TestModule,
  unreachable,
  when,
} from "./testing.ts";

const FUEL = 10_000_000n;
const SLOTS = 32_768;

interface Ended {
  readonly result: unknown;
  readonly spent: bigint;
  readonly slotsLeft: number;
}

function runMetered(module: TestModule, values: readonly number[] = []): Ended {
  const metered = meterModule(assembleBytes(module));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes));
  const fuel = exports[METER_EXPORTS.fuel] as WebAssembly.Global<"i64">;
  const stack = exports[METER_EXPORTS.stack] as WebAssembly.Global<"i32">;
  fuel.value = FUEL;
  stack.value = SLOTS;
  let result: unknown;
  try {
    (exports[METER_EXPORTS.start] as (() => void) | undefined)?.();
    result = (exports["run"] as (...given: readonly number[]) => unknown)(...values);
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError)) throw error;
    result = "trapped";
  }
  return { result, spent: FUEL - fuel.value, slotsLeft: stack.value };
}

const one = (signature: `${string}>${string}`, code: Code): TestModule => ({
  functions: { run: [signature, code] },
});

/** Counts down from its parameter, and gives back how often it went round. */
const countdown: Code = [
  [0x03, 0x40],
  [local(1), i32(1), op.i32Add, setLocal(1)],
  [local(0), i32(1), op.i32Subtract, 0x22, 0],
  [0x0d, 0, 0x0b],
  local(1),
];

describe("the meter counts", () => {
  test("instructions, the function itself, and each round of a loop", () => {
    expect(runMetered(one(">i", i32(7)))).toEqual({ result: 7, spent: 2n, slotsLeft: SLOTS });
    expect(runMetered(one("i>i", countdown), [1]).spent).toBe(12n);
    expect(runMetered(one("i>i", countdown), [1001]).spent).toBe(12n + 1000n * 10n);
    expect(runMetered(one("i>i", countdown), [1001]).result).toBe(1001);
  });

  test("only the arm that is taken", () => {
    const code: Code = [local(0), 0x04, 0x7f, i32(1), i32(2), op.i32Add, 0x05, i32(5), 0x0b];
    expect(runMetered(one("i>i", code), [1])).toMatchObject({ result: 3, spent: 6n });
    expect(runMetered(one("i>i", code), [0])).toMatchObject({ result: 5, spent: 4n });
  });

  test("every byte that one instruction moves", () => {
    const fill: Code = [i32(0), i32(1), local(0), op.memoryFill, i32(0)];
    const module = { ...one("i>i", fill), memory: [16, 16] } as const;
    expect(runMetered(module, [0]).spent).toBe(15n);
    expect(runMetered(module, [1 << 20]).spent).toBe(15n + 65_536n);
    expect(runMetered(module, [2 ** 31]).result).toBe("trapped");
  });

  test("asking for memory", () => {
    const module = { ...one(">i", [i32(1), op.memoryGrow]), memory: [1, 2] } as const;
    expect(runMetered(module).spent).toBe(4098n);
  });

  test("a long stretch of dear instructions, to the last", () => {
    const asks = Array.from({ length: 1000 }, () => [i32(0), op.memoryGrow, drop]);
    const module: TestModule = { functions: { run: ["i>i", [asks, local(0)]] }, memory: [1, 1] };
    expect(runMetered(module).spent).toBe(2n + 1000n * 4098n);
  });

  test("what a module runs by itself", () => {
    const module: TestModule = {
      functions: { run: [">i", op.globalGet], init: [">", [i32(5), op.globalSet]] },
      global: 0,
      start: 1,
    };
    expect(runMetered(module)).toMatchObject({ result: 5, spent: 5n });
  });
});

describe("the meter ends", () => {
  const endless: readonly [name: string, code: Code][] = [
    ["an empty loop", forever([])],
    ["a loop that never repeats an instruction", forever([i32(1), drop])],
    ["a loop within a loop", forever([0x03, 0x40, local(0), 0x0d, 0, 0x0b])],
    ["a loop behind a branch", [0x02, 0x40, 0x0c, 0, 0x0b, forever([])]],
    ["memory that grows", forever([i32(0), op.memoryGrow, drop])],
    ["memory that is filled", forever([i32(0), i32(1), i32(65_536), op.memoryFill])],
  ];
  test.each(endless)("%s", (_, code) => {
    const { result, spent } = runMetered({
      functions: { run: ["i>i", [code, unreachable]] },
      memory: [1, 1],
    });
    expect(result).toBe("trapped");
    expect(spent).toBeGreaterThan(FUEL);
    expect(spent).toBeLessThan(FUEL + 10_000n);
  });

  test("calls within calls, before the engine does", () => {
    const deep = (code: Code): Ended =>
      runMetered({ functions: { run: [">i", code] }, memory: [1, 1] });
    expect(deep(call(0))).toMatchObject({ result: "trapped", slotsLeft: -7 });
    const wide = Array.from({ length: 1000 }, () => i32(1));
    const sum = Array.from({ length: 1000 }, () => op.i32Add);
    expect(deep([...wide, call(0), ...sum]).slotsLeft).toBeLessThan(0);
  });

  test("calls through a table", () => {
    const through: Code = [i32(0), 0x11, 0, 0];
    const module = { ...one(">i", through), tables: [[1, 1]] } as const;
    // Nothing is in the table: the call traps, and what the frame took is not given back.
    expect(runMetered(module)).toEqual({ result: "trapped", spent: 7n, slotsLeft: SLOTS - 19 });
  });

  test("a depth of calls that comes back gives back what it took", () => {
    const body = [
      when([local(0), 0x45], [i32(0), finish]),
      [local(0), i32(1), op.i32Subtract, call(0), i32(1), op.i32Add],
    ];
    const { result, slotsLeft } = runMetered({ functions: { run: ["i>i", body] } }, [1000]);
    expect({ result, slotsLeft }).toEqual({ result: 1000, slotsLeft: SLOTS });
  });
});

test("what is counted has an effect on nothing else", () => {
  // Programs of additions, conditions and bounded loops: with and without meter, the same result.
  const part = constantFrom<Code>(
    [local(0), i32(3), op.i32Add, setLocal(0)],
    [when(local(0), [local(0), i32(5), op.i32Subtract, setLocal(0)])],
    [0x02, 0x40, local(0), 0x0d, 0, local(1), i32(1), op.i32Add, setLocal(1), 0x0b],
    [local(1), i32(100), op.i32Add, setLocal(1)],
    [i32(64), local(1), 0x36, 2, 0],
    [i32(64), 0x28, 2, 0, setLocal(1)],
  );
  assert(
    property(part, part, part, part, integer({ min: -9, max: 9 }), (a, b, c, d, value) => {
      const code = [a, b, c, d, local(0), local(1), 0x73];
      const module = { ...one("i>i", code), memory: [1, 1] } as const;
      const plain = new WebAssembly.Instance(new WebAssembly.Module(assembleBytes(module)));
      const expected = (plain.exports["run"] as (given: number) => number)(value);
      const first = runMetered(module, [value]);
      expect(first.result).toBe(expected);
      expect(runMetered(module, [value])).toEqual(first);
    }),
  );
});

describe("the meter refuses", () => {
  const refused: readonly [name: string, module: TestModule][] = [
    ["a vector instruction", one(">", [0xfd, 12, ...Array.from({ length: 16 }, () => 0), drop])],
    ["a reference", one(">", [0xd0, 0x70, drop])],
    ["a table that grows", { ...one(">i", [0xd0, 0x70, i32(1), 0xfc, 15, 0]), tables: [[1]] }],
    ["an atomic instruction", one(">", [0xfe, 3, 0])],
    ["5,000 operands", one(">", [Array.from({ length: 5000 }, () => i32(0)), unreachable])],
  ];
  test.each(refused)("%s", (_, module) => {
    expect(() => meterModule(assembleBytes(module))).toThrow(MapStop);
  });

  test("bytes that are cut or changed, or meters them, and never fails otherwise", () => {
    const whole = assembleBytes({ ...one("i>i", countdown), memory: [1, 1], data: [[8, "text"]] });
    const at = integer({ min: 0, max: whole.length - 1 });
    assert(
      property(at, integer({ min: 0, max: 255 }), at, (place, byte, length) => {
        const changed = whole.slice();
        changed[place] = byte;
        for (const bytes of [changed, whole.subarray(0, length)]) {
          try {
            meterModule(bytes);
          } catch (error) {
            if (!(error instanceof MapStop || error instanceof RangeError)) throw error;
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});
