/**
 * Maps: neighbourhoods or cells, coloured by class, over a city's streets and coast or, where no
 * city is known, over lines of latitude and longitude. A city's layers are defined once a page and
 * used by every map on it.
 */

import type { Basemap } from "../geo/basemap.ts";
import { boxOf } from "../geo/boundary.ts";
import { cellRing } from "../geo/cell.ts";
import { type Plane, planeAround } from "../geo/plane.ts";
import { pathOf } from "../geo/simplify.ts";
import { html, type Markup, raw } from "../markup/html.ts";
import { formatCount } from "../markup/numbers.ts";
import { niceStep, rampOf } from "./scale.ts";
import { label, path, picture, rect, swatch } from "./shapes.ts";

/** An area and its paint: a colour of the ramp, none below all classes, or a hatch. */
export interface Area {
  readonly name: string;
  /** What a pointer resting on it reads. */
  readonly title: string;
  readonly paint: number | "below" | "unsure";
}

/** `cell` areas are named by their geohash or H3 cell, `place` areas by a neighbourhood's name. */
export type AreaKind = "place" | "cell";

/** Lines of latitude, and of longitude, on a map without a city. */
const LINES = 4;

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

function drawCell(plane: Plane, { name, paint, title }: Area): Markup {
  const d = pathOf(cellRing(name).map(plane.project), true);
  return html`<path class="cell ${className(paint)}" d="${d}"><title>${title}</title></path>`;
}

/** As long as is round and about a sixth of the map. */
function drawScaleBar({ height, unitsPerKm, width }: Plane): Markup {
  const km = niceStep(width / unitsPerKm, 6);
  const [x, y, length] = [70, height - 70, km * unitsPerKm];
  const words = km < 1 ? `${formatCount(km * 1000)} m` : `${formatCount(km)} km`;
  return html`${path("scale", "M", x, y - 22, "v22h", length, "v-22")}
${label("scale-text", x + length / 2, y - 26, words)}`;
}

/** Lines at round degrees, so that a map of anywhere says where it is. */
function drawDegrees(plane: Plane): Markup {
  const { area, height, width } = plane;
  const step = niceStep(Math.min(area.north - area.south, area.east - area.west), LINES);
  const between = (low: number, high: number): number[] => {
    const first = Math.ceil(low / step);
    const count = Math.floor(high / step) - first + 1;
    return Array.from({ length: count }, (_, index) => (first + index) * step);
  };
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9) + (step < 1 ? 1 : 0));
  const words = (degrees: number): string =>
    `${Number(degrees.toFixed(decimals))}°`.replace("-", "\u2212");
  const parallels = between(area.south, area.north).map((latitude) => {
    const [, y] = plane.project([area.west, latitude]);
    // Below the names of the meridians there is room for one.
    return (
      y > 110 && [
        path("degree", "M", 0, y, "h", width),
        label("degree-text", 16, y - 10, words(latitude)),
      ]
    );
  });
  const meridians = between(area.west, area.east).map((longitude) => {
    const [x] = plane.project([longitude, area.south]);
    return [
      path("degree", "M", x, 0, "v", height),
      label("degree-text", x + 12, 46, words(longitude)),
    ];
  });
  return html`${parallels}${meridians}`;
}

interface MapChart {
  readonly label: string;
  readonly kind: AreaKind;
  readonly areas: readonly Area[];
}

/** One map of a city. Cells below all classes or too uncertain are left open: the city shows through. */
export function drawMap(basemap: Basemap, map: MapChart): Markup {
  const areas =
    map.kind === "place"
      ? map.areas.map((area) => drawPlace(basemap, area))
      : drawPainted(basemap, map.areas);
  const { height, width } = basemap;
  const layers = [
    rect("water", { x: 0, y: 0, width, height }),
    html`<use href="#land" class="land"/>`,
    areas,
    html`<use href="#streets" class="streets"/><use href="#coast" class="coast"/>`,
    drawScaleBar(basemap),
  ];
  return html`<div class="map">${picture(basemap, map.label, "", layers)}
<small>${basemap.credit}</small></div>`;
}

/** Cells that are outlined; more of them would make a page heavy, and could not be told apart. */
const OUTLINES_MAX = 2_000;

/** One map of cells anywhere. Those that are not coloured are outlined: they were asked about too. */
export function drawCellMap(map: MapChart): Markup {
  const plane = planeAround(boxOf(map.areas.flatMap(({ name }) => cellRing(name))));
  const { height, width } = plane;
  const layers = [
    rect("land", { x: 0, y: 0, width, height }),
    map.areas.length <= OUTLINES_MAX &&
      map.areas
        .filter(({ paint }) => typeof paint !== "number")
        .map((area) => drawCell(plane, { ...area, paint: "below" })),
    drawPainted(plane, map.areas),
    drawDegrees(plane),
    drawScaleBar(plane),
  ];
  return html`<div class="map">${picture(plane, map.label, "", layers)}</div>`;
}

function drawPainted(plane: Plane, areas: readonly Area[]): Markup[] {
  return areas
    .filter(({ paint }) => typeof paint === "number")
    .map((area) => drawCell(plane, area));
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
