import { encodeHex, equalBytes } from "@sumus/bytes";
import { cryptoRandomBytes, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import { createReport, hpkeConfigOf } from "@sumus/dap";
import { describe, expect, test } from "vitest";
import {
  type CompleteStudy,
  canonicalStudy,
  checkStudy,
  collectorHpkeConfig,
  completeStudy,
  decodeStudy,
  lowerStudy,
  parseStudy,
  studyBatchInterval,
  studyId,
  studyTasks,
} from "../index.ts";
import {
  CHOLESTEROL_MANIFEST,
  DEPRESSION_MANIFEST,
  manifestWith,
  PLACES_MANIFEST,
  WAITING_MANIFEST,
} from "../testing.ts";

const OPENS = 1_790_812_800;

function complete(manifest: string, window: CompleteStudy["window"]): CompleteStudy {
  const reading = parseStudy(manifest);
  if (!reading.ok) throw new Error("the examples are good");
  return completeStudy(reading.study, {
    commissioner: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    leader: "http://127.0.0.1:8001/",
    helper: "http://127.0.0.1:8002/",
    collector: "A".repeat(43),
    population: "town",
    window,
  });
}

/** So few that a histogram is the shorter encoding. */
const FEW_CANDIDATES = manifestWith({
  result: "{ measures: { w: { prefixes: hours, candidates: [tea, ten, inn, ü] } } }",
});

const study = complete(CHOLESTEROL_MANIFEST, { opens: OPENS, closes: OPENS + 7 * 86_400 });

describe("tasks of a study", () => {
  /** Nodes have them in their stores: a lowering that changes them is another release. */
  test.each([
    [CHOLESTEROL_MANIFEST, ["7df8c95b34f463b8", "8987bd60e835e110", "4f28293f947f7a39"]],
    [PLACES_MANIFEST, ["cec34cfb217cd22c"]],
    [DEPRESSION_MANIFEST, ["2bf419604fdf9e26", "c3fa98284fd6e523", "70029e6c45c7848a"]],
    [
      WAITING_MANIFEST,
      [
        "e77a84d8d09314cf",
        "7a30b84547bc8801",
        "82623c4a6854a3ac",
        "e93ed7c1a62f40fb",
        "0a78279bed5b720a",
      ],
    ],
    [FEW_CANDIDATES, ["5d19885b5d0bd0a0"]],
  ])("have the ids that they had: %#", (manifest, ids) => {
    const tasks = studyTasks(complete(manifest, study.window));
    expect(tasks.map(({ id }) => encodeHex(id).slice(0, 16))).toEqual(ids);
  });

  test("whoever gets the study over the wire derives the same tasks", () => {
    const here = studyTasks(study);
    const there = studyTasks(decodeStudy(canonicalStudy(study)));
    expect(here.map(({ id }) => encodeHex(id))).toEqual(there.map(({ id }) => encodeHex(id)));
    expect(new Set(here.map(({ id }) => encodeHex(id))).size).toBe(3);
  });

  test("their configuration is what the design says", () => {
    for (const [index, { configuration }] of studyTasks(study).entries()) {
      expect(equalBytes(configuration.taskInfo.subarray(0, 32), studyId(study))).toBe(true);
      expect([...configuration.taskInfo.subarray(32)]).toEqual([0, index]);
      expect(configuration).toMatchObject({
        leaderAggregatorEndpoint: "http://127.0.0.1:8001/",
        helperAggregatorEndpoint: "http://127.0.0.1:8002/",
        timePrecision: 7 * 86_400,
        minBatchSize: 100,
        batchMode: "time_interval",
        extensions: [],
      });
    }
  });

  test("another epsilon makes other tasks: noise cannot be changed under a report's feet", () => {
    const other = completeStudy({ ...study, privacy: { ...study.privacy, epsilon: 2 } }, {});
    const [one, two] = [study, other].map((each) =>
      studyTasks(each).map(({ id }) => encodeHex(id)),
    );
    expect(one?.some((id) => two?.includes(id))).toBe(false);
  });

  test("a window that is aligned to its length is one unit, any other two", () => {
    const week = 7 * 86_400;
    const aligned = complete(CHOLESTEROL_MANIFEST, { opens: 100 * week, closes: 101 * week });
    expect(studyBatchInterval(aligned)).toEqual({ start: 100, duration: 1 });
    const later = complete(CHOLESTEROL_MANIFEST, { opens: 100 * week + 1, closes: 101 * week + 1 });
    expect(studyBatchInterval(later)).toEqual({ start: 100, duration: 2 });
  });

  test("the collector's key is taken as X25519", () => {
    expect(collectorHpkeConfig(study)).toEqual({
      id: 0,
      kemId: 0x20,
      kdfId: 1,
      aeadId: 1,
      publicKey: new Uint8Array(32),
    });
  });
});

test.each([
  ["cholesterol", CHOLESTEROL_MANIFEST],
  ["depression", DEPRESSION_MANIFEST],
  ["places", PLACES_MANIFEST],
])(
  "a report of %s is as large as the check says, whether its row is empty or not",
  (_, manifest) => {
    const opened = complete(manifest, { opens: OPENS, closes: OPENS + 3_600 });
    const keyPair = hpkeGenerateKeyPair(hpkeSuite(0x20, 1, 1), cryptoRandomBytes);
    const config = hpkeConfigOf(1, keyPair);
    const plan = lowerStudy(opened);
    const row = { band: "60+", sex: "male", cholesterol: 200, score: 3, cell: '["9q8yy"]' };
    const expected = checkStudy(opened).tasks.map(({ reportBytes }) => reportBytes);
    for (const measurements of [plan.encode(null), plan.encode(row)]) {
      const sizes = studyTasks(opened).map((task, index) => {
        const measurement = measurements[index] ?? 0;
        const addressees = { leaderHpkeConfig: config, helperHpkeConfig: config };
        const input = { measurement, timeSeconds: OPENS, ...addressees };
        return createReport(task, input, cryptoRandomBytes).length;
      });
      expect(sizes).toEqual(expected);
    }
  },
);
