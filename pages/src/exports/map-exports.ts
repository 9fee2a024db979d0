import type { StudyAnswer } from "../answer.ts";
import { areasOf } from "./areas.ts";
import { areasGeojson } from "./geojson.ts";
import { areasKml } from "./kml.ts";

/** The first count of people in cells, as maps; null of a study without one. */
export function mapExports(
  answer: Pick<StudyAnswer, "id" | "title" | "measures" | "maps">,
): { readonly geojson: string; readonly kml: string } | null {
  const [source] = answer.maps;
  if (source === undefined) return null;
  const areas = areasOf(answer, { ...source, areas: "cell" }, []);
  return { geojson: areasGeojson(answer, areas), kml: areasKml(answer, areas) };
}
