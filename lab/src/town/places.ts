/**
 * What a vault's importer does with a track on its owner's own device: it looks up in a public map
 * which neighbourhood each point lies in, so that a study can ask for neighbourhoods and nobody
 * need ask for points.
 */

import type { Locate } from "@sumus/pages";
import type { Table } from "@sumus/vault";
import { LabError } from "../lab-error.ts";

/** The column that is added. */
const COLUMN = "neighborhood";

/** The table with a column `neighborhood`, NULL outside of all of them. */
export function withNeighborhoods(table: Table, locate: Locate): Table {
  const indexOf = (name: string): number =>
    table.columns.findIndex((column) => column.name === name);
  const [latitude, longitude] = [indexOf("lat"), indexOf("lon")];
  if (latitude < 0 || longitude < 0) {
    throw new LabError("badInput", "Expected columns lat and lon, got others.", "Rename them.");
  }
  return {
    columns: [...table.columns, { name: COLUMN, type: "TEXT" }],
    rows: table.rows.map((row) => {
      const [lat, lon] = [row[latitude], row[longitude]];
      const isPoint = typeof lat === "number" && typeof lon === "number";
      return [...row, isPoint ? locate(lat, lon) : null];
    }),
  };
}
