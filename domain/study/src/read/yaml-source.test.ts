import { describe, expect, test } from "vitest";
import { type Problem, parseStudy } from "../index.ts";
import { manifestWith } from "../testing.ts";

function problemsOf(text: string): readonly Problem[] {
  const reading = parseStudy(text);
  return reading.ok ? [] : reading.problems;
}

describe("what YAML could do and a manifest must not", () => {
  test.each<[string, string, RegExp]>([
    ["nothing", "", /a study as a mapping, got nothing/],
    ["a list", "[1, 2]", /a study as a mapping, got a list of 2/],
    ["a key twice", `${manifestWith({})}title: again\n`, /each key once, got "title" again/],
    ["an alias", manifestWith({ title: "&t Hours", purpose: "*t" }), /no anchor/],
    ["an alias bomb", `a: &a [x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n`, /no anchor/],
    ["a tag", manifestWith({ title: "!!str Hours" }), /no tag/],
    ["a tag of one's own", manifestWith({ title: "!eval Hours" }), /Unresolved tag/],
    ["a directive", `%YAML 1.1\n---\n${manifestWith({})}`, /no %YAML directive/],
    ["two documents", `${manifestWith({})}---\n${manifestWith({})}`, /multiple documents/],
    ["a number as key", `${manifestWith({})}12: x\n`, /text as a key/],
    ["a list as key", `${manifestWith({})}? [a]\n: x\n`, /text as a key/],
    [
      "an infinite number",
      manifestWith({ privacy: "{ epsilon: .inf, delta: 0, people_min: 9 }" }),
      /finite number/,
    ],
    [
      "no number",
      manifestWith({ privacy: "{ epsilon: .nan, delta: 0, people_min: 9 }" }),
      /finite number/,
    ],
    ["a lost bracket", manifestWith({ needs: "{ census: [age" }), /expected YAML/],
    [
      "a hundred levels",
      manifestWith({ needs: `${"[".repeat(100)}${"]".repeat(100)}` }),
      /12 levels/,
    ],
    ["thirty thousand levels", "[".repeat(30_000), /12 levels/],
    ["thirty thousand dashes", "- ".repeat(30_000), /12 levels/],
    ["too much text", `# ${"x".repeat(300_000)}`, /at most 262144 characters, got 300002/],
    ["a key named __proto__", `${manifestWith({})}__proto__: { title: x }\n`, /got "__proto__"/],
  ])("%s", (_, text, message) => {
    const problems = problemsOf(text);
    expect(problems.map((problem) => problem.message).join("\n")).toMatch(message);
    for (const { remedy, line, column } of problems) {
      expect(remedy).not.toBe("");
      expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
    }
  });

  test("twenty thousand keys are read in good time", () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join("\n");
    expect(problemsOf(keys)).toHaveLength(100);
  });
});
