/**
 * The contract of the sandbox, on every language, in Node and in Chromium: what honest maps get,
 * what hostile ones meet, and that nobody notices who ran before. Fuel is compared with fixed
 * numbers, so both platforms must count alike.
 */
import { assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { CONFORMANCE_MAPS, type LanguageMaps, NESTING_MAP } from "./conformance-maps.ts";
import { createSandbox, type MapOutcome, type MapRequest, type MapTable } from "./index.ts";

const sandbox = await createSandbox();

const columns: MapTable["columns"] = [
  { name: "age", type: "INTEGER", index: 2 },
  { name: "sex", type: "TEXT", index: 0 },
];
const person: MapTable = { columns, rows: [["female", "not asked for", 44]] };
const nobody: MapTable = { columns, rows: [] };
const theRow = { age: 44, sex: "female" };

/** On a machine that does much else, the second that SQL may take is over before its fuel is. */
const durationMs = 30_000;

function ask(
  maps: LanguageMaps,
  source: string,
  more: Partial<Pick<MapRequest, "limits" | "tables">> = {},
): MapOutcome {
  const { tables = { person } } = more;
  const limits = { durationMs, ...more.limits };
  return sandbox.run({ language: maps.language, source, tables, limits });
}

describe.each(CONFORMANCE_MAPS)("maps in $language", (maps) => {
  test("get the columns they were given, and give a row", () => {
    expect(ask(maps, maps.theRow)).toEqual({
      ok: true,
      row: theRow,
      fuelSteps: maps.theRowSteps,
    });
  });

  test("give no row", () => {
    const outcome = ask(maps, maps.theRow, { tables: { person: nobody } });
    expect(outcome).toMatchObject({ ok: true, row: null });
  });

  test("see what is the same in every row, whatever it is called", () => {
    const odd: MapTable = {
      columns: [
        { name: '__proto__ "a"', type: "TEXT" },
        { name: "constant", type: "INTEGER", constant: 1 },
      ],
      rows: [['\u{1d11e} "\\\n\u0007']],
    };
    expect(ask(maps, maps.theRow, { tables: { person: odd } })).toMatchObject({
      row: { '__proto__ "a"': '\u{1d11e} "\\\n\u0007', constant: 1 },
    });
  });

  test("take the same fuel every time, and end at a limit that is named", () => {
    if (maps.theRowSteps === 0) return;
    const fuelSteps = maps.theRowSteps;
    for (let run = 0; run < 3; run++) expect(ask(maps, maps.theRow)).toMatchObject({ fuelSteps });
    const enough = { limits: { fuelSteps: fuelSteps + 1 } };
    expect(ask(maps, maps.theRow, enough)).toMatchObject({ ok: true, fuelSteps });
    expect(ask(maps, maps.theRow, { limits: { fuelSteps: fuelSteps - 1 } })).toEqual({
      ok: false,
      reason: "outOfFuel",
      message: `the map ran too long: ${(fuelSteps - 1).toLocaleString("en")} steps allowed`,
    });
  });

  test("give no more than they may", () => {
    const limits = { outputBytes: 5 };
    if (maps.language === "none") return;
    expect(ask(maps, maps.theRow, { limits })).toMatchObject({
      ok: false,
      reason: "outputInvalid",
      message: expect.stringContaining("at most 5 bytes"),
    });
  });

  test("find nothing of what they left", () => {
    if (maps.runs === null) return;
    for (let run = 0; run < 3; run++) expect(ask(maps, maps.runs)).toMatchObject({ row: { n: 1 } });
  });

  test("find nothing of another person's rows", () => {
    if (maps.remains === null) return;
    const alone = ask(maps, maps.remains, { tables: { person: nobody } });
    expect(alone.ok ? String(alone.row?.["t"]) : "").not.toContain("f");
    ask(maps, maps.remains);
    expect(ask(maps, maps.remains, { tables: { person: nobody } })).toEqual(alone);
  });

  test("have a time that stands still, and no chance", () => {
    if (maps.timeAndChance === null) return;
    const said = { javascript: Array.from({ length: 6 }, () => "undefined").join(), wasi: "00" };
    const t = said[maps.language as keyof typeof said];
    expect(ask(maps, maps.timeAndChance)).toMatchObject({ ok: true, row: { t } });
  });

  test("have too many rows for their memory", () => {
    if (maps.language === "none") return;
    const rows = Array.from({ length: 10_000 }, () => ["x".repeat(5_000), null, 1]);
    const outcome = ask(maps, maps.theRow, { tables: { person: { columns, rows } } });
    const reasons = ["outOfMemory", "outOfFuel", "mapFailed", "outputInvalid"];
    expect(outcome.ok ? "ok" : reasons).toContain(outcome.ok ? "no" : outcome.reason);
    expect(ask(maps, maps.theRow)).toMatchObject({ ok: true, row: theRow });
  });

  test.each(maps.hostile)("%s: contained, in words, the next map unharmed", (...hostile) => {
    const [, source, reason, words] = hostile;
    const outcome = ask(maps, source);
    expect(outcome).toEqual({ ok: false, reason, message: expect.stringContaining(words) });
    expect(JSON.stringify(outcome)).not.toContain("SECRET");
    for (const next of CONFORMANCE_MAPS) {
      const { theRowSteps: fuelSteps } = next;
      expect(ask(next, next.theRow)).toEqual({ ok: true, row: theRow, fuelSteps });
    }
  });
});

test("calls may nest almost as deeply as the meter allows", () => {
  const outcome = sandbox.run({ language: "wasm", source: NESTING_MAP, tables: { person } });
  expect(outcome).toMatchObject({ ok: true, row: { n: 1 } });
});

test("an outcome does not depend on what ran before, in whatever language", () => {
  // What they meet at the full limit stands above; here they need only be many.
  const limits = { fuelSteps: 200_000 };
  const all = CONFORMANCE_MAPS.flatMap((maps) =>
    [maps.theRow, maps.runs ?? "", ...maps.hostile.map(([, source]) => source)].map((source) => ({
      maps,
      source,
    })),
  );
  const alone = new Map(all.map((one) => [one, ask(one.maps, one.source, { limits })]));
  const any = constantFrom(...all);
  assert(
    property(any, any, (first, second) => {
      ask(first.maps, first.source, { limits });
      expect(ask(second.maps, second.source, { limits })).toEqual(alone.get(second));
    }),
    { numRuns: 100 },
  );
});
