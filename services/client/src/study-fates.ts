/**
 * What became of the studies of a node, as it tells everybody: what vaults settle their charges by.
 *
 * @module
 */
import { endpointUrl } from "./endpoint-url.ts";
import { NodeError } from "./node-error.ts";
import type { PatientHttp } from "./patient-http.ts";
import { isObject, readJson } from "./read-json.ts";
import { refusalOf } from "./refusal.ts";

const STUDY_ID = /^[0-9a-f]{64}$/;

/**
 * By the study's id in lower-case hex.
 *
 * @throws {NodeError}
 */
export async function fetchStudyFates(
  http: PatientHttp,
  node: string,
): Promise<ReadonlyMap<string, "open" | "cancelled" | "released">> {
  const { response } = await http.send({ method: "GET", url: endpointUrl(node, "/studies") });
  if (response.status !== 200) throw refusalOf("listing studies", response);
  const list = readJson(response);
  if (!Array.isArray(list)) throw nonsense(node);
  return new Map(list.map((item: unknown) => fateOf(item, node)));
}

function fateOf(
  item: unknown,
  node: string,
): [id: string, fate: "open" | "cancelled" | "released"] {
  if (!isObject(item)) throw nonsense(node);
  const { id, cancelledAt, releasedAt } = item;
  if (typeof id !== "string" || !STUDY_ID.test(id)) throw nonsense(node);
  const [isCancelled, isReleased] = [cancelledAt, releasedAt].map((at) => {
    if (at !== null && typeof at !== "string") throw nonsense(node);
    return at !== null;
  });
  return [id, isReleased === true ? "released" : isCancelled === true ? "cancelled" : "open"];
}

function nonsense(node: string): NodeError {
  return new NodeError("nonsense", `expected a list of studies of ${node}, got something else`);
}
