/**
 * A map study as KML 2.2 for a globe: each area stands as high as its number, in four colours known
 * from heat maps (green, yellow, orange, red by quarters of the highest). Areas that are too
 * uncertain to say are left out: a globe has no way to draw a question mark.
 */

import type { Polygon, Ring } from "../geo/geojson.ts";
import { escapeHtml } from "../report/html.ts";
import type { LabStudyResult } from "../result.ts";
import type { ExportArea } from "./areas.ts";

/** KML colours are aabbggrr. Translucent, so that the streets below can be read. */
const COLOURS = ["b300cc00", "b300ffff", "b30076fe", "b30000aa"] as const;
/** Height of the highest area, metres. */
const HEIGHT_METRES = 3000;

function quarterOf(share: number): number {
  return Math.max(0, Math.min(COLOURS.length - 1, Math.ceil(share * COLOURS.length) - 1));
}

function coordinates(ring: Ring, heightMetres: number): string {
  return ring
    .map(([longitude, latitude]) => `${longitude},${latitude},${Math.round(heightMetres)}`)
    .join(" ");
}

function polygonKml(polygon: Polygon, heightMetres: number): string {
  const rings = polygon.map((ring, index) => {
    const side = index === 0 ? "outerBoundaryIs" : "innerBoundaryIs";
    return `<${side}><LinearRing><coordinates>${coordinates(ring, heightMetres)}</coordinates></LinearRing></${side}>`;
  });
  return `<Polygon><extrude>1</extrude><altitudeMode>relativeToGround</altitudeMode>${rings.join("")}</Polygon>`;
}

function placemark(area: ExportArea, highest: number): string {
  const { estimate, low, high } = area.measure;
  const share = (estimate ?? 0) / highest;
  const text = `${Math.round(estimate ?? 0)} (95 % interval ${Math.round(low ?? 0)} to ${Math.round(high ?? 0)})`;
  const shapes = area.polygons.map((polygon) => polygonKml(polygon, share * HEIGHT_METRES));
  return `<Placemark><name>${escapeHtml(area.name)}</name><description>${escapeHtml(text)}</description><styleUrl>#q${quarterOf(share)}</styleUrl><MultiGeometry>${shapes.join("")}</MultiGeometry></Placemark>`;
}

/** The document; empty of placemarks when nothing can be said. */
export function areasKml(study: LabStudyResult, areas: readonly ExportArea[]): string {
  const shown = areas.filter(
    ({ measure }) => !measure.suppressed && measure.estimate !== null && measure.estimate > 0,
  );
  const highest = Math.max(1, ...shown.map(({ measure }) => measure.estimate ?? 0));
  const styles = COLOURS.map(
    (colour, index) =>
      `<Style id="q${index}"><PolyStyle><color>${colour}</color></PolyStyle><LineStyle><color>ffffffff</color><width>1</width></LineStyle></Style>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>${escapeHtml(study.title)}</name>
${styles.join("\n")}
${shown.map((area) => placemark(area, highest)).join("\n")}
</Document></kml>
`;
}
