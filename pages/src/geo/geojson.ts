/** The part of GeoJSON [RFC 7946] that the lab reads and writes. Longitude comes first. */

export type Position = readonly [longitude: number, latitude: number];
export type Ring = readonly Position[];
/** The outer ring first, holes after it. */
export type Polygon = readonly Ring[];

type Geometry =
  | { readonly type: "Polygon"; readonly coordinates: Polygon }
  | { readonly type: "MultiPolygon"; readonly coordinates: readonly Polygon[] }
  | { readonly type: "MultiLineString"; readonly coordinates: readonly Ring[] };

export interface Feature<G extends Geometry = Geometry> {
  readonly type: "Feature";
  readonly properties: Readonly<Record<string, string | number | boolean | null>>;
  readonly geometry: G;
}

export interface FeatureCollection<G extends Geometry = Geometry> {
  readonly type: "FeatureCollection";
  readonly features: readonly Feature<G>[];
}

/** A named area: a neighbourhood. */
export interface Place {
  readonly name: string;
  readonly polygons: readonly Polygon[];
}

/** Reads our own map files: multi-polygons with a `name`. Throws on any other shape. */
export function placesOf(collection: FeatureCollection): Place[] {
  return collection.features.map((feature, index) => {
    const name = feature.properties["name"];
    if (typeof name !== "string" || feature.geometry.type !== "MultiPolygon") {
      throw new TypeError(
        `map feature ${index}: expected a MultiPolygon with a name, got ${feature.geometry.type}`,
      );
    }
    return { name, polygons: feature.geometry.coordinates };
  });
}

/** All lines of a collection of multi-line strings. Throws on any other shape. */
export function linesOf(collection: FeatureCollection): Ring[] {
  return collection.features.flatMap((feature, index) => {
    if (feature.geometry.type !== "MultiLineString") {
      throw new TypeError(
        `map feature ${index}: expected a MultiLineString, got ${feature.geometry.type}`,
      );
    }
    return feature.geometry.coordinates;
  });
}
