/** Bad manifests: each has its problem at its place, with a remedy; and all come at once. */
import { describe, expect, test } from "vitest";
import { type Problem, parseStudy } from "../index.ts";
import {
  CHOLESTEROL_MANIFEST,
  DEPRESSION_MANIFEST,
  DIABETES_MANIFEST,
  manifestWith as manifest,
  PLACES_MANIFEST,
} from "../testing.ts";

function problemsOf(text: string): readonly Problem[] {
  const reading = parseStudy(text);
  return reading.ok ? [] : reading.problems;
}

function warningsOf(text: string): readonly Problem[] {
  return parseStudy(text).warnings;
}

function onlyProblem(changes: Readonly<Record<string, string | undefined>>): Problem {
  const problems = problemsOf(manifest(changes));
  expect(problems).toHaveLength(1);
  return problems[0] as Problem;
}

describe("good manifests", () => {
  test.each([
    ["cholesterol", CHOLESTEROL_MANIFEST],
    ["diabetes", DIABETES_MANIFEST],
    ["depression", DEPRESSION_MANIFEST],
    ["places", PLACES_MANIFEST],
    ["hours", manifest({})],
  ])("%s is read, and says what it leaves open", (_, text) => {
    const reading = parseStudy(text);
    expect(reading.ok).toBe(true);
    expect(reading.warnings.at(-1)?.message).toMatch(/^left open: combine\.leader, .*window$/);
  });

  test("nothing is warned of in a complete study", () => {
    const key = "A".repeat(43);
    const reading = parseStudy(
      manifest({
        combine: `{ protocol: prio, leader: "https://a.example/", helper: "https://b.example/", collector: ${key} }`,
        privacy: "{ population: p1, epsilon: 1, delta: 1e-9, people_min: 100 }",
        window: "{ opens: 2026-10-01, closes: 2026-10-08T12:00:00+02:00 }",
      }),
    );
    expect(reading).toMatchObject({ ok: true, warnings: [] });
    expect(reading.ok && reading.study.window).toEqual({ opens: 1790812800, closes: 1791453600 });
  });

  test("JSON is YAML", () => {
    const text = JSON.stringify({
      title: "T",
      purpose: "P",
      needs: { census: ["age"] },
      map: { language: "none" },
      result: { measures: { people: "count" } },
      privacy: { epsilon: 1, delta: 0, people_min: 50 },
    });
    expect(parseStudy(text).ok).toBe(true);
  });
});

describe("one problem, at its place, with a remedy", () => {
  const measure = (text: string): Record<string, string> => ({
    map: "{ language: sql, source: SELECT * FROM census }",
    result: `{ group: { band: [a, b] }, measures: { level: ${text} } }`,
  });
  const group = (text: string): Record<string, string> => ({
    map: "{ language: sql, source: SELECT * FROM census }",
    result: `{ group: { band: ${text} }, measures: { people: count } }`,
  });
  const level = "result.measures.level";
  const band = "result.group.band";

  test.each<[string, Record<string, string | undefined>, string, RegExp, RegExp]>([
    ["no title", { title: undefined }, "title", /expected title, got nothing/, /say in a line/],
    ["an empty title", { title: '" "' }, "title", /got an empty text/, /fill it in/],
    [
      "a long title",
      { title: "a".repeat(121) },
      "title",
      /at most 120 characters, got 121/,
      /shorten/,
    ],
    ["a title of markup", { title: "<b>Hi</b>" }, "title", /got markup/, /remove the tags/],
    ["a title with an entity", { title: "Hi &lt;b" }, "title", /got markup/, /remove the tags/],
    ["a title with a line break", { title: '"a\\nb"' }, "title", /control character/, /remove/],
    ["a title that turns around", { title: '"a\\u202Eb"' }, "title", /control character/, /remove/],
    [
      "a title that is half a character",
      { title: '"a\\uD800b"' },
      "title",
      /control character/,
      /remove/,
    ],
    ["a title that is a number", { title: "12" }, "title", /as text, got 12/, /quotes/],
    ["an unknown key", { purpos: "x" }, "purpos", /got "purpos"/, /did you mean purpose\?/],
    [
      "a key like no other",
      { colour: "x" },
      "colour",
      /got "colour"/,
      /a study has title, purpose/,
    ],

    ["no needs", { needs: undefined }, "needs", /expected needs, got nothing/, /name collections/],
    ["empty needs", { needs: "{}" }, "needs", /1 to 64 collections, got 0/, /name those/],
    ["needs without columns", { needs: "{ census: [] }" }, "needs.census", /got none/, /list/],
    [
      "needs as a list",
      { needs: "[census]" },
      "needs",
      /as a mapping, got a list of 1/,
      /key: value/,
    ],
    [
      "a column needed twice",
      { needs: "{ census: [age, hours, Age] }" },
      "needs.census[2]",
      /each column once, got "Age" again/,
      /remove/,
    ],
    [
      "a quoted column",
      { needs: `{ census: ['a"b', age, hours] }` },
      "needs.census[0]",
      /quotes or brackets/,
      /rename/,
    ],
    [
      "a collection named table",
      {
        needs: "{ table: [age] }",
        map: "{ language: sql, source: 'SELECT age AS band FROM table' }",
      },
      "needs.table",
      /name of a collection, got "table"/,
      /no word of SQL/,
    ],

    [
      "no language",
      { map: "{ source: SELECT band FROM census }" },
      "map.language",
      /got nothing/,
      /language: sql/,
    ],
    ["no source", { map: "{ language: sql }" }, "map.source", /got nothing/, /add a query/],
    [
      "another language",
      { map: "{ language: python, source: band census }" },
      "map.language",
      /got "python"/,
      /write sql or javascript/,
    ],
    [
      "no function",
      { map: "{ language: javascript }" },
      "map.source",
      /got nothing/,
      /add an expression for a function/,
    ],
    [
      "a module that is none",
      { map: "{ language: wasm, source: bm90IGEgbW9kdWxl }" },
      "map.source",
      /expected a module of WebAssembly in base64, got another text/,
      /what base64 makes of the file/,
    ],
    [
      "a module that is not base64",
      { map: "{ language: wasi, source: AGFzbQEAAAB }" },
      "map.source",
      /got another text/,
      /base64/,
    ],
    [
      "a module that is too long",
      { map: `{ language: wasm, source: ${"A".repeat(196_612)} }` },
      "map.source",
      /of at most 196608 characters/,
      /shorten/,
    ],
    [
      "a misspelt language",
      { map: "{ language: sqll, source: band census }" },
      "map.language",
      /got "sqll"/,
      /did you mean sql/,
    ],
    [
      "a source for no map",
      { map: "{ language: none, source: band }" },
      "map.source",
      /no source/,
      /remove/,
    ],
    [
      "no map over two collections",
      { map: "{ language: none }", needs: "{ a: [band], b: [band] }" },
      "map",
      /one collection with language none, got 2/,
      /join/,
    ],
    [
      "no map, no such column",
      { map: "{ language: none }" },
      "map",
      /column band in census, got none such/,
      /add it to needs/,
    ],
    [
      "an algorithm without source",
      { map: `{ language: sql, algorithm: ${"a".repeat(64)} }` },
      "map",
      /an algorithm's id alone/,
      /add source/,
    ],
    [
      "another algorithm's id",
      { map: `{ language: sql, source: SELECT band FROM census, algorithm: ${"a".repeat(64)} }` },
      "map.algorithm",
      /that of another algorithm/,
      /write [0-9a-f]{64}/,
    ],

    [
      "no measures",
      { result: "{ group: { band: [a] } }" },
      "result.measures",
      /got nothing/,
      /people: count/,
    ],
    ["empty measures", { result: "{ measures: {} }" }, "result.measures", /got none/, /add one/],
    [
      "an unknown measure",
      measure("{ men: hours, min: 0, max: 9 }"),
      level,
      /kind of measure, got "men"/,
      /did you mean mean/,
    ],
    [
      "a later measure",
      measure("{ vector: hours }"),
      level,
      /this version computes, got vector/,
      /count, sum, mean, share, variance, deviation, histogram, quantiles/,
    ],
    ["a word as measure", measure("cuont"), level, /got "cuont"/, /did you mean count/],
    [
      "two kinds at once",
      measure("{ sum: hours, mean: hours, min: 0, max: 9 }"),
      level,
      /one kind of measure, got sum and mean/,
      /of each/,
    ],
    [
      "a count of a column",
      measure("{ count: hours }"),
      level,
      /expected count alone/,
      /write count/,
    ],
    [
      "a sum without min",
      measure("{ sum: hours, max: 9 }"),
      `${level}.min`,
      /expected min, got nothing/,
      /add min: bounds say/,
    ],
    [
      "a mean without max",
      measure("{ mean: hours, min: 0 }"),
      `${level}.max`,
      /expected max, got nothing/,
      /add max/,
    ],
    [
      "a bound that is text",
      measure("{ mean: hours, min: low, max: 9 }"),
      `${level}.min`,
      /as a number, got the text "low"/,
      /digits/,
    ],
    [
      "bounds upside down",
      measure("{ mean: hours, min: 9, max: 9 }"),
      `${level}.min`,
      /min below max, got 9 and 9/,
      /swap/,
    ],
    [
      "a resolution of zero",
      measure("{ mean: hours, min: 0, max: 9, resolution: 0 }"),
      `${level}.resolution`,
      /above 0, got 0/,
      /0\.1/,
    ],
    [
      "a resolution that does not divide",
      measure("{ mean: hours, min: 0, max: 9, resolution: 2 }"),
      `${level}.resolution`,
      /whole steps of 2, got 9/,
      /divides/,
    ],
    [
      "too fine a resolution",
      measure("{ mean: hours, min: 0, max: 9, resolution: 1e-12 }"),
      `${level}.resolution`,
      /2\^32 steps/,
      /coarser/,
    ],
    [
      "a mean of a dimension",
      measure("{ mean: band, min: 0, max: 9 }"),
      level,
      /that of the dimension band/,
      /column of its own/,
    ],
    [
      "a histogram without edges",
      measure("{ histogram: hours }"),
      `${level}.edges`,
      /got nothing/,
      /add edges/,
    ],
    [
      "edges that fall",
      measure("{ histogram: hours, edges: [0, 5, 5] }"),
      `${level}.edges[2]`,
      /increase, got 5 after 5/,
      /sort/,
    ],
    [
      "one edge",
      measure("{ histogram: hours, edges: [0] }"),
      `${level}.edges`,
      /at least 2 edges, got 1/,
      /add one/,
    ],
    [
      "a misspelt field",
      measure("{ mean: hours, min: 0, max: 9, resolutoin: 3 }"),
      `${level}.resolutoin`,
      /got "resolutoin"/,
      /did you mean resolution/,
    ],
    [
      "a column named select",
      measure("{ mean: select, min: 0, max: 9 }"),
      `${level}.mean`,
      /reserved word "select"/,
      /select_value/,
    ],
    [
      "a column with a space",
      measure("{ mean: hours a week, min: 0, max: 9 }"),
      `${level}.mean`,
      /name of a column, got "hours a week"/,
      /letters, digits/,
    ],
    [
      "too many bins",
      {
        map: "{ language: sql, source: SELECT * FROM census }",
        result: `{ group: { band: [a, b, c, d] }, measures: { level: { histogram: hours, edges: [${Array.from({ length: 30_000 }, (_, i) => i).join(",")}] } } }`,
      },
      level,
      /at most 100000 numbers in a contribution/,
      /fewer/,
    ],

    ["no values", group("[]"), band, /at least one value, got none/, /list the values/],
    ["an empty value", group('[a, ""]'), `${band}[1]`, /empty text/, /fill it in/],
    ["a value twice", group("[a, b, a]"), `${band}[2]`, /each value once, got a again/, /remove/],
    [
      "values of two types",
      group("[a, 1]"),
      `${band}[1]`,
      /values of one type, got 1/,
      /all as text/,
    ],
    [
      "a value that is true",
      group("[true, false]"),
      `${band}[0]`,
      /text or a number, got true/,
      /quotes/,
    ],
    ["no form of dimension", group("{ step: 3 }"), band, /expected a dimension/, /\{ edges \}/],
    [
      "overlapping bands",
      group("{ bands: [[0, 40], [39, 60]] }"),
      `${band}.bands`,
      /bands apart, got \[0, 40\] over \[39, 60\]/,
      /at 39/,
    ],
    [
      "overlapping named bands",
      group("{ bands: { old: [50, 90], young: [0, 51] } }"),
      `${band}.bands`,
      /bands apart/,
      /at 50/,
    ],
    [
      "a band upside down",
      group("{ bands: [[40, 0]] }"),
      `${band}.bands[0]`,
      /low below high, got 40 and 0/,
      /swap/,
    ],
    [
      "a band of three",
      group("{ bands: [[0, 1, 2]] }"),
      `${band}.bands[0]`,
      /expected \[low, high\]/,
      /two numbers/,
    ],
    ["no bands", group("{ bands: {} }"), `${band}.bands`, /at least one band/, /add one/],
    ["band edges that fall", group("{ edges: [40, 0] }"), `${band}.edges[1]`, /increase/, /sort/],
    [
      "at_most beyond the domain",
      group("{ values: [a, b], at_most: 3 }"),
      `${band}.at_most`,
      /at_most of 2 cells, got 3/,
      /lower/,
    ],
    [
      "at_most of zero",
      group("{ values: [a, b], at_most: 0 }"),
      `${band}.at_most`,
      /from 1 to/,
      /range/,
    ],
    [
      "an area without north",
      group("{ geohash: 5, area: [1, 2, 3] }"),
      `${band}.area`,
      /got 3 numbers/,
      /four numbers/,
    ],
    [
      "no area",
      group("{ geohash: 5 }"),
      `${band}.area`,
      /expected area, got nothing/,
      /south, west/,
    ],
    [
      "an area off the earth",
      group("{ geohash: 5, area: [1, 2, 91, 3] }"),
      `${band}.area`,
      /within/,
      /order/,
    ],
    [
      "an area upside down",
      group("{ geohash: 5, area: [2, 2, 1, 3] }"),
      `${band}.area`,
      /south below north/,
      /order/,
    ],
    [
      "an area of a million cells",
      group("{ geohash: 7, area: [37, -122, 38, -121] }"),
      `${band}.area`,
      /fewer than 100000 cells in the area, got \d{6,}/,
      /lower precision/,
    ],
    [
      "too fine a geohash",
      group("{ geohash: 8, area: [37, -122, 38, -121] }"),
      `${band}.geohash`,
      /from 4 to 7, got 8/,
      /range/,
    ],
    [
      "several of two dimensions",
      {
        map: "{ language: sql, source: SELECT * FROM census }",
        result:
          "{ group: { a: { values: [x, y], at_most: 2 }, b: { values: [x, y], at_most: 1 } }, measures: { people: count } }",
      },
      "result.group",
      /at most one dimension with at_most, got a and b/,
      /two studies/,
    ],
    [
      "a mean with several cells",
      {
        map: "{ language: sql, source: SELECT * FROM census }",
        result:
          "{ group: { a: { values: [x, y], at_most: 2 } }, measures: { m: { mean: hours, min: 0, max: 9 } } }",
      },
      "result.measures.m",
      /count with several a a person, got mean/,
      /another study/,
    ],
    [
      "too many cells",
      group(
        `{ edges: [${Array.from({ length: 9 }, (_, i) => i).join(",")}] }, b: { edges: [${Array.from({ length: 13_000 }, (_, i) => i).join(",")}] }`,
      ),
      "result.group",
      /fewer than 100000 cells, got 103992/,
      /coarser/,
    ],
    [
      "a dimension named order",
      {
        map: "{ language: sql, source: SELECT * FROM census }",
        result: "{ group: { order: [a] }, measures: { people: count } }",
      },
      "result.group.order",
      /reserved word "order"/,
      /order_value/,
    ],

    [
      "epsilon zero",
      { privacy: "{ epsilon: 0, delta: 1e-9, people_min: 100 }" },
      "privacy.epsilon",
      /from 0\.000001 to 20, got 0/,
      /such as 1/,
    ],
    [
      "epsilon below zero",
      { privacy: "{ epsilon: -1, delta: 1e-9, people_min: 100 }" },
      "privacy.epsilon",
      /got -1/,
      /such as 1/,
    ],
    [
      "epsilon a thousand",
      { privacy: "{ epsilon: 1000, delta: 1e-9, people_min: 100 }" },
      "privacy.epsilon",
      /got 1000/,
      /protects nobody/,
    ],
    [
      "epsilon in words",
      { privacy: "{ epsilon: one, delta: 1e-9, people_min: 100 }" },
      "privacy.epsilon",
      /as a number, got the text "one"/,
      /digits/,
    ],
    [
      "no epsilon",
      { privacy: "{ delta: 1e-9, people_min: 100 }" },
      "privacy.epsilon",
      /got nothing/,
      /epsilon: 1/,
    ],
    [
      "epsilon next to nothing",
      { privacy: "{ epsilon: 5e-324, delta: 1e-9, people_min: 100 }" },
      "privacy.epsilon",
      /got 5e-324/,
      /no answer/,
    ],
    [
      "noise that overflows",
      {
        result: "{ measures: { n: count, total: { sum: hours, min: 0, max: 4294967296 } } }",
        map: "{ language: sql, source: SELECT * FROM census }",
        privacy: "{ epsilon: 1e-6, delta: 1e-300, people_min: 100 }",
      },
      "privacy",
      /noise that an aggregate can hold/,
      /raise epsilon/,
    ],
    [
      "a query that YAML splits at its comma",
      { map: "{ language: sql, source: SELECT age AS band, hours FROM census }" },
      "map.hours FROM census",
      /expected a field of map/,
      /put the query in quotes/,
    ],
    [
      "delta too large",
      { privacy: "{ epsilon: 1, delta: 0.01, people_min: 100 }" },
      "privacy.delta",
      /from 0 to 0\.001, got 0\.01/,
      /1e-9/,
    ],
    [
      "delta below zero",
      { privacy: "{ epsilon: 1, delta: -1, people_min: 100 }" },
      "privacy.delta",
      /got -1/,
      /Laplace/,
    ],
    [
      "one person",
      { privacy: "{ epsilon: 1, delta: 1e-9, people_min: 1 }" },
      "privacy.people_min",
      /from 2 to 1000000000, got 1/,
      /range/,
    ],
    [
      "half a person",
      { privacy: "{ epsilon: 1, delta: 1e-9, people_min: 99.5 }" },
      "privacy.people_min",
      /whole number/,
      /range/,
    ],

    [
      "another protocol",
      { combine: "{ protocol: secagg }" },
      "combine.protocol",
      /this version speaks, got secagg/,
      /use prio/,
    ],
    [
      "one node twice",
      { combine: '{ leader: "https://a.example", helper: "https://a.example" }' },
      "combine",
      /one address twice/,
      /another organisation/,
    ],
    [
      "plain http",
      { combine: '{ leader: "http://a.example" }' },
      "combine.leader",
      /https address/,
      /https:\/\/host/,
    ],
    [
      "an address with a secret",
      { combine: '{ leader: "https://u:p@a.example" }' },
      "combine.leader",
      /https address/,
      /https:\/\/host/,
    ],
    [
      "a script as address",
      { combine: '{ helper: "javascript:alert(1)" }' },
      "combine.helper",
      /https address/,
      /https:\/\/host/,
    ],
    [
      "a short collector key",
      { combine: "{ collector: AAAA }" },
      "combine.collector",
      /32 bytes, got 3/,
      /43 characters/,
    ],
    [
      "no collector key",
      { combine: '{ collector: "not base64!" }' },
      "combine.collector",
      /in base64url/,
      /43 characters/,
    ],

    [
      "a window that closes first",
      { window: "{ opens: 2026-10-02, closes: 2026-10-01 }" },
      "window.closes",
      /closes after opens/,
      /swap/,
    ],
    [
      "a day that is none",
      { window: "{ opens: 2026-02-30, closes: 2026-10-01 }" },
      "window.opens",
      /expected a time, got "2026-02-30"/,
      /write it as/,
    ],
    [
      "a window without end",
      { window: "{ opens: 2026-10-02 }" },
      "window.closes",
      /got nothing/,
      /such as/,
    ],
    [
      "a window of a century",
      { window: "{ opens: 2026-10-02, closes: 2126-10-02 }" },
      "window.closes",
      /ten years/,
      /earlier/,
    ],
    [
      "a reward of nothing",
      { reward: "{ credits: 0 }" },
      "reward.credits",
      /whole number from 1/,
      /range/,
    ],
  ])("%s", (_, changes, path, message, remedy) => {
    const problem = onlyProblem(changes);
    expect(problem.path).toBe(path);
    expect(problem.message).toMatch(message);
    expect(problem.remedy).toMatch(remedy);
  });

  test("the line and column are those of the culprit", () => {
    const text = CHOLESTEROL_MANIFEST.replace("min: 100, max", "min: 400, max");
    const [problem] = problemsOf(text);
    const lines = text.slice(0, text.indexOf("400")).split("\n");
    expect(problem).toMatchObject({ line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 });
    const unknown = problemsOf(
      CHOLESTEROL_MANIFEST.replace("spread: { histogram", "spread: { histgram"),
    );
    expect(unknown[0]).toMatchObject({ line: 18, path: "result.measures.spread" });
  });
});

test("all problems come at once", () => {
  const problems = problemsOf(
    manifest({
      title: "<i>",
      needs: "{}",
      result: "{ group: { band: [a, a] }, measures: { level: { mean: hours, min: 3, max: 1 } } }",
      privacy: "{ epsilon: 0, delta: 2, people_min: 0 }",
      window: "{ opens: 2026-10-02, closes: 2026-10-01 }",
    }),
  );
  expect(problems.map(({ path }) => path)).toEqual([
    "title",
    "needs",
    "result.group.band[1]",
    "result.measures.level.min",
    "privacy.epsilon",
    "privacy.delta",
    "privacy.people_min",
    "window.closes",
  ]);
});

describe("warnings", () => {
  test.each<[string, Record<string, string | undefined>, RegExp]>([
    [
      "a commissioner who is no key",
      { commissioner: "did:key:z6Mk…" },
      /no did:key of an Ed25519 key/,
    ],
    ["no commissioner", { commissioner: undefined }, /no commissioner is named/],
    [
      "eligibility",
      { eligible: "{ issuers: [x], attributes: { region: [CA] } }" },
      /refuses to open/,
    ],
    ["a reward", { reward: "{ credits: 2 }" }, /pays none/],
    [
      "a large delta",
      { privacy: "{ epsilon: 1, delta: 1e-4, people_min: 200 }" },
      /delta 0\.0001 is the chance/,
    ],
    [
      "a need that is not read",
      { needs: "{ census: [age], income: [x] }" },
      /never mentions income/,
    ],
    [
      "a column that a function does not make",
      { map: "{ language: javascript, source: '({ census }) => ({ hours: 1 * 2 })' }" },
      /never mentions band/,
    ],
    [
      "a column that is not made",
      { map: "{ language: sql, source: SELECT age FROM census }" },
      /never mentions band/,
    ],
    [
      "noise over a count",
      { privacy: "{ epsilon: 0.1, delta: 1e-9, people_min: 100 }" },
      /noise is larger than the answer could be: each number of people is known to ±\d+, and a group of 100 people makes at most 100/,
    ],
    [
      "noise over a mean",
      {
        result: "{ measures: { m: { mean: hours, min: 0, max: 99 } } }",
        privacy: "{ epsilon: 0.1, delta: 1e-9, people_min: 100 }",
      },
      /each number of m is known to ±99, and .* at most 49\.5/,
    ],
  ])("%s", (_, changes, message) => {
    const text = manifest(changes);
    expect(problemsOf(text)).toEqual([]);
    expect(
      warningsOf(text)
        .map((warning) => warning.message)
        .join("\n"),
    ).toMatch(message);
  });
});
