import { defined } from "@sumus/assert";
import { aggregationOf, isPoplar1 } from "@sumus/dap";
import { createParties, runAll, seededRandomBytes, withAggParam } from "@sumus/dap/testing";
import { isPrintable } from "@sumus/document";
import { sampleNoise, standardDeviation } from "@sumus/dp";
import { createPoplar1, createPrio3 } from "@sumus/vdaf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalStudy,
  checkStudy,
  createTally,
  estimateStudy,
  lowerStudy,
  type MapRow,
  MapTypeError,
  parseStudy,
  type Study,
} from "../index.ts";
import { manifestWith } from "../testing.ts";
import { bitsFor, packPlace, unpackPlace } from "./numbered-places.ts";
import { deepestChain } from "./prefixes.ts";
import { reportBytes } from "./report-bytes.ts";

function study(
  candidates: readonly unknown[],
  group = "",
  more: Parameters<typeof manifestWith>[0] = {},
): Study {
  const reading = parseStudy(
    manifestWith({
      ...more,
      map: "{ language: sql, source: SELECT * FROM census }",
      result: `{ ${group} measures: { words: { prefixes: word, candidates: ${JSON.stringify(candidates)} } } }`,
    }),
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.study;
}

/** Candidates of which none begins another. */
function numbered(count: number): readonly string[] {
  const first = 10 ** String(count).length;
  return Array.from({ length: count }, (_, index) => String(first + index));
}

/** Whether a manifest takes it as it is, and no other nor a number begins it or is begun by it. */
function isCandidate(word: string, others: readonly string[]): boolean {
  const isApart = others.every(
    (other) => other === word || !(other.startsWith(word) || word.startsWith(other)),
  );
  return isApart && isPrintable(word) && word.trim() === word && !/^\d/.test(word);
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

  test("is Poplar1 where it takes half the bytes at most, and says so", () => {
    const encodingOf = (count: number): string => {
      const { uploadBytes, tasks } = checkStudy(study(numbered(count)));
      const [task] = tasks;
      expect(uploadBytes).toBe(task?.reportBytes);
      return `${task?.encoding}: ${task?.reason}`;
    };
    expect(encodingOf(2)).toBe(
      "Prio3Histogram(length 3): a text begins with one candidate: 504 bytes; the 585 of Poplar1 are not worth a second round of the nodes",
    );
    expect(encodingOf(1_000)).toBe(
      "Poplar1(11 bits, 1000 prefixes): a text begins with one candidate, sent as its number: 1,099 bytes, where a histogram takes 18,392",
    );
    expect(encodingOf(16_384)).toMatch(/^Poplar1\(16 bits, 16384 prefixes\)/);
    expect(encodingOf(16_385)).toMatch(
      /^Prio3Histogram\(length 16386\): .* the [\d,]+ of Poplar1 would take too much of the nodes' time$/,
    );
  });

  test("stays a histogram while Poplar1 takes more than half its bytes: task ids do not change", () => {
    expect(lowerStudy(study(numbered(53))).tasks[0]?.vdaf.kind).toBe("histogram");
    expect(lowerStudy(study(numbered(54))).tasks[0]?.vdaf.kind).toBe("poplar1");
    for (let count = 1; count < 300; count++) {
      const [task] = lowerStudy(study(numbered(count))).tasks;
      const plain = reportBytes(createPrio3({ kind: "histogram", length: count + 1 }));
      const short = reportBytes(createPoplar1(bitsFor(count)));
      expect(task?.vdaf.kind).toBe(2 * short > plain ? "histogram" : "poplar1");
    }
  });

  test("takes candidates of any lengths, but not of which some begin others", () => {
    const apart = [...numbered(500), "a", "bcdefghijklm", "ü", "😀"];
    expect(lowerStudy(study(apart)).tasks[0]?.vdaf).toEqual({ kind: "poplar1", bits: 10 });
    const { tasks } = checkStudy(study([...apart, "ab"]));
    expect(tasks[0]?.encoding).toMatch(/^Prio3MultihotCountVec/);
    expect(tasks[0]?.reason).toBe(
      "a text begins with up to 2 candidates, of which Poplar1 could count one",
    );
  });
});

describe("in Poplar1", () => {
  const sent = (candidates: readonly string[]) => {
    const plan = lowerStudy(study(candidates, "group: { g: [x, y] },"));
    const task = defined(plan.tasks[0], "a study has a task");
    expect(task.vdaf.kind).toBe("poplar1");
    const parties = createParties(task.vdaf, { aggParam: task.aggParam });
    return { plan, task, parties: withAggParam(parties, task.aggParam) };
  };

  test("leader and helper count what plain counting counts, whatever people write", () => {
    const words = fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 2, maxLength: 6 }), {
      minLength: 1,
      maxLength: 4,
    });
    const people = fc.array(fc.tuple(fc.nat(9), fc.constantFrom("x", "y", "z", null)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(words, people, (written, rows) => {
        const apart = written.filter((word) => isCandidate(word, written));
        const candidates = [...numbered(60), ...apart];
        const { plan, parties } = sent(candidates);
        // Too short, exact, too long, of nobody, none at all.
        const texts = ["1", "1042", "10429", ...written, ...written.map((word) => `${word}1`)];
        const people = rows.map(([at, g]): MapRow => ({ g, word: texts[at] ?? null }));
        const reports = people.map((row) =>
          parties.report(defined(plan.encode(row)[0], "a measurement a task")),
        );
        const { aggregate, reportCount } = runAll(parties, reports);
        expect(reportCount).toBe(people.length);
        for (const { group, bin, estimate } of estimateStudy(plan, [aggregate], {
          noised: false,
        })) {
          const counted = people.filter(
            ({ g, word }) =>
              g === group?.["g"] && typeof word === "string" && word.startsWith(bin ?? "?"),
          );
          expect(estimate).toBe(counted.length);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("noise of both nodes goes in, and sums below zero come out", () => {
    const { plan, task, parties } = sent(numbered(2_000));
    const { vdaf } = aggregationOf(parties.task, task.aggParam);
    const randomBytes = seededRandomBytes("noise");
    const noise = () =>
      vdaf.encodeAggregate(sampleNoise(task.noise, vdaf.outputLength, randomBytes));
    const released = estimateStudy(plan, [vdaf.unshard([noise(), noise()], 0)], { noised: true });
    const sigma = Math.SQRT2 * standardDeviation(task.noise);
    const values = vdaf.unshard([noise(), noise()], 0).map((residue) => {
      return Number(residue > vdaf.fieldModulus / 2n ? residue - vdaf.fieldModulus : residue);
    });
    expect(values).toHaveLength(4_000);
    expect(values.some((value) => value < 0)).toBe(true);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan((8 * sigma) / Math.sqrt(values.length));
    // The fourth moment of a Gaussian is three times the square of its second.
    expect(Math.abs(square / sigma ** 2 - 1)).toBeLessThan(8 * Math.sqrt(2 / values.length));
    expect(released.every(({ suppressed }) => suppressed)).toBe(true);
  });

  test.each([
    ["1e-9", "gaussian"],
    ["0", "laplace"],
  ])("needs the noise of a histogram, with delta %s", (delta, kind) => {
    const privacy = `{ epsilon: 1, delta: ${delta}, people_min: 200 }`;
    const [many] = lowerStudy(study(numbered(100), "", { privacy })).tasks;
    const [few] = lowerStudy(study(numbered(10), "", { privacy })).tasks;
    expect([few?.vdaf.kind, many?.vdaf.kind]).toEqual(["histogram", "poplar1"]);
    expect(many?.noise).toEqual(few?.noise);
    expect(many?.noise.kind).toBe(kind);
    expect(many?.sensitivity).toEqual({ l1: 2n, l2Squared: 2n });
  });

  test("ten thousand candidates are counted exactly", () => {
    const { plan, parties } = sent(numbered(5_000));
    const rows: MapRow[] = [
      { g: "x", word: "10000" },
      { g: "y", word: "14999 and more" },
      { g: "y", word: "14999" },
      { g: "z", word: "14999" },
    ];
    const reports = rows.map((row) => parties.report(plan.encode(row)[0] ?? 0));
    const { aggregate } = runAll(parties, reports);
    expect(aggregate).toHaveLength(10_000);
    const found = estimateStudy(plan, [aggregate], { noised: false }).filter(
      ({ estimate }) => estimate !== 0,
    );
    expect(found.map(({ group, bin, estimate }) => [group?.["g"], bin, estimate])).toEqual([
      ["x", "10000", 1],
      ["y", "14999", 2],
    ]);
  });

  test("everybody's report is as long, and only declared places are asked for", () => {
    const { plan, task, parties } = sent(numbered(100));
    const rows: (MapRow | null)[] = [
      null,
      { g: null, word: "1000" },
      { g: "x", word: null },
      { g: "x", word: "1000" },
      { g: "y", word: "1099".repeat(1000) },
    ];
    const lengths = rows.map((row) => parties.report(plan.encode(row)[0] ?? 0).length);
    expect(new Set(lengths).size).toBe(1);
    const { vdaf } = parties.task;
    if (!isPoplar1(vdaf)) throw new TypeError("expected Poplar1");
    const { level, prefixes } = vdaf.decodeAggParam(task.aggParam);
    // The last bit is not looked at, so that leaves and their wider field stay out of it.
    expect(level).toBe(vdaf.bits - 2);
    const places = prefixes.map((prefix) => unpackPlace(prefix, vdaf.bits));
    expect(places).toEqual(Array.from({ length: 200 }, (_, place) => place));
    const nobodys = plan.encode(null)[0];
    expect(nobodys instanceof Uint8Array && unpackPlace(nobodys, vdaf.bits)).toBe(200);
  });
});

test("a place is what it was packed as, for any number of places", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16_384 }), fc.nat(), (places, drawn) => {
      const bits = bitsFor(places);
      const place = drawn % (places + 1);
      expect(unpackPlace(packPlace(place, bits), bits)).toBe(place);
    }),
  );
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
