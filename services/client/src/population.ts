/**
 * A population as a node tells everybody: what its studies may ask for, and what its budget has left.
 *
 * @module
 */
import { endpointUrl } from "./endpoint-url.ts";
import { NodeError } from "./node-error.ts";
import type { PatientHttp } from "./patient-http.ts";
import { isObject, readJson } from "./read-json.ts";
import { refusalOf } from "./refusal.ts";

export interface PopulationBudget {
  readonly id: string;
  /** Columns by collection. */
  readonly collections: Readonly<Record<string, readonly string[]>>;
  /** What all its studies together may reveal in any stretch of `days`, and what is left of it. */
  readonly budget: { readonly rho: number; readonly days: number };
  readonly spentRho: number;
  readonly leftRho: number;
}

/** Null when the node knows no such population. @throws {NodeError} */
export async function fetchPopulation(
  http: PatientHttp,
  node: string,
  id: string,
): Promise<PopulationBudget | null> {
  const url = endpointUrl(node, `/populations/${encodeURIComponent(id)}`);
  const { response } = await http.send({ method: "GET", url });
  if (response.status === 404) return null;
  if (response.status !== 200) throw refusalOf("asking about the population", response);
  const answer = readJson(response);
  if (isPopulation(answer)) return answer;
  throw new NodeError("nonsense", `expected a population of ${node}, got something else`);
}

function isPopulation(value: unknown): value is PopulationBudget {
  return (
    isObject(value) &&
    typeof value["id"] === "string" &&
    isObject(value["collections"]) &&
    Object.values(value["collections"]).every(
      (columns) => Array.isArray(columns) && columns.every((name) => typeof name === "string"),
    ) &&
    isObject(value["budget"]) &&
    typeof value["budget"]["rho"] === "number" &&
    typeof value["budget"]["days"] === "number" &&
    typeof value["spentRho"] === "number" &&
    typeof value["leftRho"] === "number"
  );
}
