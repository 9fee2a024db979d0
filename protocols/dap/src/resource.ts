/**
 * The HTTP resources of DAP, relative to an aggregator's endpoint [DAP-18, Appendix "HTTP Resources
 * Reference"].
 *
 * @module
 */
import { decodeBase64url, encodeBase64url } from "@sumus/bytes";
import { RESOURCE_ID_BYTES, TASK_ID_BYTES } from "./messages/basic.ts";

const COLLECTIONS = {
  reports: "reports",
  collectionJobs: "collection_jobs",
  aggregationJobs: "aggregation_jobs",
  aggregateShares: "aggregate_shares",
} as const;

type DapCollection = keyof typeof COLLECTIONS;

export type DapResource =
  | { readonly kind: "hpkeConfig" }
  | {
      readonly kind: DapCollection;
      readonly taskId: Uint8Array;
      /** The one item; absent for the collection that creates items. Reports have none. */
      readonly id?: Uint8Array;
    };

/**
 * Such as `/tasks/…/aggregation_jobs/…`, to append to an endpoint without its last slash.
 *
 * @param step of an aggregation job, which those name who ask for it
 */
export function resourcePath(resource: DapResource, step?: number): string {
  if (resource.kind === "hpkeConfig") return "/hpke_config";
  const path = `/tasks/${encodeBase64url(resource.taskId)}/${COLLECTIONS[resource.kind]}`;
  if (resource.id === undefined) return path;
  const query = step === undefined ? "" : `?step=${step}`;
  return `${path}/${encodeBase64url(resource.id)}${query}`;
}

/** The resource of a path, or undefined when it is none of DAP's. */
export function parseResourcePath(path: string): DapResource | undefined {
  if (path === "/hpke_config") return { kind: "hpkeConfig" };
  const [empty, tasks, task = "", collection, item, ...more] = path.split("/");
  if (empty !== "" || tasks !== "tasks" || more.length > 0) return undefined;
  const kind = (Object.keys(COLLECTIONS) as DapCollection[]).find(
    (name) => COLLECTIONS[name] === collection,
  );
  const taskId = parseTaskId(task);
  if (kind === undefined || taskId === undefined) return undefined;
  if (item === undefined) return { kind, taskId };
  const id = kind === "reports" ? undefined : parseId(item, RESOURCE_ID_BYTES);
  return id && { kind, taskId, id };
}

/** A task's id as it stands in paths, or undefined when the text is none. */
export function parseTaskId(text: string): Uint8Array | undefined {
  return parseId(text, TASK_ID_BYTES);
}

function parseId(text: string, length: number): Uint8Array | undefined {
  try {
    const id = decodeBase64url(text);
    return id.length === length ? id : undefined;
  } catch {
    // A RangeError: not base64url. The path is then somebody else's.
    return undefined;
  }
}
