/** Modules that a compiler made, beside the same question in SQL and in JavaScript. */
import { array, assert, integer, property, string } from "fast-check";
import { expect, test } from "vitest";
import { createSandbox, type MapTable } from "./index.ts";
import { stepsInEveryLanguage } from "./testing-node.ts";

const sandbox = await createSandbox();
const sources = await stepsInEveryLanguage();

function tablesOf(age: number, steps: readonly number[], note: string): Record<string, MapTable> {
  return {
    days: {
      columns: [
        { name: "note", type: "TEXT" },
        { name: "steps", type: "INTEGER" },
      ],
      rows: steps.map((count) => [note, count]),
    },
    person: { columns: [{ name: "age", type: "INTEGER" }], rows: [[age]] },
  };
}

test("every language answers alike", () => {
  const steps = array(integer({ min: 0, max: 50_000 }), { minLength: 1, maxLength: 400 });
  const note = string({ unit: "binary", maxLength: 40 });
  assert(
    property(integer({ min: 0, max: 120 }), steps, note, (age, counts, text) => {
      const tables = tablesOf(age, counts, text.toWellFormed());
      const row = { age, steps: counts.reduce((sum, count) => sum + count, 0) };
      for (const [language, source] of sources) {
        const outcome = sandbox.run({ language, source, tables });
        expect([language, outcome]).toMatchObject([language, { ok: true, row }]);
        expect(sandbox.run({ language, source, tables })).toEqual(outcome);
      }
    }),
    { numRuns: 50 },
  );
});
