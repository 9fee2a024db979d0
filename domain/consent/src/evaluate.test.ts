import { array, assert, constantFrom, double, property, record, subarray } from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConsentRequest } from "./consent-request.ts";
import { type ConsentRule, evaluateConsent } from "./index.ts";

const STUDY = "ab".repeat(32);
const request: ConsentRequest = {
  study: STUDY,
  series: null,
  commissioner: "did:key:zHospital",
  purpose: "Public health statistics, published openly",
  needs: [
    { collection: "body", columns: ["height", "weight"] },
    { collection: "lab", columns: ["cholesterol"] },
  ],
  tells: [],
  epsilon: 1,
  peopleMin: 100,
};
const yes: ConsentRule = { name: "all", effect: "allow" };
const effectOf = (...rules: ConsentRule[]): string => evaluateConsent(rules, request).effect;

describe("no rule means no", () => {
  test("without rules, and without a rule that allows", () => {
    expect(evaluateConsent([], request)).toEqual({
      effect: "deny",
      rule: null,
      reason: "you have no rule that allows anything, and no rule means no",
    });
    expect(effectOf({ name: "no trackers", effect: "deny", reads: { gps: "*" } })).toBe("deny");
  });

  test("whatever rules there are, a yes names an allowing rule that covers every column", () => {
    const reads = record({
      body: subarray(["height", "weight", "age"]),
      lab: constantFrom("*" as const, ["cholesterol"], ["glucose"], []),
    });
    const someRule = record(
      {
        name: constantFrom("a", "b"),
        effect: constantFrom("allow", "ask", "deny"),
        studies: constantFrom([STUDY], ["cd"], []),
        commissioners: constantFrom(["did:key:zHospital"], ["did:key:zOther"], []),
        purposes: constantFrom(["HEALTH"], ["advertising"], []),
        reads,
        epsilonMax: double({ min: 0, max: 2 }),
        peopleMin: constantFrom(10, 100, 1000),
      },
      { requiredKeys: ["name", "effect"] },
    ).map((rule) => rule as ConsentRule);
    assert(
      property(array(someRule, { maxLength: 5 }), (rules) => {
        const { effect } = evaluateConsent(rules, request);
        if (effect !== "allow") return;
        const allowing = rules.flatMap((rule) => (rule.effect === "allow" ? [rule] : []));
        expect(
          allowing.some(
            (rule) =>
              (rule.epsilonMax ?? 1) >= 1 &&
              (rule.peopleMin ?? 100) <= 100 &&
              (rule.commissioners ?? ["did:key:zHospital"]).includes("did:key:zHospital") &&
              (rule.studies ?? [STUDY]).includes(STUDY) &&
              (rule.reads === undefined ||
                (["height", "weight"].every((name) => rule.reads?.["body"]?.includes(name)) &&
                  ["*", "cholesterol"].some((name) => rule.reads?.["lab"]?.includes(name)))),
          ),
        ).toBe(true);
        // A denial that meets everything turns any yes into a no.
        expect(effectOf(...rules, { name: "pause", effect: "deny" })).toBe("deny");
      }),
    );
  });
});

describe("an allowing rule covers", () => {
  const allow = (scope: Partial<ConsentRule>): string =>
    effectOf({ ...yes, ...scope } as ConsentRule);

  test("whom and what it names", () => {
    expect(allow({ commissioners: ["did:key:zHospital"] })).toBe("allow");
    expect(allow({ commissioners: ["did:key:zOther"] })).toBe("deny");
    expect(allow({ purposes: ["advertising", "public health"] })).toBe("allow");
    expect(allow({ purposes: ["advertising"] })).toBe("deny");
    expect(allow({ purposes: [] })).toBe("deny");
  });

  test("all columns that are read, or nothing", () => {
    expect(allow({ reads: { body: "*", lab: ["cholesterol", "glucose"] } })).toBe("allow");
    expect(allow({ reads: { body: ["height"], lab: "*" } })).toBe("deny");
    expect(allow({ reads: { body: "*" } })).toBe("deny");
    const { reason } = evaluateConsent(
      [{ ...yes, reads: { body: ["height"], lab: "*" } }],
      request,
    );
    expect(reason).toBe(
      'your rule "all" does not allow it, since the study also reads body.weight',
    );
  });

  test("up to its epsilon, from its number of people on", () => {
    expect(allow({ epsilonMax: 1 })).toBe("allow");
    expect(allow({ epsilonMax: 0.999 })).toBe("deny");
    expect(allow({ peopleMin: 100 })).toBe("allow");
    expect(allow({ peopleMin: 101 })).toBe("deny");
  });

  test("collections by their own names alone", () => {
    const odd = { ...request, needs: [{ collection: "constructor", columns: ["name"] }] };
    expect(evaluateConsent([{ ...yes, reads: {} }], odd).effect).toBe("deny");
    const denies: ConsentRule = { name: "no", effect: "deny", reads: {} };
    expect(evaluateConsent([yes, denies], odd).effect).toBe("allow");
  });
});

describe("a study that does not admit everybody", () => {
  const telling = { ...request, tells: [{ collection: "body", columns: ["age"] }] };
  const effect = (...rules: ConsentRule[]): string => evaluateConsent(rules, telling).effect;

  test("is covered by a standing rule only when that allows what taking part tells", () => {
    expect(evaluateConsent([yes], telling)).toMatchObject({
      effect: "deny",
      reason: 'your rule "all" does not allow it, since taking part tells something of body',
    });
    expect(effect({ ...yes, tells: { body: ["weight"] } })).toBe("deny");
    expect(effect({ ...yes, tells: { body: ["age"] } })).toBe("allow");
    expect(effect({ ...yes, tells: { body: "*" } })).toBe("allow");
    expect(effect({ ...yes, reads: { body: "*", lab: "*" } })).toBe("deny");
  });

  test("may be asked about, and agreed to by itself", () => {
    expect(effect({ name: "ask", effect: "ask" })).toBe("ask");
    expect(effect({ name: "answer", effect: "allow", studies: [STUDY] })).toBe("allow");
  });
});

test("an answer about a series is one about each of its occurrences", () => {
  const series = "ef".repeat(32);
  const answer: ConsentRule = { name: "all four", effect: "allow", studies: [series] };
  const one = { ...request, series };
  expect(evaluateConsent([answer], one).effect).toBe("allow");
  expect(evaluateConsent([answer], request).effect).toBe("deny");
  const notThis: ConsentRule = { name: "not this", effect: "deny", studies: [STUDY] };
  expect(evaluateConsent([answer, notThis], one).effect).toBe("deny");
});

describe("between rules", () => {
  const ask: ConsentRule = { name: "ask me", effect: "ask", reads: { body: "*", lab: "*" } };
  const answered: ConsentRule = { name: "answer", effect: "allow", studies: [STUDY] };
  const denyWeight: ConsentRule = { name: "weight", effect: "deny", reads: { body: ["weight"] } };

  test("denying beats all others, in any order", () => {
    expect(effectOf(yes, ask, answered, denyWeight)).toBe("deny");
    expect(effectOf(denyWeight, answered, yes)).toBe("deny");
    expect(evaluateConsent([yes, denyWeight], request).reason).toBe('your rule "weight" says no');
  });

  test("denying one collection leaves the others", () => {
    expect(effectOf(yes, { name: "gps", effect: "deny", reads: { gps: "*" } })).toBe("allow");
    const other: ConsentRule = { ...denyWeight, commissioners: ["did:key:zOther"] };
    expect(effectOf(yes, other)).toBe("allow");
  });

  test("asking beats allowing, until the person has answered about this study", () => {
    expect(effectOf(yes, ask)).toBe("ask");
    expect(effectOf(yes, ask, answered)).toBe("allow");
    expect(effectOf(ask, { ...answered, studies: ["cd"] })).toBe("ask");
    expect(effectOf(ask, { name: "no", effect: "deny", studies: [STUDY] })).toBe("deny");
  });
});
