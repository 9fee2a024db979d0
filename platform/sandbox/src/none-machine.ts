/** Without a map, a person's row is the only one that they have in the only table. */
import { type MapMachine, MapStop } from "./map-run.ts";
import { refusalOf } from "./refusal.ts";

export function createNoneMachine(): MapMachine {
  return {
    run(source, tables) {
      const [table, ...more] = Object.values(tables);
      if (source !== "" || table === undefined || more.length > 0) {
        return refusalOf(new MapStop("mapInvalid", "expected one table and no code"));
      }
      const [row, second] = table.rows;
      if (row === undefined) return { ok: true, row: null, fuelSteps: 0 };
      if (second !== undefined) {
        const message = "expected at most one row, got several; a map could aggregate them";
        return refusalOf(new MapStop("outputInvalid", message));
      }
      const cells = table.columns.map(({ constant, index, name }, place) => {
        return [name, constant ?? row[index ?? place] ?? null] as const;
      });
      return { ok: true, row: Object.fromEntries(cells), fuelSteps: 0 };
    },
  };
}
