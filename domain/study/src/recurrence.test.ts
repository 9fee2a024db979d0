/** Questions that are asked again: how a series and its occurrences follow from each other. */
import { encodeHex } from "@sumus/bytes";
import { assert, constantFrom, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalStudy,
  checkStudy,
  completeSeries,
  completeStudy,
  decodeStudy,
  describeConsent,
  diffStudies,
  occurrenceOf,
  parseStudy,
  type Study,
  seriesId,
  studyId,
  studyTasks,
} from "./index.ts";
import { manifestWith } from "./testing.ts";

const WEEKLY = "{ opens: 2026-10-01, closes: 2026-10-05, every: week, times: 4 }";
const COMPLETION = {
  leader: "https://leader.example/",
  helper: "https://helper.example/",
  collector: "A".repeat(43),
  population: "test",
};

function study(window: string): Study {
  const reading = parseStudy(manifestWith({ window }));
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.study;
}

const idOf = (of: Study): string => encodeHex(studyId(of));
const seriesOf = (of: Study): string => encodeHex(seriesId(of) ?? new Uint8Array());

describe("a series", () => {
  const { series, occurrences } = completeSeries(study(WEEKLY), COMPLETION);

  test("is asked in studies of their own, each in its window", () => {
    expect(occurrences.map(({ window }) => new Date(window.opens * 1000).getUTCDate())).toEqual([
      1, 8, 15, 22,
    ]);
    expect(new Set(occurrences.map(idOf)).size).toBe(4);
    expect(
      new Set(occurrences.flatMap((each) => studyTasks(each)).map(({ id }) => encodeHex(id))).size,
    ).toBe(4 * studyTasks(occurrences[0] ?? completeStudy(series, {})).length);
  });

  test("is named by each of them, whichever way they came", () => {
    for (const each of occurrences) {
      expect(seriesOf(decodeStudy(canonicalStudy(each)))).toBe(idOf(series));
    }
    const once = study("{ opens: 2026-10-01, closes: 2026-10-05 }");
    expect(seriesId(once)).toBeNull();
  });

  test("is no study that can be opened itself, and one that is asked once is all of its series", () => {
    expect(() => completeStudy(study(WEEKLY), COMPLETION)).toThrow("got a series");
    expect(() => decodeStudy(canonicalStudy(series))).toThrow("got a series");
    const once = study("{ opens: 2026-10-01, closes: 2026-10-05 }");
    expect(completeSeries(once, COMPLETION).occurrences).toEqual([completeStudy(once, COMPLETION)]);
    expect(() => completeSeries(study(WEEKLY), {})).toThrow("expected combine.leader");
  });

  test("of any kind comes back from any of its occurrences", () => {
    const months = ["2026-01-28", "2024-02-01", "2026-12-15T23:59:59Z"];
    assert(
      property(
        constantFrom("day", "week", "month"),
        constantFrom(...months),
        integer({ min: 2, max: 100 }),
        integer({ min: 1, max: 100 }),
        (every, opens, times, place) => {
          const closes = `${opens.slice(0, 10)}T23:59:59Z`;
          const first = opens.length > 10 ? opens.replace("23:59:59", "00:00:00") : opens;
          const whole = study(
            `{ opens: ${first}, closes: ${closes}, every: ${every}, times: ${times} }`,
          );
          const one = occurrenceOf(whole, Math.min(place, times));
          const again = parseStudy(canonicalStudy(one));
          if (!again.ok) throw new Error(JSON.stringify(again.problems));
          expect(seriesOf(again.study)).toBe(idOf(whole));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("says what all of it costs before anybody agrees", () => {
    const [second] = occurrences.slice(1);
    if (second === undefined) throw new Error("expected a second occurrence");
    const lines = new Map(describeConsent(second).map(({ heading, text }) => [heading, text]));
    expect(lines.get("When")).toBe(
      "week 2 of 4: from 2026-10-08T00:00:00Z to 2026-10-12T00:00:00Z",
    );
    expect(lines.get("What it costs in privacy")).toMatch(
      /It is asked 4 times; all of them together are epsilon 2\.0\d\.$/,
    );
    const report = checkStudy(series);
    expect(report.series).toMatchObject({ every: "week", times: 4, rho: 4 * report.rho });
    // Four times the rho is worth less than four times the epsilon, and never less than once.
    expect(report.series?.epsilon).toBeGreaterThan(report.epsilon);
    expect(report.series?.epsilon).toBeLessThan(4 * report.epsilon);
    expect(checkStudy(study("{ opens: 2026-10-01, closes: 2026-10-05 }")).series).toBeNull();
  });

  test("that is asked more often asks more", () => {
    const more = study(WEEKLY.replace("times: 4", "times: 5"));
    const once = study("{ opens: 2026-10-01, closes: 2026-10-05 }");
    const changes = (before: Study, after: Study): string[] =>
      diffStudies(before, after).changes.map(({ path, direction }) => `${path} ${direction}`);
    expect(changes(study(WEEKLY), more)).toEqual(["window.times widened"]);
    expect(changes(more, study(WEEKLY))).toEqual(["window.times narrowed"]);
    expect(changes(once, more)).toEqual(["window.times widened", "window.every changed"]);
  });

  test.each([
    ["{ opens: 2026-10-01, closes: 2026-10-05, every: week }", /expected times, got nothing/],
    ["{ opens: 2026-10-01, closes: 2026-10-05, times: 4 }", /expected every, got nothing/],
    ["{ opens: 2026-10-01, closes: 2026-10-05, occurrence: 4 }", /expected every, got nothing/],
    [WEEKLY.replace("week", "year"), /expected day, week, month, got the text "year"/],
    [WEEKLY.replace("times: 4", "times: 1"), /a whole number from 2 to 100/],
    [WEEKLY.replace("times: 4", "times: 1e9"), /a whole number from 2 to 100/],
    [WEEKLY.replace("4 }", "4, occurrence: 5 }"), /a whole number from 1 to 4/],
    [WEEKLY.replace("2026-10-05", "2026-10-09"), /closes before the next one opens, a week later/],
    [WEEKLY.replace("2026-10-05", "2026-10-30").replace("week", "month"), /up to the 28th/],
    ["{ opens: 2026-02-01, closes: 2026-03-02, every: month, times: 2 }", /a month later/],
    [
      "{ opens: 1970-01-02, closes: 1970-01-03, every: week, times: 9, occurrence: 3 }",
      /1970 and 9999/,
    ],
    ["{ opens: 9999-12-01, closes: 9999-12-02, every: month, times: 9 }", /1970 and 9999/],
  ])("%s is refused", (window, message) => {
    const reading = parseStudy(manifestWith({ window }));
    expect(reading.ok ? "" : reading.problems.map((each) => each.message).join("; ")).toMatch(
      message,
    );
  });

  test("of months may last a month each, whatever its length", () => {
    const whole = study("{ opens: 2026-01-01, closes: 2026-02-01, every: month, times: 12 }");
    const last = occurrenceOf(whole, 12).window;
    expect(last && new Date(last.closes * 1000).toISOString()).toBe("2027-01-01T00:00:00.000Z");
  });
});
