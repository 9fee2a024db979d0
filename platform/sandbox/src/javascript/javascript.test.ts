/** What only maps in JavaScript have: a world of names, a language, and values of its own. */
import { assert, constantFrom, double, integer, oneof, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { createSandbox, type MapOutcome, type MapTable } from "../index.ts";

const sandbox = await createSandbox({ languages: ["javascript"] });

const days: MapTable = {
  columns: [
    { name: "day", type: "INTEGER" },
    { name: "note", type: "TEXT" },
  ],
  rows: Array.from({ length: 200 }, (_, index) => [index, `day ${index}`]),
};

const ask = (source: string): MapOutcome =>
  sandbox.run({ language: "javascript", source, tables: { days } });
const answer = (expression: string): unknown => {
  const outcome = ask(`({ days }) => ({ v: ${expression} })`);
  return outcome.ok ? outcome.row?.["v"] : outcome;
};

const NAMES =
  "AggregateError Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error " +
  "EvalError Float16Array Float32Array Float64Array Function Infinity Int16Array Int32Array " +
  "Int8Array InternalError Iterator JSON Map Math NaN Number Object Promise RangeError " +
  "ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError Uint16Array " +
  "Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakSet decodeURI decodeURIComponent " +
  "encodeURI encodeURIComponent escape eval globalThis isFinite isNaN parseFloat parseInt " +
  "undefined unescape";

test("a map's world has these names and no others", () => {
  expect(answer("Object.getOwnPropertyNames(globalThis).sort().join(' ')")).toBe(NAMES);
  expect(answer("Object.getOwnPropertySymbols(globalThis).map(String).join()")).toBe(
    "Symbol(Symbol.toStringTag)",
  );
});

describe("the language", () => {
  test.each<[expression: string, value: number | string | null]>([
    ["days.filter((d) => d.day % 2).length", 100],
    ["Object.keys(Object.groupBy(days, (d) => d.day % 3)).join()", "0,1,2"],
    ["new Set(days.map((d) => d.note.length)).size", 3],
    ["/(?<n>\\d+)$/.exec(days[7].note).groups.n", "7"],
    ["'\u00e4'.normalize('NFD').length", 2],
    ["days.at(-1)?.none ?? null", null],
    ["Number(10n ** 15n)", 1e15],
    ["[...days.map((d) => d.day)].toSorted((a, b) => b - a).slice(0, 2)", "[199,198]"],
    ["-0", 0],
  ])("%s", (expression, value) => {
    expect(answer(expression)).toBe(value);
  });

  test("statements may stand before the function", () => {
    const outcome = ask(
      "const two = 2; function twice(x) { return x * two; } () => ({ v: twice(21) })",
    );
    expect(outcome).toMatchObject({ row: { v: 42 } });
  });

  test("a number that cannot be counted on is refused, none is not", () => {
    expect(ask("() => undefined")).toMatchObject({ ok: true, row: null });
    expect(ask("() => ({ v: undefined })")).toMatchObject({ ok: true, row: {} });
    expect(ask("() => ({ v: [1, NaN] })")).toMatchObject({ ok: false, reason: "outputInvalid" });
  });

  test("a loop takes the same fuel every time and everywhere", () => {
    const fuelOf = (rounds: number): number | null => {
      const outcome = ask(`() => { for (let i = 0; i < ${rounds}; i++); return null; }`);
      return outcome.ok ? outcome.fuelSteps : null;
    };
    expect(fuelOf(100_000)).toBe(fuelOf(100_000));
    expect(fuelOf(100_000)).toMatchInlineSnapshot(`172618`);
  });
});

test("every value comes back as it was", () => {
  const number = oneof(
    integer(),
    integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    double({ noNaN: true, noDefaultInfinity: true }),
  );
  const text = string({ unit: oneof(constantFrom("\0", "\ud800", '"', "\\", "\u2028"), string()) });
  assert(
    property(number, text, (n, t) => {
      const columns = [
        { name: "n", type: "REAL" as const },
        { name: "t", type: "TEXT" as const },
        { name: "__proto__", type: "TEXT" as const },
      ];
      const outcome = sandbox.run({
        language: "javascript",
        source: "({ one: [row] }) => row",
        tables: { one: { columns, rows: [[n, t, null]] } },
      });
      if (!outcome.ok) throw new Error(outcome.message);
      expect(Object.entries(outcome.row ?? {})).toEqual([
        ["n", n + 0],
        ["t", t],
        ["__proto__", null],
      ]);
    }),
    { numRuns: 300 },
  );
});
