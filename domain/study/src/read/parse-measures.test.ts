/** Bad measures and bad shares of the budget: each has its problem at its place, with a remedy. */
import { describe, expect, test } from "vitest";
import { parseStudy } from "../index.ts";
import { manifestWith } from "../testing.ts";

describe("one problem, at its place, with a remedy", () => {
  const map = "{ language: sql, source: SELECT * FROM census }";
  const measure = (text: string): Record<string, string> => ({
    map,
    result: `{ group: { band: [a, b] }, measures: { level: ${text} } }`,
  });
  const weights = (text: string): Record<string, string> => ({
    map,
    result: "{ measures: { people: count, hours: { mean: hours, min: 0, max: 99 } } }",
    privacy: `{ epsilon: 1, delta: 1e-9, people_min: 200, weights: ${text} }`,
  });
  const level = "result.measures.level";

  test.each<[string, Record<string, string>, string, RegExp, RegExp]>([
    [
      "a variance of too many steps",
      measure("{ variance: hours, min: 0, max: 100000, resolution: 1 }"),
      `${level}.resolution`,
      /at most 2\^16 steps from min to max, got 1\.00e\+5/,
      /coarser/,
    ],
    [
      "a deviation without bounds",
      measure("{ deviation: hours, min: 0 }"),
      `${level}.max`,
      /expected max, got nothing/,
      /values are clipped/,
    ],
    [
      "a share of no values",
      measure("{ share: hours, of: [] }"),
      `${level}.of`,
      /at least one value/,
      /list the values/,
    ],
    [
      "a share of texts and numbers",
      measure("{ share: hours, of: [1, one] }"),
      `${level}.of[1]`,
      /values of one type/,
      /in quotes/,
    ],
    [
      "shares of one column in too many groups",
      {
        map,
        result: `{ group: { c: { geohash: 6, area: [0, 0, 1, 1.2] } }, measures: {
          ${Array.from({ length: 12 }, (_, at) => `s${at}: { share: hours, of: [${at}] }`).join(", ")} } }`,
      },
      "result.measures",
      /at most 100000 numbers in a contribution, got \d{6} for all shares of hours/,
      /fewer shares/,
    ],
    [
      "a share of a dimension",
      measure("{ share: band, of: [a] }"),
      level,
      /got that of the dimension band/,
      /a column of its own/,
    ],
    [
      "a share by bounds",
      measure("{ share: hours, min: 0 }"),
      `${level}.min`,
      /expected a field of a share, got "min"/,
      /of/,
    ],
    [
      "a weight without a bound",
      measure("{ mean: hours, min: 0, max: 99, weight: w }"),
      `${level}.weight_max`,
      /expected weight_max, got nothing/,
      /weights are clipped/,
    ],
    [
      "a bound without a weight",
      measure("{ share: hours, weight_max: 4 }"),
      `${level}.weight_max`,
      /expected a weight with its bound, got none/,
      /add weight/,
    ],
    [
      "a weight of at most nothing",
      measure("{ mean: hours, min: 0, max: 99, weight: w, weight_max: 0 }"),
      `${level}.weight_max`,
      /above 0, got 0/,
      /such as 5/,
    ],
    [
      "a weight of broken steps",
      measure("{ mean: hours, min: 0, max: 99, weight: w, weight_max: 4, weight_resolution: 0.3 }"),
      `${level}.weight_resolution`,
      /whole steps of the resolution, got 4 and 0\.3/,
      /divides it/,
    ],
    [
      "a value and a weight of too many steps",
      measure(
        "{ mean: hours, min: 0, max: 100000, resolution: 1, weight: w, weight_max: 100000, weight_resolution: 1 }",
      ),
      level,
      /at most 2\^32 steps .* got 1\.00e\+10/,
      /coarser weight_resolution/,
    ],
    [
      "a sum by weight",
      measure("{ sum: hours, min: 0, max: 99, weight: w }"),
      `${level}.weight`,
      /expected a field of a sum, got "weight"/,
      /./,
    ],
    [
      "quantiles without shares",
      measure("{ quantiles: hours, edges: [0, 40, 99] }"),
      `${level}.of`,
      /expected of, got nothing/,
      /\[0\.25, 0\.5\]/,
    ],
    [
      "quantiles of no share",
      measure("{ quantiles: hours, of: [], edges: [0, 40, 99] }"),
      `${level}.of`,
      /at least one share/,
      /median/,
    ],
    [
      "a quantile in per cent",
      measure("{ quantiles: hours, of: [50], edges: [0, 40, 99] }"),
      `${level}.of[0]`,
      /between 0 and 1, got 50/,
      /0\.5 for the median/,
    ],
    [
      "a quantile twice",
      measure("{ quantiles: hours, of: [0.5, 0.50], edges: [0, 40, 99] }"),
      `${level}.of[1]`,
      /each share once, got 0\.5 again/,
      /remove it/,
    ],
    [
      "quantiles without edges",
      measure("{ quantiles: hours, of: [0.5] }"),
      `${level}.edges`,
      /expected edges, got nothing/,
      /the finer, the closer/,
    ],
    [
      "quantiles of a dimension",
      measure("{ quantiles: band, of: [0.5], edges: [0, 1] }"),
      level,
      /got that of the dimension band/,
      /a column of its own/,
    ],
    [
      "a mean of too many groups",
      {
        map,
        result:
          "{ group: { c: { geohash: 6, area: [0, 0, 1, 1.2] } }, measures: { level: { mean: hours, min: 0, max: 1000 } } }",
      },
      level,
      /at most 200000 numbers in a contribution, got \d{6}/,
      /fewer groups, fewer bins or a coarser resolution/,
    ],
    [
      "no block",
      { map, result: "[]" },
      "result",
      /expected at least one block, got none/,
      /measures/,
    ],
    [
      "a name in two blocks",
      {
        map,
        result: "[{ measures: { n: count } }, { group: { g: [a] }, measures: { n: count } }]",
      },
      "result[1]",
      /names of measures once in the result, got n again/,
      /rename one/,
    ],
    [
      "one grouping twice",
      {
        map,
        result:
          "[{ group: { g: [a] }, measures: { n: count } }, { group: { g: [a] }, measures: { m: count } }]",
      },
      "result[1]",
      /expected other groups than before/,
      /join the two blocks/,
    ],
    [
      "a bad measure in a block",
      {
        map,
        result: "[{ measures: { n: count } }, { group: { g: [a] }, measures: { m: cuont } }]",
      },
      "result[1].measures.m",
      /got "cuont"/,
      /did you mean count/,
    ],
    [
      "too many blocks",
      {
        map,
        result: `[${Array.from({ length: 9 }, (_, at) => `{ group: { g${at}: [a] }, measures: { n${at}: count } }`).join(", ")}]`,
      },
      "result",
      /at most 8/,
      /./,
    ],
    [
      "a weight of no measure",
      weights("{ hour: 2 }"),
      "privacy.weights.hour",
      /expected the name of a measure, got "hour"/,
      /did you mean hours\?/,
    ],
    [
      "a weight of nothing",
      weights("{ hours: 0 }"),
      "privacy.weights.hours",
      /a weight.*, got 0/,
      /./,
    ],
    [
      "weights as a list",
      weights("[1, 2]"),
      "privacy.weights",
      /as a mapping, got a list of 2/,
      /key: value/,
    ],
  ])("%s", (_, changes, path, message, remedy) => {
    const reading = parseStudy(manifestWith(changes));
    const problems = reading.ok ? [] : reading.problems;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      path,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
    expect(problems[0]?.line).toBeGreaterThan(1);
  });
});
