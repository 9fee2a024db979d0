/**
 * The official vectors of draft-irtf-cfrg-vdaf-20 and draft-ietf-ppm-l1-bound-sum, and that a
 * changed vector fails.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runVector } from "./vectors.ts";

declare global {
  interface ImportMeta {
    /** Vite's: the files' texts by path, in Node and in the browser. */
    glob(pattern: string, options: object): Record<string, string>;
  }
}

const FILES = import.meta.glob("../../../vectors/vdaf/**/*.json", {
  eager: true,
  import: "default",
  query: "?raw",
});
const VECTORS = Object.entries(FILES).map(([path, text]) => ({
  name: path.slice(path.lastIndexOf("/") + 1),
  text,
}));
const SUPPORTED = VECTORS.filter(({ name }) => !name.startsWith("Mastic"));

test("has the files of both drafts", () => {
  expect(VECTORS.length).toBe(35 + 1 + 9);
  expect(SUPPORTED.length).toBe(35 + 1);
});

describe.each(SUPPORTED)("$name", ({ name, text }) => {
  test("passes", () => {
    expect(runVector(name, text)).toEqual({ verdict: "passed" });
  });
});

/** A negative vector does not use all that it states: what is refused anyway may change unseen. */
const POSITIVE = SUPPORTED.filter(({ name }) => !name.includes("_bad_"));

describe.each(POSITIVE)("$name", ({ name, text }) => {
  test("fails when a digit of any of its values changes", () => {
    const digits = hexDigits(text);
    fc.assert(
      fc.property(fc.nat(digits.length - 1), (index) => {
        const at = digits[index] ?? 0;
        const other = text[at] === "1" ? "2" : "1";
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        expect(runVector(name, changed).verdict).toBe("failed");
      }),
      { numRuns: text.length > 50_000 ? 10 : 40 },
    );
  });
});

/** Positions of all hex digits within the file's byte strings. */
function hexDigits(text: string): number[] {
  return [...text.matchAll(/"((?:[0-9a-f]{2}){4,})"/g)].flatMap((match) => {
    return Array.from(match[1] ?? "", (_, i) => match.index + 1 + i);
  });
}

describe("a file that is not what it seems", () => {
  const original = VECTORS.find(({ name }) => name === "Prio3Histogram_0.json")?.text ?? "{}";
  const changed = (change: (file: Record<string, unknown>) => void): string => {
    const file = JSON.parse(original) as Record<string, unknown>;
    change(file);
    return JSON.stringify(file);
  };
  const verdictOf = (text: string): string => runVector("Prio3Histogram_0.json", text).verdict;

  test.each<[string, (file: Record<string, unknown>) => void]>([
    ["too long", (file) => Object.assign(file, { length: 5 })],
    ["impossibly long", (file) => Object.assign(file, { length: 2 ** 52 })],
    ["of no length", (file) => Object.assign(file, { length: 0 })],
    ["of a fractional length", (file) => Object.assign(file, { length: 4.5 })],
    ["chunked otherwise", (file) => Object.assign(file, { chunk_length: 3 })],
    ["shared otherwise", (file) => Object.assign(file, { shares: 3 })],
    ["without operations", (file) => Object.assign(file, { operations: [] })],
    ["without its last operation", (file) => (file["operations"] as unknown[]).pop()],
    ["with another result", (file) => Object.assign(file, { agg_result: [0, 1, 0, 0] })],
    ["with a result of strings", (file) => Object.assign(file, { agg_result: "0010" })],
    ["without reports", (file) => Object.assign(file, { reports: [] })],
    ["with null for reports", (file) => Object.assign(file, { reports: null })],
    ["without a key", (file) => Reflect.deleteProperty(file, "verify_key")],
    ["with an aggregation parameter", (file) => Object.assign(file, { agg_param: "00" })],
  ])("fails: %s", (_, change) => {
    expect(verdictOf(changed(change))).toBe("failed");
  });

  test("fails when an operation's success is turned around", () => {
    const count = (JSON.parse(original) as { operations: unknown[] }).operations.length;
    for (let index = 0; index < count; index++) {
      const text = changed((file) => {
        const operations = file["operations"] as { success: boolean }[];
        Object.assign(operations[index] ?? {}, { success: false });
      });
      expect(verdictOf(text)).toBe("failed");
    }
  });

  test("fails, never throws, whatever the text is", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom("", "null", "[]", "{}", "1e999"),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(verdictOf(text)).toBe("failed");
      }),
    );
    expect(runVector("unknown.json", original).verdict).toBe("failed");
  });

  test("names what is not supported", () => {
    expect(runVector("MasticCount_0.json", "{}").verdict).toBe("skipped");
    expect(runVector("MasticCount_0.json", "{").verdict).toBe("failed");
  });
});
