/**
 * Maps of San Francisco: neighbourhoods or a grid of cells, coloured by class, over the city's
 * streets and coast. The layers are defined once a page and used by every map on it.
 */

import type { Basemap } from "../geo/basemap.ts";
import { geohashBox } from "../geo/geohash.ts";
import { html, type Markup, raw } from "../markup/html.ts";
import { formatCount } from "../markup/numbers.ts";
import { rampOf } from "./scale.ts";
import { label, path, picture, rect, swatch } from "./shapes.ts";

/** An area and its paint: a colour of the ramp, none below all classes, or a hatch. */
export interface Area {
  readonly name: string;
  /** What a pointer resting on it reads. */
  readonly title: string;
  readonly paint: number | "below" | "unsure";
}

/** `cell` areas are named by their geohash, `place` areas by a neighbourhood's name. */
export type AreaKind = "place" | "cell";

const SCALE_KM = 2;

/** Lines of the hatch, as far apart as can be told at the size of a phone. */
const HATCH = raw(
  '<pattern id="unsure" width="32" height="32" patternUnits="userSpaceOnUse" ' +
    'patternTransform="rotate(45)"><path class="hatch" d="M0 0V32"/></pattern>',
);

/** The layers every map uses; goes into the page once. */
export function drawMapLayers(basemap: Basemap): Markup {
  const { coast, places, streets } = basemap;
  const shapes = places.map(({ path: d }, index) => html`<path id="place-${index}" d="${d}"/>`);
  const land = places.map((_, index) => html`<use href="#place-${index}"/>`);
  return html`<svg class="layers" aria-hidden="true"><defs>
${shapes}
<g id="land">${land}</g>
<path id="streets" d="${streets}"/>
<path id="coast" d="${coast}"/>
${HATCH}
</defs></svg>`;
}

function className(paint: Area["paint"]): string {
  return typeof paint === "number" ? `c${paint}` : paint;
}

function drawPlace(basemap: Basemap, { name, paint, title }: Area): Markup {
  const index = basemap.places.findIndex((place) => place.name === name);
  if (index < 0) return html``;
  const tip = html`<title>${title}</title>`;
  return html`<use href="#place-${index}" class="place ${className(paint)}">${tip}</use>`;
}

function drawCell(basemap: Basemap, { name, paint, title }: Area): Markup {
  const box = geohashBox(name);
  const [x, y] = basemap.project([box.west, box.north]);
  const [right, bottom] = basemap.project([box.east, box.south]);
  const size = { x, y, width: right - x, height: bottom - y };
  return rect(`cell ${className(paint)}`, size, html`<title>${title}</title>`);
}

function drawScaleBar({ height, unitsPerKm }: Basemap): Markup {
  const [x, y, length] = [70, height - 70, SCALE_KM * unitsPerKm];
  return html`${path("scale", "M", x, y - 22, "v22h", length, "v-22")}
${label("scale-text", x + length / 2, y - 26, `${SCALE_KM} km`)}`;
}

/** One map. Cells below all classes or too uncertain are left open: the city shows through. */
export function drawMap(
  basemap: Basemap,
  map: { readonly label: string; readonly kind: AreaKind; readonly areas: readonly Area[] },
): Markup {
  const areas =
    map.kind === "place"
      ? map.areas.map((area) => drawPlace(basemap, area))
      : map.areas
          .filter(({ paint }) => typeof paint === "number")
          .map((area) => drawCell(basemap, area));
  const { height, width } = basemap;
  const layers = [
    rect("water", { x: 0, y: 0, width, height }),
    html`<use href="#land" class="land"/>`,
    areas,
    html`<use href="#streets" class="streets"/><use href="#coast" class="coast"/>`,
    drawScaleBar(basemap),
  ];
  return html`<div class="map">${picture(basemap, map.label, "", layers)}
<small>© OpenStreetMap contributors, DataSF</small></div>`;
}

/** The classes in words: `100–199`, the last open above. */
export function drawLegend(borders: readonly number[], kind: AreaKind, unitName: string): Markup {
  const entries = borders.map((border, index) => {
    const next = borders[index + 1];
    const range = next === undefined ? " or more" : `–${formatCount(next - 1)}`;
    const paint = `c${rampOf(index, borders.length)}`;
    const box = swatch(24, 16, rect(paint, { x: 0, y: 0, width: 24, height: 16, round: 3 }));
    return html`<li>${box}${formatCount(border)}${range}</li>`;
  });
  // The hatch is made for a map's units, so its swatch has some of them.
  const hatch = swatch(96, 64, rect("unsure", { x: 0, y: 0, width: 96, height: 64, round: 12 }));
  const open =
    kind === "place" ? html`${hatch}too uncertain to say` : "not coloured: too uncertain to say";
  return html`<ul class="legend" aria-label="Colours"><li class="legend-title">${unitName}</li>
${entries}<li>${open}</li></ul>`;
}
