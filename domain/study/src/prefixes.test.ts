import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalStudy,
  checkStudy,
  createTally,
  estimateStudy,
  lowerStudy,
  MapTypeError,
  parseStudy,
  type Study,
} from "./index.ts";
import { deepestChain } from "./prefixes.ts";
import { manifestWith } from "./testing.ts";

function study(candidates: readonly unknown[], group = "", column = "word"): Study {
  const reading = parseStudy(
    manifestWith({
      map: "{ language: sql, source: SELECT * FROM census }",
      result: `{ ${group} measures: { words: { prefixes: ${column}, candidates: ${JSON.stringify(candidates)} } } }`,
    }),
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.study;
}

const piece = fc.string({ unit: fc.constantFrom("a", "b", "ü", "😀"), minLength: 1, maxLength: 4 });

test("people count once for every candidate that their text begins with", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(piece, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.option(piece), fc.constantFrom("x", "y", "z")), { maxLength: 40 }),
      (candidates, people) => {
        const plan = lowerStudy(study(candidates, "group: { g: [x, y] },"));
        const tally = createTally(plan);
        for (const [word, g] of people) tally.add(plan.encode({ word, g }));
        for (const { group, bin, estimate } of estimateStudy(plan, tally.aggregates(), {
          noised: false,
        })) {
          const counted = people.filter(
            ([word, g]) => g === group?.["g"] && word?.startsWith(bin ?? "?") === true,
          );
          expect(estimate).toBe(counted.length);
        }
      },
    ),
  );
});

describe("the encoding", () => {
  test("is one-hot while no candidate begins with another, else k-hot", () => {
    const [apart] = lowerStudy(study(["tea", "ten", "inn"])).tasks;
    expect(apart?.vdaf).toEqual({ kind: "histogram", length: 4 });
    expect(apart?.sensitivity).toEqual({ l1: 2n, l2Squared: 2n });
    const [nested] = lowerStudy(study(["t", "te", "tea", "inn"])).tasks;
    expect(nested?.vdaf).toEqual({ kind: "multihotCountVec", length: 4, maxWeight: 3 });
    expect(nested?.sensitivity).toEqual({ l1: 4n, l2Squared: 4n });
    expect(deepestChain(["a", "ab", "b", "abc", "ac"])).toBe(3);
  });

  test("says what Poplar1 would take, whichever is smaller", () => {
    const reasonOf = (candidates: readonly string[]): string =>
      checkStudy(study(candidates)).tasks[0]?.reason ?? "";
    expect(reasonOf(["tea", "ten"])).toMatch(
      /^one candidate fits; all are declared: \d+ bytes, where Poplar1 of 24 bits takes \d+$/,
    );
    const many = Array.from({ length: 5_000 }, (_, index) => String(10_000 + index));
    expect(reasonOf(many)).toMatch(/bytes; Poplar1 of 40 bits would take \d+, but studies do not/);
    expect(reasonOf(["t", "te"])).toMatch(/^a text begins with up to 2 candidates/);
  });
});

test("the order of candidates has no meaning", () => {
  expect(canonicalStudy(study(["b", "a"]))).toBe(canonicalStudy(study(["a", "b"])));
});

test("a number is no text", () => {
  expect(() => lowerStudy(study(["a"])).encode({ word: 5 })).toThrow(MapTypeError);
  expect(() => lowerStudy(study(["a"])).encode({})).toThrow(MapTypeError);
});

test.each([
  ["[]", "candidates", /at least one candidate, got none/],
  ["[a, b, a]", "candidates[2]", /each candidate once, got "a" again/],
  ["[1]", "candidates[0]", /as text, got 1/],
  ["['']", "candidates[0]", /got an empty text/],
  ["{ a: 1 }", "candidates", /as a list/],
])("%s is refused in words", (candidates, field, message) => {
  const reading = parseStudy(
    manifestWith({
      map: "{ language: sql, source: SELECT * FROM census }",
      result: `{ measures: { words: { prefixes: word, candidates: ${candidates} } } }`,
    }),
  );
  const [problem] = reading.ok ? [] : reading.problems;
  expect(problem?.path).toBe(`result.measures.words.${field}`);
  expect(problem?.message).toMatch(message);
});
