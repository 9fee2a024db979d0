/**
 * A map study as KML 2.2 for a globe: each area stands as high as its number, in four colours known
 * from heat maps (green, yellow, orange, red by quarters of the highest). Areas that are too
 * uncertain to say are left out: a globe has no way to draw a question mark.
 */

import type { Polygon, Ring } from "../geo/geojson.ts";
import { escapeHtml } from "../markup/html.ts";
import type { ExportAnswer, ExportArea } from "./areas.ts";

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

/** An element around content that is XML already. */
function element(name: string, ...content: readonly string[]): string {
  return `<${name}>${content.join("")}</${name}>`;
}

function polygonKml(polygon: Polygon, heightMetres: number): string {
  const rings = polygon.map((ring, index) => {
    const line = element("LinearRing", element("coordinates", coordinates(ring, heightMetres)));
    return element(index === 0 ? "outerBoundaryIs" : "innerBoundaryIs", line);
  });
  const lifted = element("extrude", "1") + element("altitudeMode", "relativeToGround");
  return element("Polygon", lifted, ...rings);
}

function placemark({ measure, name, polygons }: ExportArea, highest: number): string {
  const [estimate, low, high] = [measure.estimate, measure.low, measure.high].map((value) =>
    Math.round(value ?? 0),
  );
  const share = (measure.estimate ?? 0) / highest;
  return element(
    "Placemark",
    element("name", escapeHtml(name)),
    element("description", `${estimate} (95 % interval ${low} to ${high})`),
    element("styleUrl", `#q${quarterOf(share)}`),
    element(
      "MultiGeometry",
      ...polygons.map((polygon) => polygonKml(polygon, share * HEIGHT_METRES)),
    ),
  );
}

function style(colour: string, quarter: number): string {
  const line = element("LineStyle", element("color", "ffffffff"), element("width", "1"));
  return `<Style id="q${quarter}">${element("PolyStyle", element("color", colour))}${line}</Style>`;
}

/** The document; empty of placemarks when nothing can be said. */
export function areasKml(study: ExportAnswer, areas: readonly ExportArea[]): string {
  const shown = areas.filter(
    ({ measure }) => !measure.suppressed && measure.estimate !== null && measure.estimate > 0,
  );
  const highest = shown.reduce((most, { measure }) => Math.max(most, measure.estimate ?? 0), 1);
  return `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>${escapeHtml(study.title)}</name>
${COLOURS.map(style).join("\n")}
${shown.map((area) => placemark(area, highest)).join("\n")}
</Document></kml>
`;
}
