import { encodeHex, encodeUtf8 } from "@sumus/bytes";
import { sha256 } from "@sumus/crypto";
import { describe, expect, test } from "vitest";
import {
  algorithmId,
  canonicalStudy,
  completeStudy,
  decodeStudy,
  gapsOf,
  parseStudy,
  type Study,
  type StudyCompletion,
  StudyError,
  studyId,
} from "./index.ts";
import {
  CHOLESTEROL_MANIFEST,
  DIABETES_MANIFEST,
  manifestWith,
  PLACES_MANIFEST,
} from "./testing.ts";

function draft(text: string): Study {
  const reading = parseStudy(text);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.study;
}

const COMPLETION: StudyCompletion = {
  commissioner: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
  leader: "https://leader.example/dap/",
  helper: "https://helper.example/",
  collector: `${"B".repeat(42)}A`,
  population: "town",
  window: { opens: 1_790_812_800, closes: 1_791_417_600 },
};

describe("the canonical form", () => {
  test("is what it is: a change here changes every study's id", () => {
    const study = completeStudy(draft(DIABETES_MANIFEST), COMPLETION);
    const parts = [
      '{"combine":{"collector":"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA",',
      '"helper":"https://helper.example/","leader":"https://leader.example/dap/",',
      '"protocol":"prio"},"commissioner":"did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",',
      '"map":{"language":"sql","source":"SELECT d.RIDAGEYR AS age, CASE q.DIQ010 WHEN 1 THEN 1 ',
      "WHEN 2 THEN 0 WHEN 3 THEN 0 END AS diabetes FROM demographics d JOIN q_diabetes q ON ",
      'q.SEQN = d.SEQN\\n"},"needs":{"demographics":["RIDAGEYR"],"q_diabetes":["DIQ010"]},',
      '"privacy":{"delta":1e-9,"epsilon":1,"people_min":100,"population":"town"},',
      '"purpose":"How diabetes grows with age, for a school book",',
      '"result":{"group":{"age":{"bands":{"20 to 39":[20,40],"40 to 59":[40,60],',
      '"60 and over":[60,120],"under 20":[0,20]}}},"measures":{"people":"count",',
      '"share":{"max":1,"mean":"diabetes","min":0,"resolution":1}}},"title":"Diabetes by age",',
      '"window":{"closes":"2026-10-08T00:00:00Z","opens":"2026-10-01T00:00:00Z"}}',
    ];
    expect(canonicalStudy(study)).toBe(parts.join(""));
    expect(encodeHex(studyId(study))).toBe(encodeHex(sha256(encodeUtf8(parts.join("")))));
  });

  test("does not depend on how the manifest was written", () => {
    const study = canonicalStudy(draft(CHOLESTEROL_MANIFEST));
    const lines = CHOLESTEROL_MANIFEST.split("\n");
    const title = lines.shift();
    const rewritten = [...lines, title]
      .join("\n")
      .replace("[under 40, 40-59, 60+]", '["under 40", "40-59", \'60+\']')
      .replace("min: 100, max: 320, resolution: 1", "resolution: 1.0, max: 3.2e2, min: 1e2");
    expect(canonicalStudy(draft(rewritten))).toBe(study);
  });

  test("writes shorthands out: edges, a list of bands and labelled bands are one", () => {
    const withBands = (bands: string): string =>
      canonicalStudy(draft(DIABETES_MANIFEST.replace(/bands: \{.*\}/, bands)));
    const labelled = withBands(
      'bands: { "0 to under 40": [0, 40], "40 to under 60": [40, 60], "60 to 120": [60, 120] }',
    );
    expect(withBands("edges: [0, 40, 60, 120]")).toBe(labelled);
    expect(withBands("bands: [[60, 120], [0, 40], [40, 60]]")).toBe(labelled);
  });

  test("a list of one block is that block, and the order of blocks has no meaning", () => {
    const withResult = (result: string): string =>
      canonicalStudy(draft(manifestWith({ result, map: "{ language: sql, source: SELECT * }" })));
    const [left, right] = [
      "{ measures: { n: count } }",
      "{ group: { g: [a] }, measures: { b: count } }",
    ];
    expect(withResult(`[${left}]`)).toBe(withResult(left ?? ""));
    expect(withResult(`[${left}, ${right}]`)).toBe(withResult(`[${right}, ${left}]`));
    expect(withResult(`[${left}, ${right}]`)).toContain('"result":[{"group":{"g":["a"]}');
  });

  test("weights are written out for all measures, without what they have in common", () => {
    const weighted = (weights: string): string =>
      canonicalStudy(
        draft(
          CHOLESTEROL_MANIFEST.replace("people_min: 100", `people_min: 100, weights: ${weights}`),
        ),
      );
    expect(weighted("{ level: 4 }")).toContain('"weights":{"level":4,"people":1,"spread":1}');
    expect(weighted("{ spread: 3, people: 3, level: 12 }")).toBe(weighted("{ level: 4 }"));
    expect(weighted("{ level: 7, people: 7, spread: 7 }")).toBe(weighted("{}"));
    expect(weighted("~")).toBe(canonicalStudy(draft(CHOLESTEROL_MANIFEST)));
  });

  test("an algorithm is its map, needs and result, whoever asks and when", () => {
    const one = draft(CHOLESTEROL_MANIFEST);
    const two = completeStudy(
      { ...one, title: "Another", privacy: { ...one.privacy, epsilon: 3 } },
      COMPLETION,
    );
    expect(encodeHex(algorithmId(one))).toBe(encodeHex(algorithmId(two)));
    expect(encodeHex(studyId(one))).not.toBe(encodeHex(studyId(two)));
    const claimed = CHOLESTEROL_MANIFEST.replace(
      "language: sql",
      `language: sql\n  algorithm: ${encodeHex(algorithmId(one))}`,
    );
    expect(canonicalStudy(draft(claimed))).toBe(canonicalStudy(one));
  });
});

describe("a map in another language", () => {
  const withMap = (map: string): string =>
    DIABETES_MANIFEST.replace(/map:[\s\S]*?result:/, `map: ${map}\nresult:`);

  test("keeps its source as it is written", () => {
    const source = "({ demographics: [d], q_diabetes: [q] }) => ({ age: 1, diabetes: 0 })";
    const study = canonicalStudy(draft(withMap(`{ language: javascript, source: "${source}" }`)));
    expect(study).toContain(`"map":{"language":"javascript","source":"${source}"}`);
  });

  test("is the same module however its lines are broken", () => {
    const oneLine = canonicalStudy(draft(withMap("{ language: wasi, source: AGFzbQEAAAA= }")));
    const broken = "\n  language: wasi\n  source: |\n    AGFz\n    bQEA\n\n    AAA=\n";
    expect(canonicalStudy(draft(withMap(broken)))).toBe(oneLine);
    expect(oneLine).toContain('"map":{"language":"wasi","source":"AGFzbQEAAAA="}');
  });

  test("is another algorithm in another language, of the same source", () => {
    const idOf = (language: string): string =>
      encodeHex(algorithmId(draft(withMap(`{ language: ${language}, source: AGFzbQEAAAA= }`))));
    expect(idOf("wasm")).not.toBe(idOf("wasi"));
  });
});

describe("completing a draft", () => {
  test("fills in what is open and nothing else", () => {
    const started = draft(`${PLACES_MANIFEST}combine: { helper: "https://mine.example" }\n`);
    expect(gapsOf(started).map(({ path }) => path)).toEqual([
      "commissioner",
      "combine.leader",
      "combine.collector",
      "privacy.population",
      "window",
    ]);
    const study = completeStudy(started, COMPLETION);
    expect(study.combine).toEqual({
      protocol: "prio",
      leader: COMPLETION.leader,
      helper: "https://mine.example",
      collector: COMPLETION.collector,
    });
    expect(gapsOf(study)).toEqual([]);
  });

  test.each<[string, StudyCompletion, RegExp]>([
    ["still open", {}, /combine\.leader.*expected combine\.leader, got nothing; fill it in/],
    ["of a wrong kind", { ...COMPLETION, leader: "ftp://x" }, /combine\.leader: expected an https/],
    [
      "twice the same",
      { ...COMPLETION, leader: "https://a.example", helper: "https://a.example" },
      /one address twice/,
    ],
    [
      "a window upside down",
      { ...COMPLETION, window: { opens: 2, closes: 1 } },
      /closes after opens/,
    ],
  ])("refuses what is %s", (_, completion, message) => {
    expect(() => completeStudy(draft(CHOLESTEROL_MANIFEST), completion)).toThrow(message);
  });

  test("refuses a study of issuers and attributes, which it cannot prove", () => {
    const limited = draft(`${CHOLESTEROL_MANIFEST}eligible: { attributes: { region: [CA] } }\n`);
    expect(() => completeStudy(limited, COMPLETION)).toThrow(/cannot prove/);
  });
});

describe("a study from the wire", () => {
  const study = completeStudy(draft(CHOLESTEROL_MANIFEST), COMPLETION);
  const text = canonicalStudy(study);

  test("is the study that was sent", () => {
    expect(decodeStudy(text)).toEqual(study);
  });

  test.each<[string, string, RegExp]>([
    ["nothing", "", /expected JSON/],
    ["YAML", CHOLESTEROL_MANIFEST, /expected JSON/],
    ["a space more", `${text} `, /expected canonical JSON/],
    [
      "keys in another order",
      JSON.stringify({ title: "x", ...JSON.parse(text) }),
      /canonical JSON/,
    ],
    ["a shorthand", text.replace(',"resolution":1', ""), /canonical JSON/],
    ["a key twice", text.replace('{"combine"', '{"title":"x","combine"'), /canonical JSON/],
    ["a key too many", text.replace('{"combine"', '{"colour":1,"combine"'), /got "colour"/],
    ["an infinite number", text.replace('"epsilon":1', '"epsilon":1e999'), /epsilon as a number/],
    ["thirteen levels", `${"[".repeat(14)}${"]".repeat(14)}`, /at most 12 levels/],
    ["a draft", canonicalStudy(draft(CHOLESTEROL_MANIFEST)), /expected window, got nothing/],
    ["too much", `"${"x".repeat(262_144)}"`, /at most 262144 characters/],
  ])("is refused when it is %s", (_, wire, message) => {
    expect(() => decodeStudy(wire)).toThrow(StudyError);
    expect(() => decodeStudy(wire)).toThrow(message);
  });

  test("is refused when it is cut short anywhere", () => {
    for (let length = 0; length < text.length; length += 7) {
      expect(() => decodeStudy(text.slice(0, length))).toThrow(StudyError);
    }
  });
});
