/**
 * A population: people of whom studies are asked, what their vaults hold, and how much all studies together
 * may reveal of them. Operators register it with their nodes.
 *
 * @module
 */
import {
  Cursor,
  canonicalJson,
  clip,
  Findings,
  isWhole,
  type Problem,
  readYaml,
} from "@sumus/document";
import { needsOf } from "./manifest.ts";
import { readNeeds } from "./read/read-terms.ts";
import type { Need } from "./study.ts";

export interface Population {
  readonly id: string;
  /** What studies of it may ask for. */
  readonly collections: readonly Need[];
  /** Of zero-concentrated differential privacy, for all its studies in any stretch of `days`. */
  readonly rho: number;
  readonly days: number;
}

export type PopulationReading =
  | { readonly ok: true; readonly population: Population }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** An id that can stand in a URL. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const RHO_MAX = 1_000;
const DAYS_MAX = 3_660;

/** Reads a population in YAML or JSON, from anybody. It never throws. */
export function parsePopulation(text: string): PopulationReading {
  const source = readYaml(text);
  if (!source.ok) return { ok: false, problems: source.problems };
  const findings = new Findings();
  const population = readFields(new Cursor(source.root, "", findings));
  const { problems } = findings;
  return population !== undefined && problems.length === 0
    ? { ok: true, population }
    : { ok: false, problems };
}

/** What is registered: populations with the same meaning have the same text. */
export function canonicalPopulation({ id, collections, rho, days }: Population): string {
  return canonicalJson({ id, collections: needsOf(collections), budget: { rho, days } });
}

/** Why the population has no such study: what it asks for and nobody holds. Null when all is there. */
export function whyBeyond({ id, collections }: Population, needs: readonly Need[]): string | null {
  for (const { collection, columns } of needs) {
    const held = collections.find((each) => each.collection === collection);
    if (held === undefined) return `population ${id} holds no ${collection}`;
    const missing = columns.find((column) => !held.columns.includes(column));
    if (missing !== undefined) return `population ${id} holds no ${collection}.${missing}`;
  }
  return null;
}

export function isPopulationId(text: string): boolean {
  return ID.test(text);
}

function readFields(cursor: Cursor): Population | undefined {
  const fields = cursor.fields(["id", "collections", "budget"], "a population");
  if (fields === undefined) return undefined;
  const id = cursor.required(fields, "id", "such as id: lab");
  const collections = cursor.required(fields, "collections", "such as { visits: [day, place] }");
  const budget = cursor.required(fields, "budget", "such as { rho: 0.5, days: 30 }");
  const read = {
    id: id && readId(id),
    collections: collections && readNeeds(collections),
    budget: budget && readBudget(budget),
  };
  if (!isWhole(read)) return undefined;
  return { id: read.id, collections: read.collections, ...read.budget };
}

function readId(cursor: Cursor): string | undefined {
  const id = cursor.text("an id");
  if (id === undefined || isPopulationId(id)) return id;
  const message = `expected the id of a population, got "${clip(id)}"`;
  return cursor.problem(message, "use letters, digits, ., _ and -, 64 at most");
}

function readBudget(cursor: Cursor): { rho: number; days: number } | undefined {
  const fields = cursor.fields(["rho", "days"], "a budget");
  if (fields === undefined) return undefined;
  const given = cursor.required(fields, "rho", "what all studies together may reveal: rho: 0.5");
  const rho = given?.number("rho");
  const days = cursor.required(fields, "days", "such as days: 30")?.integer("days", 1, DAYS_MAX);
  if (rho === undefined || days === undefined) return undefined;
  if (rho > 0 && rho <= RHO_MAX) return { rho, days };
  const message = `expected rho above 0 and up to ${RHO_MAX}, got ${rho}`;
  return (given ?? cursor).problem(message, "sumus study check says what studies cost");
}
