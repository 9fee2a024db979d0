/**
 * Goal: no text, however strange, makes the parser throw, hang, or accept nonsense silently. Method:
 * good manifests with characters, lines and values changed at random, and texts from nothing.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalStudy, checkStudy, describeConsent, lowerStudy, parseStudy } from "../index.ts";
import {
  CHOLESTEROL_MANIFEST,
  DEPRESSION_MANIFEST,
  DIABETES_MANIFEST,
  HEXAGONS_MANIFEST,
  INSURANCE_MANIFEST,
  PLACES_MANIFEST,
  WAITING_MANIFEST,
} from "../testing.ts";

const MANIFESTS = [
  CHOLESTEROL_MANIFEST,
  DEPRESSION_MANIFEST,
  DIABETES_MANIFEST,
  PLACES_MANIFEST,
  HEXAGONS_MANIFEST,
  INSURANCE_MANIFEST,
  WAITING_MANIFEST,
  `${CHOLESTEROL_MANIFEST}eligible: { where: { demographics: { RIDAGEYR: { min: 18, max: 65 }, RIAGENDR: [1, 2] } } }\nwindow: { opens: 2026-10-01, closes: 2026-10-05, every: week, times: 4 }\n`,
];

/** What must hold of any text: problems with all their parts, or a study that can be used. */
function examine(text: string): void {
  const reading = parseStudy(text);
  if (reading.ok) {
    const plan = lowerStudy(reading.study);
    expect(plan.encode(null)).toHaveLength(plan.tasks.length);
    const report = checkStudy(reading.study);
    const statements = report.eligible === null ? 11 : 12;
    expect(describeConsent(reading.study)).toHaveLength(statements);
    expect(Number.isFinite(report.uploadBytes)).toBe(true);
    // Its canonical form means the same.
    const canonical = canonicalStudy(reading.study);
    const again = parseStudy(canonical);
    expect(again.ok && canonicalStudy(again.study)).toBe(canonical);
    return;
  }
  expect(reading.problems.length).toBeGreaterThan(0);
  for (const { line, column, path, message, remedy } of reading.problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(path.length).toBeLessThan(1_000);
    expect(message.length).toBeLessThan(1_000);
    expect(remedy).not.toBe("");
    expect(remedy.length).toBeLessThan(1_000);
    expect(`${path}${message}${remedy}`).not.toMatch(/\p{Cc}/u);
  }
}

const good = fc.constantFrom(...MANIFESTS);

test("any text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), examine), { numRuns: 300 });
});

test.each([
  ["a block's header", "title: |\u001b[2J\n  x\n"],
  ["a tag", "title: !<\u001b[2J> x\n"],
  ["an anchor", "title: &\u001b[2J x\n"],
  ["a key, twice", '"\\e[2J": 1\n"\\e[2J": 2\n'],
  ["a long anchor", `title: &${"a".repeat(5_000)} x\n`],
  ["a key nobody knows", '"\\e[2J": { "\\0": 1 }\n'],
])("no problem passes on a control character of %s", (_, text) => {
  expect(parseStudy(text).ok).toBe(false);
  examine(text);
});

test("good manifests with some text replaced", () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      ":",
      "- ",
      "\n",
      "\t",
      '"',
      "'",
      "|",
      ">",
      "&a ",
      "*a",
      "!!set ",
      "? ",
      "#",
      "%",
      "---\n",
      "...\n",
      "<<: ",
      "null",
      "~",
      "true",
      "1e999",
      "-0",
      "0x10",
      ".inf",
      "\u0000",
      "\ud800",
      "\u2028",
      "\ufeff",
      "__proto__",
      "constructor",
    ),
  );
  fc.assert(
    fc.property(good, fc.nat(), fc.nat({ max: 12 }), piece, (text, at, removed, inserted) => {
      const start = at % text.length;
      examine(text.slice(0, start) + inserted + text.slice(start + removed));
    }),
    { numRuns: 2_000 },
  );
});

test("good manifests with lines dropped, doubled and moved", () => {
  const order = fc.array(fc.nat({ max: 25 }), { minLength: 3, maxLength: 30 });
  fc.assert(
    fc.property(good, order, (text, chosen) => {
      const lines = text.split("\n");
      examine(chosen.map((index) => lines[index % lines.length]).join("\n"));
    }),
    { numRuns: 500 },
  );
});

test("good manifests with values of other types", () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.integer(),
    fc.string({ maxLength: 8 }),
    fc.constant([]),
    fc.constant({}),
    fc.array(fc.integer(), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 4 }), fc.integer(), { maxKeys: 3 }),
  );
  fc.assert(
    fc.property(good, fc.nat(), value, (text, at, replacement) => {
      const reading = parseStudy(text);
      if (!reading.ok) throw new Error("the examples are good");
      const tree: unknown = JSON.parse(canonicalStudy(reading.study));
      const places = placesIn(tree);
      const place = places[at % places.length];
      if (place !== undefined) place.holder[place.key] = replacement;
      examine(JSON.stringify(tree));
    }),
    { numRuns: 1_500 },
  );
});

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesIn(tree: unknown): Place[] {
  if (typeof tree !== "object" || tree === null) return [];
  const holder = tree as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}
