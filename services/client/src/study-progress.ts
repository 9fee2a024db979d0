/**
 * How far a study is, as each of its nodes tells everybody.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import { endpointUrl } from "./endpoint-url.ts";
import { NodeError } from "./node-error.ts";
import type { PatientHttp } from "./patient-http.ts";
import { isObject, readJson } from "./read-json.ts";
import { refusalOf } from "./refusal.ts";

const STATES = ["waiting to open", "open", "closed", "collected", "cancelled"] as const;

export interface StudyProgress {
  readonly title: string;
  readonly state: (typeof STATES)[number];
  /** RFC 3339. */
  readonly opens: string;
  readonly closes: string;
  /** People accepted in every task so far. */
  readonly people: number;
  readonly peopleMin: number;
  /** What the node waits for, null when all is well. */
  readonly trouble: string | null;
  readonly tasks: readonly TaskProgress[];
}

interface TaskProgress {
  readonly accepted: number;
  readonly pending: number;
  /** Reports by DAP's name of the reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** @throws {NodeError} */
export async function fetchStudyProgress(
  http: PatientHttp,
  node: string,
  id: Uint8Array,
): Promise<StudyProgress> {
  const url = endpointUrl(node, `/studies/${encodeHex(id)}`);
  const { response } = await http.send({ method: "GET", url });
  if (response.status !== 200) throw refusalOf("asking about the study", response);
  const answer = readJson(response);
  if (isProgress(answer)) return answer;
  throw new NodeError("nonsense", `expected a study's status of ${node}, got something else`);
}

/** Reports that wait to be verified, in all tasks together. */
export function pendingOf({ tasks }: StudyProgress): number {
  return tasks.reduce((sum, { pending }) => sum + pending, 0);
}

/** Reports that were looked at, in all tasks together: accepted or refused. */
export function verifiedOf({ tasks }: StudyProgress): number {
  return tasks.reduce((sum, { accepted, refused }) => {
    return Object.values(refused).reduce((all, count) => all + count, sum + accepted);
  }, 0);
}

function isProgress(value: unknown): value is StudyProgress {
  return (
    isObject(value) &&
    typeof value["title"] === "string" &&
    STATES.some((state) => state === value["state"]) &&
    isTime(value["opens"]) &&
    isTime(value["closes"]) &&
    isCount(value["people"]) &&
    isCount(value["peopleMin"]) &&
    (value["trouble"] === null || typeof value["trouble"] === "string") &&
    Array.isArray(value["tasks"]) &&
    value["tasks"].every(isTaskProgress)
  );
}

function isTaskProgress(value: unknown): value is TaskProgress {
  return (
    isObject(value) &&
    isCount(value["accepted"]) &&
    isCount(value["pending"]) &&
    isObject(value["refused"]) &&
    Object.values(value["refused"]).every(isCount)
  );
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
