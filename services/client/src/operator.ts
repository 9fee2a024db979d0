/**
 * What the operator of a Sumus node asks of it about tasks and studies.
 *
 * @module
 */
import { encodeBase64url, encodeHex, type Secret } from "@sumus/bytes";
import { bearerHeader, type HttpRequest, type HttpResponse } from "@sumus/http";
import {
  type CompleteStudy,
  canonicalPopulation,
  canonicalStudy,
  type Population,
} from "@sumus/study";
import { canonicalTask, type TaskDocument } from "@sumus/task";
import { endpointUrl } from "./endpoint-url.ts";
import type { PatientHttp } from "./patient-http.ts";
import { readJson } from "./read-json.ts";
import { refusalOf } from "./refusal.ts";

/** What comes beside a document, for one node. */
export interface TaskSecrets {
  /** Where the other node is somebody else's. */
  readonly peer?: { readonly verifyKey: Secret<Uint8Array>; readonly token: Secret<string> };
  readonly collectorToken?: Secret<string>;
}

export interface Operator {
  /** Returns whether the task is new there. @throws {NodeError} */
  createTask(document: TaskDocument, secrets: TaskSecrets): Promise<boolean>;
  /** As the node tells it: JSON of its own making, its texts printable. @throws {NodeError} */
  listTasks(): Promise<unknown>;
  /** The same of one task. @throws {NodeError} */
  showTask(id: Uint8Array): Promise<unknown>;
  /** @throws {NodeError} */
  changeTask(id: Uint8Array, state: "open" | "paused"): Promise<void>;
  /** @param discard also when reports are lost that nobody collected @throws {NodeError} */
  deleteTask(id: Uint8Array, discard: boolean): Promise<void>;
  /** Returns whether the population is new there. @throws {NodeError} */
  registerPopulation(population: Population): Promise<boolean>;
  /** Returns whether the study is new there. @throws {NodeError} */
  openStudy(study: CompleteStudy): Promise<boolean>;
  /** For good: the node takes no more reports, and releases nothing. @throws {NodeError} */
  cancelStudy(id: Uint8Array): Promise<void>;
}

export function createOperator(options: {
  readonly http: PatientHttp;
  readonly node: string;
  readonly token: Secret<string>;
}): Operator {
  const { http, node } = options;
  const headers = {
    authorization: bearerHeader(options.token),
    "content-type": "application/json",
  };
  const ask = async (
    what: string,
    method: HttpRequest["method"],
    path: string,
    body?: string,
  ): Promise<HttpResponse> => {
    const url = endpointUrl(node, path);
    const { response } = await http.send({
      method,
      url,
      headers,
      ...(body !== undefined && { body }),
    });
    if (response.status > 299) throw refusalOf(what, response);
    return response;
  };
  const pathOf = (id: Uint8Array): string => `/tasks/${encodeBase64url(id)}`;
  return {
    async createTask(document, secrets) {
      const body = taskBody(document, secrets);
      const { status } = await ask("creating the task", "POST", "/tasks", body);
      return status === 201;
    },
    listTasks: async () => readJson(await ask("listing tasks", "GET", "/tasks")),
    showTask: async (id) => readJson(await ask("showing the task", "GET", pathOf(id))),
    async changeTask(id, state) {
      await ask("changing the task", "PATCH", pathOf(id), JSON.stringify({ state }));
    },
    async deleteTask(id, discard) {
      const query = discard ? "?uncollected=discard" : "";
      await ask("deleting the task", "DELETE", pathOf(id) + query);
    },
    async registerPopulation(population) {
      const body = canonicalPopulation(population);
      const { status } = await ask("registering the population", "POST", "/populations", body);
      return status === 201;
    },
    async openStudy(study) {
      const { status } = await ask("opening", "POST", "/studies", canonicalStudy(study));
      return status === 201;
    },
    async cancelStudy(id) {
      const body = JSON.stringify({ state: "cancelled" });
      await ask("cancelling", "PATCH", `/studies/${encodeHex(id)}`, body);
    },
  };
}

function taskBody(document: TaskDocument, { peer, collectorToken }: TaskSecrets): string {
  const secrets = {
    ...(peer && {
      verifyKey: encodeBase64url(peer.verifyKey.reveal()),
      peerToken: peer.token.reveal(),
    }),
    ...(collectorToken && { collectorToken: collectorToken.reveal() }),
  };
  const task: unknown = JSON.parse(canonicalTask(document));
  return JSON.stringify({ task, secrets });
}
