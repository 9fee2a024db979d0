import type { Study } from "@sumus/study";
import { type AreaSource, areasOf, type ExportAnswer } from "./areas.ts";
import { areasGeojson } from "./geojson.ts";
import { areasKml } from "./kml.ts";

/** The first count of people in cells that a study asks for, as maps; null when it asks for none. */
export function mapExports(
  answer: ExportAnswer,
  study: Study,
): { readonly geojson: string; readonly kml: string } | null {
  const source = cellsOf(study);
  if (source === undefined) return null;
  const areas = areasOf(answer, source, []);
  return { geojson: areasGeojson(answer, areas), kml: areasKml(answer, areas) };
}

function cellsOf({ result }: Study): AreaSource | undefined {
  for (const { dimensions, measures } of result) {
    const [dimension, second] = dimensions;
    const count = measures.find(({ kind }) => kind === "count");
    // Cells of several dimensions would lie on top of each other.
    if (dimension?.kind !== "geohash" || second !== undefined || count === undefined) continue;
    return { measure: count.name, dimension: dimension.column, areas: "cell" };
  }
  return undefined;
}
