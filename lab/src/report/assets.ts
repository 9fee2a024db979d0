/** Reads what the page is made with: its style and the city's map. */

import { readFile } from "node:fs/promises";
import {
  type Basemap,
  createBasemap,
  type FeatureCollection,
  linesOf,
  loadPageStyle,
  type Place,
  placesOf,
} from "@sumus/pages";
import type { ReportAssets } from "./page.ts";

const MAP_FOLDER = new URL("../../data/map/", import.meta.url);

async function readMap(name: string): Promise<FeatureCollection> {
  // Our own file, committed with the code and covered by a test: no decoder needed.
  return JSON.parse(await readFile(new URL(name, MAP_FOLDER), "utf8")) as FeatureCollection;
}

const CREDIT = "© OpenStreetMap contributors, DataSF";

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
  return createBasemap(places, linesOf(streets), linesOf(coast), CREDIT);
}

/** Everything `renderReport` needs besides the result. */
export async function loadReportAssets(): Promise<ReportAssets> {
  const [style, basemap] = await Promise.all([loadPageStyle(), loadBasemap()]);
  return { style, basemap };
}
