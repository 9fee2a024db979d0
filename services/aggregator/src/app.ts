/**
 * The routes: which resource and method has which handler. DAP's resources stand beside those
 * that open studies and tasks, tell of them, and rotate keys.
 *
 * @module
 */
import { decodeHex, encodeUtf8 } from "@sumus/bytes";
import { type DapResource, parseResourcePath, parseTaskId } from "@sumus/dap";
import { type Fetch, ProblemError, plainProblem, type Sender } from "@sumus/http";
import type { Durations, Logger } from "@sumus/runtime";
import { isPopulationId } from "@sumus/study";
import { errorResponse } from "./problems.ts";

const STUDY_ID_BYTES = 32;

type Method = "GET" | "POST" | "PATCH" | "DELETE";
type Kind = DapResource["kind"] | "studies" | "populations" | "tasks" | "hpkeKeys";

/** What a path names. */
interface Target {
  readonly kind: Kind;
  /** The task; empty for resources without one. */
  readonly taskId: Uint8Array;
  /** The item; empty for a collection. */
  readonly id: Uint8Array;
}

export type Handler = (request: Request, target: Target, sender?: Sender) => Promise<Response>;

/** Handlers by method, kind, and whether one item is meant: `GET studies/id`. */
export type Routes = Readonly<Partial<Record<`${Method} ${Kind}${"" | "/id"}`, Handler>>>;

const METHODS: readonly Method[] = ["GET", "POST", "PATCH", "DELETE"];
const NOTHING = new Uint8Array();

/**
 * @param routes what this role serves
 * @param durations how long requests took, by route and status
 */
export function createFetch(routes: Routes, log: Logger, durations: Durations): Fetch {
  const answer = createAnswer(routes, log);
  return async (request, sender) => {
    const startMs = performance.now();
    const { route, response } = await answer(request, sender);
    const seconds = (performance.now() - startMs) / 1000;
    durations.observe({ route, status: String(response.status) }, seconds);
    return response;
  };
}

/** A response, and which route gave it: a name of ours, never the stranger's. */
interface Answer {
  readonly route: string;
  readonly response: Response;
}

function createAnswer(
  routes: Routes,
  log: Logger,
): (request: Request, sender?: Sender) => Promise<Answer> {
  return async (request, sender) => {
    let route = "none";
    const target = parseTarget(new URL(request.url).pathname);
    try {
      if (target === undefined)
        throw notFound("expected a resource of this node, got another path");
      const name = `${target.kind}${target.id.length > 0 ? "/id" : ""}` as const;
      const handler = routes[`${request.method as Method} ${name}`];
      if (handler !== undefined) {
        route = `${request.method} ${name}`;
        return { route, response: await handler(request, target, sender) };
      }
      const allowed = METHODS.filter((method) => routes[`${method} ${name}`] !== undefined);
      throw allowed.length > 0
        ? wrongMethod(request.method, allowed)
        : notFound(`this node serves no ${target.kind}; the study's other node may`);
    } catch (error) {
      const taskId = target !== undefined && target.taskId.length > 0 ? target.taskId : undefined;
      return { route, response: errorResponse(error, log, taskId) };
    }
  };
}

function parseTarget(path: string): Target | undefined {
  const resource = parseResourcePath(path);
  if (resource?.kind === "hpkeConfig") return { kind: "hpkeConfig", taskId: NOTHING, id: NOTHING };
  if (resource !== undefined) {
    return { kind: resource.kind, taskId: resource.taskId, id: resource.id ?? NOTHING };
  }
  if (path === "/tasks") return { kind: "tasks", taskId: NOTHING, id: NOTHING };
  if (path === "/hpke_keys") return { kind: "hpkeKeys", taskId: NOTHING, id: NOTHING };
  const taskId = path.startsWith("/tasks/") ? parseTaskId(path.slice("/tasks/".length)) : undefined;
  if (taskId !== undefined) return { kind: "tasks", taskId, id: taskId };
  if (path === "/populations") return { kind: "populations", taskId: NOTHING, id: NOTHING };
  const population = /^\/populations\/([^/]+)$/.exec(path)?.[1];
  if (population !== undefined && isPopulationId(population)) {
    return { kind: "populations", taskId: NOTHING, id: encodeUtf8(population) };
  }
  if (path === "/studies") return { kind: "studies", taskId: NOTHING, id: NOTHING };
  const id = /^\/studies\/([0-9a-f]+)$/.exec(path)?.[1];
  if (id?.length !== 2 * STUDY_ID_BYTES) return undefined;
  return { kind: "studies", taskId: NOTHING, id: decodeHex(id) };
}

function notFound(detail: string): ProblemError {
  return new ProblemError(plainProblem(404, "Not found", detail));
}

function wrongMethod(method: string, allowed: readonly Method[]): ProblemError {
  const detail = `expected ${allowed.join(" or ")}, got ${method}`;
  return new ProblemError(plainProblem(405, "Method not allowed", detail));
}
