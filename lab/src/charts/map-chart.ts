/**
 * Maps of San Francisco: neighbourhoods or a grid of cells, coloured by class, over the city's
 * streets and coast. The layers are defined once a page and used by every map on it.
 */

import type { Basemap } from "../geo/basemap.ts";
import { geohashBox } from "../geo/geohash.ts";
import { html, type Markup, raw } from "../report/html.ts";
import { formatCount } from "../report/numbers.ts";
import { unit } from "./drawing.ts";
import { rampOf } from "./scale.ts";

/** An area and how to paint it: a colour of the ramp, below all classes, or too uncertain to say. */
export interface Area {
  readonly name: string;
  /** What a pointer resting on it reads. */
  readonly title: string;
  readonly paint: number | "below" | "unsure";
}

/** `cell` areas are named by their geohash, `place` areas by a neighbourhood's name. */
export type AreaKind = "place" | "cell";

const SCALE_KM = 2;

/** The layers every map uses; goes into the page once. */
export function drawMapLayers(basemap: Basemap): Markup {
  return html`<svg class="layers" aria-hidden="true"><defs>
${basemap.places.map(({ path }, index) => html`<path id="place-${index}" d="${raw(path)}"/>`)}
<g id="land">${basemap.places.map((_, index) => html`<use href="#place-${index}"/>`)}</g>
<path id="streets" d="${raw(basemap.streets)}"/>
<path id="coast" d="${raw(basemap.coast)}"/>
<pattern id="unsure" width="32" height="32" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V32"/></pattern>
</defs></svg>`;
}

function className(paint: Area["paint"]): string {
  return typeof paint === "number" ? `c${paint}` : paint;
}

function drawPlace(basemap: Basemap, area: Area): Markup {
  const index = basemap.places.findIndex(({ name }) => name === area.name);
  if (index < 0) return html``;
  return html`<use href="#place-${index}" class="place ${className(area.paint)}"><title>${area.title}</title></use>`;
}

function drawCell(basemap: Basemap, area: Area): Markup {
  const box = geohashBox(area.name);
  const [left, top] = basemap.project([box.west, box.north]);
  const [right, bottom] = basemap.project([box.east, box.south]);
  return html`<rect class="cell ${className(area.paint)}" x="${unit(left)}" y="${unit(top)}" width="${unit(right - left)}" height="${unit(bottom - top)}"><title>${area.title}</title></rect>`;
}

/** One map. Cells below all classes or too uncertain are left open: the city shows through. */
export function drawMap(
  basemap: Basemap,
  map: { readonly label: string; readonly kind: AreaKind; readonly areas: readonly Area[] },
): Markup {
  const { width, height, unitsPerKm } = basemap;
  const bar = { x: 70, y: height - 70, length: unit(SCALE_KM * unitsPerKm) };
  const cells = map.areas.filter(({ paint }) => typeof paint === "number");
  return html`<div class="map"><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${map.label}">
<rect class="water" width="${width}" height="${height}"/>
<use href="#land" class="land"/>
${map.kind === "place" && map.areas.map((area) => drawPlace(basemap, area))}
${map.kind === "cell" && cells.map((area) => drawCell(basemap, area))}
<use href="#streets" class="streets"/>
<use href="#coast" class="coast"/>
<path class="scale" d="M${bar.x} ${bar.y - 22}v22h${bar.length}v-22"/>
<text class="scale-text" x="${bar.x + bar.length / 2}" y="${bar.y - 26}">${SCALE_KM} km</text>
</svg><small>© OpenStreetMap contributors, DataSF</small></div>`;
}

/** The classes in words: `100–199`, the last open above. */
export function drawLegend(borders: readonly number[], kind: AreaKind, unitName: string): Markup {
  const entries = borders.map((border, index) => {
    const next = borders[index + 1];
    const text =
      next === undefined
        ? `${formatCount(border)} or more`
        : `${formatCount(border)}–${formatCount(next - 1)}`;
    return html`<li><svg viewBox="0 0 24 16"><rect class="c${rampOf(index, borders.length)}" width="24" height="16" rx="3"/></svg>${text}</li>`;
  });
  const open =
    kind === "place"
      ? html`<svg viewBox="0 0 96 64"><rect class="unsure" width="96" height="64" rx="12"/></svg>too uncertain to say`
      : "not coloured: too uncertain to say";
  return html`<ul class="legend" aria-label="Colours"><li class="legend-title">${unitName}</li>${entries}<li>${open}</li></ul>`;
}
