/**
 * Maps that somebody damaged, by accident or not: whatever becomes of the map, the sandbox answers
 * in its own words, twice alike, and the next map is unharmed.
 */
import { decodeBase64, encodeBase64 } from "@sumus/bytes";
import { assert, constantFrom, integer, property, tuple, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { CONFORMANCE_MAPS, type LanguageMaps, NESTING_MAP } from "./conformance-maps.ts";
import { createSandbox, type MapOutcome, type MapTable } from "./index.ts";

const sandbox = await createSandbox();
const person: MapTable = {
  columns: [
    { name: "age", type: "INTEGER" },
    { name: "sex", type: "TEXT" },
  ],
  rows: [[44, "female"]],
};
/** Enough for what is sound, and little enough for many runs. */
const limits = { fuelSteps: 2_000 };

const ask = ({ language }: LanguageMaps, source: string): MapOutcome =>
  sandbox.run({ language, source, tables: { person }, limits });

function mapsIn(languages: readonly string[]): { maps: LanguageMaps; source: string }[] {
  return CONFORMANCE_MAPS.filter(({ language }) => languages.includes(language)).flatMap((maps) => {
    const sources = [maps.theRow, maps.runs, maps.timeAndChance, maps.remains];
    if (maps.language === "wasm") sources.push(NESTING_MAP);
    return sources.flatMap((source) => (source === null ? [] : [{ maps, source }]));
  });
}

function expectContained(maps: LanguageMaps, source: string): void {
  const outcome = ask(maps, source);
  if (!outcome.ok) expect(outcome.message).not.toBe("");
  expect(ask(maps, source)).toEqual(outcome);
  const { theRowSteps: fuelSteps } = maps;
  expect(ask(maps, maps.theRow)).toEqual({
    ok: true,
    row: { age: 44, sex: "female" },
    fuelSteps,
  });
}

const place = integer({ min: 0, max: 100_000 });
const changes = uniqueArray(tuple(place, integer({ min: 0, max: 255 })), {
  minLength: 1,
  maxLength: 4,
});

test("modules with other bytes in them", () => {
  assert(
    property(constantFrom(...mapsIn(["wasm", "wasi"])), changes, ({ maps, source }, edits) => {
      const bytes = decodeBase64(source);
      for (const [at, byte] of edits) bytes[8 + (at % (bytes.length - 8))] = byte;
      expectContained(maps, encodeBase64(bytes));
    }),
    { numRuns: 5_000 },
  );
});

test("texts with other characters in them", () => {
  const noise = "(){}[]=>;'\"`*/+-.,:01 \n\\".split("");
  assert(
    property(
      constantFrom(...mapsIn(["sql", "javascript"])),
      uniqueArray(tuple(place, constantFrom(...noise, "")), { minLength: 1, maxLength: 4 }),
      ({ maps, source }, edits) => {
        const characters = [...source];
        for (const [at, character] of edits) characters[at % characters.length] = character;
        expectContained(maps, characters.join(""));
      },
    ),
    { numRuns: 400 },
  );
});
