/** The areas of a map study with their shapes and numbers, as both map formats need them. */

import type { AnswerMeasure, StudyAnswer } from "../answer.ts";
import type { AreaKind } from "../charts/map-chart.ts";
import { cellRing } from "../geo/cell.ts";
import type { Place, Polygon } from "../geo/geojson.ts";

/** What files need of an answer. */
export type ExportAnswer = Pick<StudyAnswer, "id" | "title" | "measures">;

export interface ExportArea {
  readonly name: string;
  readonly polygons: readonly Polygon[];
  readonly measure: AnswerMeasure;
}

/** Which numbers of a study are areas, and of what kind. */
export interface AreaSource {
  readonly measure: string;
  readonly dimension: string;
  readonly areas: AreaKind;
}

/** Areas in the order of the release; a name without a shape is left out. */
export function areasOf(
  study: ExportAnswer,
  source: AreaSource,
  places: readonly Place[],
): ExportArea[] {
  return study.measures
    .filter(({ name }) => name === source.measure)
    .flatMap((measure) => {
      const name = measure.group?.[source.dimension];
      if (name === undefined) return [];
      if (source.areas === "cell") return [{ name, polygons: [[cellRing(name)]], measure }];
      const place = places.find((candidate) => candidate.name === name);
      return place === undefined ? [] : [{ name, polygons: place.polygons, measure }];
    });
}
