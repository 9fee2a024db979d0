/** Whom a study admits: how that is written, what it says, and what it tells. */
import { array, assert, constantFrom, double, integer, oneof, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Condition,
  canonicalStudy,
  checkStudy,
  completeStudy,
  describeConsent,
  diffStudies,
  disclosures,
  meetsCondition,
  parseStudy,
  type Study,
} from "./index.ts";
import { manifestWith } from "./testing.ts";

const WHERE = "{ census: { age: { min: 18, max: 65 }, hours: [40, 35] } }";

function read(eligible: string | undefined): ReturnType<typeof parseStudy> {
  return parseStudy(manifestWith({ eligible }));
}

function study(where: string | undefined): Study {
  const reading = read(where === undefined ? undefined : `{ where: ${where} }`);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.study;
}

const COMPLETION = {
  leader: "https://leader.example/",
  helper: "https://helper.example/",
  collector: "A".repeat(43),
  population: "test",
  window: { opens: 0, closes: 86_400 },
};

describe("conditions", () => {
  test("can be opened, and mean the same in any order", () => {
    const one = completeStudy(study(WHERE), COMPLETION);
    const other = completeStudy(
      study("{ census: { hours: [35, 40], age: { max: 65, min: 18 } } }"),
      COMPLETION,
    );
    expect(canonicalStudy(one)).toBe(canonicalStudy(other));
    expect(one.eligible?.where).toEqual([
      {
        collection: "census",
        conditions: [
          { kind: "range", column: "age", min: 18, max: 65 },
          { kind: "values", column: "hours", values: [35, 40] },
        ],
      },
    ]);
  });

  test.each([
    ["{ census: { age: { min: 65, max: 18 } } }", /expected min up to max, got 65 over 18/],
    ["{ census: { age: {} } }", /expected min, max or both, got neither/],
    ["{ census: { age: { least: 18 } } }", /a condition.*got "least"/],
    ["{ census: { age: [] } }", /expected at least one value/],
    ["{ census: { age: [18, b] } }", /expected values of one type/],
    ["{ census: { age: { min: .inf } } }", /expected a finite number/],
    ["{ census: { region: [CA] } }", /expected columns of needs, got census\.region/],
    ["{ visits: { age: [18] } }", /expected columns of needs, got visits\.age/],
    ["{ census: {} }", /expected 1 to 256 conditions, got 0/],
    ["{}", /expected 1 to 64 conditions, got 0/],
    ["[age]", /expected where as a mapping/],
    [
      `{ census: { age: [${Array.from({ length: 257 }, (_, index) => index).join(", ")}] } }`,
      /at most 256 items/,
    ],
  ])("%s is refused", (where, message) => {
    const reading = read(`{ where: ${where} }`);
    expect(reading.ok ? "" : reading.problems.map((each) => each.message).join("; ")).toMatch(
      message,
    );
  });

  test("hold for what lies between the bounds or in the list, and never for nothing", () => {
    const range: Condition = { kind: "range", column: "age", min: 18, max: 65 };
    expect([17.9, 18, 65, 65.1, null, "30"].map((value) => meetsCondition(range, value))).toEqual([
      false,
      true,
      true,
      false,
      false,
      false,
    ]);
    const listed: Condition = { kind: "values", column: "region", values: ["CA", "NV"] };
    expect(["CA", "ca", null, 1].map((value) => meetsCondition(listed, value))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("what taking part tells", () => {
  const told = "census has a row in which age is from 18 to 65 and hours is 35 or 40";

  test("is said to the person, to the commissioner, and of the leader", () => {
    const asked = study(WHERE);
    const consent = describeConsent(asked);
    expect(consent).toContainEqual({ heading: "Who may take part", text: `whose ${told}` });
    expect(consent.at(-1)?.text).toContain(`and that ${told}. No noise hides that.`);
    expect(disclosures(asked)[0]?.learns).toContain(told);
    expect(checkStudy(asked).eligible).toBe(told);
  });

  test("is not mentioned where everybody may take part", () => {
    expect(describeConsent(study(undefined)).map(({ heading }) => heading)).not.toContain(
      "Who may take part",
    );
    expect(checkStudy(study(undefined)).eligible).toBeNull();
  });
});

describe("what became of the conditions", () => {
  test.each([
    ["a condition more", undefined, "{ census: { age: { min: 18 } } }", "widened"],
    [
      "a closer bound",
      "{ census: { age: { min: 18 } } }",
      "{ census: { age: { min: 18, max: 65 } } }",
      "widened",
    ],
    ["a value less", "{ census: { age: [1, 2] } }", "{ census: { age: [1] } }", "widened"],
    [
      "values of a range",
      "{ census: { age: { min: 1 } } }",
      "{ census: { age: [1, 2] } }",
      "widened",
    ],
    [
      "another range",
      "{ census: { age: { max: 18 } } }",
      "{ census: { age: { min: 65 } } }",
      "changed",
    ],
  ] as const)("%s asks more, for it tells more", (_, before, after, direction) => {
    const forth = diffStudies(study(before), study(after));
    expect(forth.changes.map((change) => change.direction)).toEqual([direction]);
    expect(forth.needsConsent).toBe(true);
    const back = diffStudies(study(after), study(before));
    expect(back.needsConsent).toBe(direction === "changed");
  });

  test("widens nothing for those whom only the narrower condition admits", () => {
    const bound = oneof(integer({ min: -5, max: 5 }), constantFrom(null));
    const range = record({ min: bound, max: bound }).filter(({ min, max }) =>
      min === null ? max !== null : max === null || min <= max,
    );
    const listed = array(integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 3 });
    const condition = oneof(
      range,
      listed.map((values) => [...new Set(values)]),
    );
    const values = array(double({ min: -6, max: 6, noNaN: true }), { maxLength: 9 });
    assert(
      property(condition, condition, values, (one, other, ages) => {
        const strip = (each: object): object =>
          Object.fromEntries(Object.entries(each).filter(([, value]) => value !== null));
        const [before, after] = [one, other].map((each) =>
          study(`{ census: { age: ${JSON.stringify(Array.isArray(each) ? each : strip(each))} } }`),
        );
        if (before === undefined || after === undefined) throw new Error("expected two studies");
        const { changes } = diffStudies(before, after);
        const conditionOf = (of: Study): Condition | undefined =>
          of.eligible?.where[0]?.conditions[0];
        const [old, now] = [conditionOf(before), conditionOf(after)];
        if (old === undefined || now === undefined) throw new Error("expected two conditions");
        for (const age of [...ages, -5, -1, 0, 1, 5]) {
          // Stricter: whoever meets it met the other. Looser: the other way round.
          if (changes[0]?.direction === "widened" && meetsCondition(now, age))
            expect(meetsCondition(old, age)).toBe(true);
          if (changes[0]?.direction === "narrowed" && meetsCondition(old, age))
            expect(meetsCondition(now, age)).toBe(true);
        }
      }),
    );
  });
});
