/** A map study as GeoJSON [RFC 7946]: a feature an area, numbers as properties. */

import type { Feature, FeatureCollection } from "../geo/geojson.ts";
import type { ExportAnswer, ExportArea } from "./areas.ts";

function feature({ name, polygons, measure }: ExportArea): Feature {
  const { suppressed } = measure;
  const [only, second] = polygons;
  return {
    type: "Feature",
    properties: {
      name,
      estimate: suppressed ? null : measure.estimate,
      low: suppressed ? null : measure.low,
      high: suppressed ? null : measure.high,
      suppressed,
      ...(measure.truth !== undefined && { truth: measure.truth }),
      ...(measure.truthAll !== undefined && { truthAll: measure.truthAll }),
    },
    geometry:
      only !== undefined && second === undefined
        ? { type: "Polygon", coordinates: only }
        : { type: "MultiPolygon", coordinates: polygons },
  };
}

/** One line a feature, so that two answers can be compared with ordinary tools. */
export function areasGeojson(study: ExportAnswer, areas: readonly ExportArea[]): string {
  const collection: FeatureCollection = { type: "FeatureCollection", features: [] };
  const features = areas.map((area) => JSON.stringify(feature(area))).join(",\n");
  const head = JSON.stringify({ ...collection, title: study.title, study: study.id });
  return `${head.replace('"features":[]', `"features":[\n${features}\n]`)}\n`;
}
