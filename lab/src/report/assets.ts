/** Reads what the page is made with: its style sheet, two typefaces and the city's map. */

import { readFile } from "node:fs/promises";
import { type Basemap, createBasemap } from "../geo/basemap.ts";
import { type FeatureCollection, linesOf, type Place, placesOf } from "../geo/geojson.ts";
import type { ReportAssets } from "./page.ts";

const MAP_FOLDER = new URL("../../data/map/", import.meta.url);
const STYLE = new URL("./style.css", import.meta.url);

/** Families of the style sheet, and where the files are that they are inlined from. */
const TYPEFACES: readonly (readonly [family: string, url: string])[] = [
  [
    "Source Serif 4",
    import.meta.resolve(
      "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2",
    ),
  ],
  [
    "Source Sans 3",
    import.meta.resolve(
      "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2",
    ),
  ],
];

async function fontFace(family: string, url: string): Promise<string> {
  const bytes = await readFile(new URL(url));
  const source = `url(data:font/woff2;base64,${bytes.toString("base64")}) format("woff2")`;
  return `@font-face{font-family:"${family}";font-weight:200 900;font-display:swap;src:${source}}`;
}

async function readMap(name: string): Promise<FeatureCollection> {
  // Our own file, committed with the code and covered by a test: no decoder needed.
  return JSON.parse(await readFile(new URL(name, MAP_FOLDER), "utf8")) as FeatureCollection;
}

/** The neighbourhoods of San Francisco. */
export async function loadPlaces(): Promise<Place[]> {
  return placesOf(await readMap("neighborhoods.geojson"));
}

/** The city, projected and simplified. */
export async function loadBasemap(): Promise<Basemap> {
  const [places, streets, coast] = await Promise.all([
    loadPlaces(),
    readMap("streets.geojson"),
    readMap("coast.geojson"),
  ]);
  return createBasemap(places, linesOf(streets), linesOf(coast));
}

/** Everything `renderReport` needs besides the result. */
export async function loadReportAssets(): Promise<ReportAssets> {
  const [style, basemap, ...faces] = await Promise.all([
    readFile(STYLE, "utf8"),
    loadBasemap(),
    ...TYPEFACES.map(([family, url]) => fontFace(family, url)),
  ]);
  return { style: `${faces.join("\n")}\n${style}`, basemap };
}
