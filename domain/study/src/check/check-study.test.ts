import { describe, expect, test } from "vitest";
import {
  checkStudy,
  describeConsent,
  describeEpsilon,
  disclosures,
  parseStudy,
  type Study,
} from "../index.ts";
import {
  CHOLESTEROL_MANIFEST,
  DEPRESSION_MANIFEST,
  INSURANCE_MANIFEST,
  PLACES_MANIFEST,
  WAITING_MANIFEST,
} from "../testing.ts";

function study(text: string): Study {
  const reading = parseStudy(text);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.study;
}

describe("what a study will cost", () => {
  const report = checkStudy(study(CHOLESTEROL_MANIFEST), { people: 8_000 });

  test("tasks with their encodings, sensitivities and noise", () => {
    expect(report.tasks.map(({ encoding }) => encoding)).toEqual([
      "Prio3Histogram(length 7)",
      "Prio3L1BoundSum(length 12, max 220)",
      "Prio3Histogram(length 31)",
    ]);
    const [people, level] = report.tasks;
    expect(people?.sensitivityL1).toBe(2);
    expect(level?.sensitivityL2).toBeCloseTo(220 * Math.SQRT2, 9);
    // sigma^2 = 2 / (2 rho / 3), and rho(1, 1e-9) = 0.011781.
    expect(people?.sigmaNode).toBeCloseTo(Math.sqrt(3 / 0.011781160395), 4);
    expect(people?.sigmaTotal).toBeCloseTo(Math.sqrt(6 / 0.011781160395), 4);
  });

  test("bytes and work grow with people, the error of a mean falls, that of a count stays", () => {
    const more = checkStudy(study(CHOLESTEROL_MANIFEST), { people: 80_000 });
    expect(report.uploadBytes).toBe(report.tasks.reduce((sum, task) => sum + task.reportBytes, 0));
    expect(more.uploadBytes).toBe(report.uploadBytes);
    expect(more.node.receivedBytes).toBe(10 * report.node.receivedBytes);
    expect(more.node.cpuSeconds).toBeCloseTo(10 * report.node.cpuSeconds, 6);
    const errors = (each: typeof report): Map<string, number> =>
      new Map(each.measures.map(({ name, error }) => [name, error]));
    expect(errors(more).get("people")).toBe(errors(report).get("people"));
    expect((errors(report).get("level") ?? 0) / (errors(more).get("level") ?? 0)).toBeCloseTo(
      10,
      6,
    );
  });

  test("without a number of people it reckons with the least", () => {
    expect(checkStudy(study(PLACES_MANIFEST))).toMatchObject({
      people: 20,
      peopleMin: 20,
      cells: 20,
    });
  });

  test("what is expected is what is released", () => {
    const all = checkStudy(study(DEPRESSION_MANIFEST), { people: 6_000 });
    expect(all.measures.map(({ name, numbers }) => [name, numbers])).toEqual([
      ["distribution", 5],
      ["mean_score", 1],
      ["people", 1],
      ["total_score", 1],
    ]);
    for (const { error, relativeError } of all.measures) {
      expect(error).toBeGreaterThan(0);
      expect(relativeError).toBeLessThan(0.02);
    }
  });
});

describe("a study of several groupings and weights", () => {
  const waiting = study(WAITING_MANIFEST);
  const report = checkStudy(waiting, { people: 4_000 });

  test("each measure is told with its share, its groups and its error", () => {
    expect(report.cells).toBe(1 + 2);
    const measures = report.measures.map(({ name, kind, numbers, peoplePerCell, share }) => [
      name,
      kind,
      numbers,
      peoplePerCell,
      Math.round(share * 90),
    ]);
    // Of 9 in all: mean 2 and spread 1 have a task in common, typical has 3.
    expect(measures).toEqual([
      ["codes", "prefixes", 6, 2_000, 10],
      ["in_ward", "count", 2, 2_000, 10],
      ["mean", "mean", 1, 4_000, 30],
      ["people", "count", 1, 4_000, 10],
      ["spread", "deviation", 1, 4_000, 30],
      ["typical", "quantiles", 2, 4_000, 30],
    ]);
    expect(report.tasks.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    for (const { error, relativeError } of report.measures) {
      expect(error).toBeGreaterThan(0);
      expect(relativeError).toBeLessThan(0.1);
    }
    for (const { reason } of report.tasks) expect(reason).not.toBe("");
  });

  test("what sampling leaves is told apart, as releases will have it", () => {
    const errors = (manifest: string): [string, string | undefined][] =>
      checkStudy(study(manifest), { people: 8_000 }).measures.map(({ name, samplingError }) => [
        name,
        samplingError?.toPrecision(3),
      ]);
    expect(errors(WAITING_MANIFEST)).toEqual([
      ["codes", undefined],
      ["in_ward", undefined],
      // Asked beside its deviation, of values spread evenly over 112 days: 1.96 * 112 / sqrt(12 * 8,000).
      ["mean", "0.709"],
      ["people", undefined],
      ["spread", "0.501"],
      ["typical", "1.23"],
    ]);
    // 1.96 * 0.5 / sqrt(8,000), and of weights spread evenly over theirs half as many people.
    expect(errors(INSURANCE_MANIFEST)).toEqual([
      ["income", "0.0774"],
      ["insured", "0.0110"],
      ["of_all", "0.0155"],
    ]);
  });

  test("people read of shares and weights", () => {
    const insurance = study(INSURANCE_MANIFEST);
    const computed = describeConsent(insurance).find(({ heading }) => heading.endsWith("computed"));
    expect(computed?.text).toBe(
      "the mean of income, where yours counts as 0 to 5 at the outside, and you by your weight, " +
        "100000 at most; the share of people whose insured is 1; the share of people whose insured " +
        "is 1, and you by your weight, 100000 at most",
    );
    const { measures, tasks } = checkStudy(insurance, { people: 8_000 });
    expect(tasks.map(({ purpose }) => purpose)).toEqual([
      "people by whether insured is 1",
      "people and sum of income weighted by weight",
      "people and sum of insured weighted by weight",
    ]);
    const errors = measures.map(({ relativeError }) => Number(relativeError.toFixed(4)));
    // A weighted number of weights spread evenly is known half as well.
    expect(errors).toEqual([0.0078, 0.0039, 0.0078]);
  });

  test("people read of every block what it computes", () => {
    const computed = describeConsent(waiting).find(({ heading }) => heading === "What is computed");
    expect(computed?.text).toBe(
      "how many people have a code that begins with each of 3 texts (yours stays in your vault); the number of people; for " +
        "each ward. And the mean of days, where yours counts as 0 to 112 at the outside; the number " +
        "of people; the standard deviation (how far values lie apart) of days, where yours counts " +
        "as 0 to 112 at the outside; below which days 50 % and 90 % of people lie",
    );
  });
});

describe("what people are told", () => {
  const consent = new Map(
    describeConsent(study(CHOLESTEROL_MANIFEST)).map(({ heading, text }) => [heading, text]),
  );

  test("who, why, which fields, which code, when, how many, at what cost, for what", () => {
    expect([...consent.keys()]).toEqual([
      "Question",
      "Who asks",
      "Why",
      "What is read",
      "What is computed",
      "By which code",
      "When",
      "How many others",
      "What it costs in privacy",
      "What is promised in return",
      "What taking part tells",
    ]);
    expect(consent.get("What is read")).toBe(
      "demographics: RIDAGEYR, RIAGENDR; lab_total_cholesterol: LBXTC",
    );
    expect(consent.get("By which code")).toMatch(/^a query in SQL, .*algorithm [0-9a-f]{64}\)$/);
    expect(consent.get("What taking part tells")).toContain(
      "your vault holds demographics and lab_total_cholesterol",
    );
  });

  test.each([
    ["javascript", "() => null", /^a function in JavaScript, run in your vault alone \(algorithm/],
    ["wasm", "AGFzbQEAAAA=", /^a compiled program \(WebAssembly, 8 bytes\), run in your vault/],
    ["wasi", "AGFzbQEAAAA=", /^a compiled program \(WebAssembly for WASI, 8 bytes\), run in/],
  ])("code in %s is named", (language, source, words) => {
    const text = CHOLESTEROL_MANIFEST.replace(
      /map:[\s\S]*?result:/,
      `map: { language: ${language}, source: "${source}" }\nresult:`,
    );
    const code = describeConsent(study(text)).find(({ heading }) => heading === "By which code");
    expect(code?.text).toMatch(words);
    expect(code?.text).toContain(`${checkStudy(study(text)).code}, run`);
  });

  test.each([
    [0.5, 1e-9, /strong protection.*at most 1\.6 times.*but for a chance of 1e-9\.$/],
    [3, 0, /good protection.*at most 20 times as likely as had somebody else[^,]*\.$/],
    [8, 1e-9, /moderate protection.*at most 2,981 times/],
    [20, 1e-9, /weak protection/],
  ])("epsilon %d in words", (epsilon, delta, words) => {
    expect(describeEpsilon({ epsilon, delta })).toMatch(words);
  });

  test("every party is named, and both nodes together", () => {
    const parties = disclosures(study(CHOLESTEROL_MANIFEST)).map(({ party }) => party);
    expect(parties).toEqual([
      "leader",
      "helper",
      "leader and helper together",
      "commissioner",
      "everybody",
    ]);
  });
});
