/**
 * What a server answers when it fails a request: a problem document [RFC 9457] of one of the types
 * that DAP registers [DAP-18, Section 3.7], with a remedy in words.
 *
 * @module
 */
import { encodeBase64url } from "@sumus/bytes";
import { DecodeError } from "@sumus/codec";

export type DapProblemType =
  | "invalidMessage"
  | "unrecognizedTask"
  | "unrecognizedAggregationJob"
  | "batchInvalid"
  | "invalidBatchSize"
  | "invalidAggregationParameter"
  | "batchMismatch"
  | "stepMismatch"
  | "batchOverlap"
  | "unsupportedExtension"
  | "invalidExtension";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
}

const URN_PREFIX = "urn:ietf:params:ppm:dap:error:";

const PROBLEMS: Readonly<Record<DapProblemType, ProblemKind>> = {
  invalidMessage: {
    status: 400,
    title: "The message is not what DAP says it should be",
    remedy: "Check that both sides speak the same DAP version; do not send the message again.",
  },
  unrecognizedTask: {
    status: 404,
    title: "No such task here",
    remedy: "Compare the task's whole configuration on both sides: its id is derived from it.",
  },
  unrecognizedAggregationJob: {
    status: 404,
    title: "No such aggregation job here",
    remedy: "Create the job anew; this helper never had it or has deleted it.",
  },
  batchInvalid: {
    status: 400,
    title: "The query does not determine a batch",
    remedy: "Ask for a whole number of the task's time precisions, at least one.",
  },
  invalidBatchSize: {
    status: 400,
    title: "The batch has too few reports",
    remedy: "Wait until more people have contributed, then ask again.",
  },
  invalidAggregationParameter: {
    status: 400,
    title: "The aggregation parameter does not fit the task",
    remedy:
      "Send an empty parameter with Prio3; with Poplar1 sorted, distinct prefixes of one level, and for one batch always the same.",
  },
  batchMismatch: {
    status: 400,
    title: "Leader and helper have aggregated different reports",
    remedy: "The batch cannot be released. Compare both nodes' aggregation jobs for this task.",
  },
  stepMismatch: {
    status: 400,
    title: "Leader and helper are at different steps of the aggregation job",
    remedy: "Send the previous request again, unchanged.",
  },
  batchOverlap: {
    status: 400,
    title: "Some of these reports were collected in another batch",
    remedy: "Ask for an interval that no earlier collection touched, or read the earlier result.",
  },
  unsupportedExtension: {
    status: 400,
    title: "An extension is not known here",
    remedy: "Leave out the extensions that the document lists.",
  },
  invalidExtension: {
    status: 400,
    title: "An extension is out of order or wrongly encoded",
    remedy: "Sort the extensions by type, each type once, and encode them as their documents say.",
  },
};

/** Ends a request. A server turns it into a response with {@link problemDocument}. */
export class DapProblem extends Error {
  override readonly name = "DapProblem";
  readonly type: DapProblemType;
  readonly detail: string;
  readonly unsupportedExtensions: readonly number[] | undefined;

  /** @param detail what was expected and what came, without anything secret */
  constructor(
    type: DapProblemType,
    detail: string,
    options: ErrorOptions & { readonly unsupportedExtensions?: readonly number[] } = {},
  ) {
    super(`${type}: ${detail}`, options);
    this.type = type;
    this.detail = detail;
    this.unsupportedExtensions = options.unsupportedExtensions;
  }

  get status(): number {
    return PROBLEMS[this.type].status;
  }
}

/**
 * Reads what was asked of this server.
 *
 * @throws {DapProblem} invalidMessage when `read` cannot decode it
 */
export function readRequest<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DapProblem("invalidMessage", error.message, { cause: error });
  }
}

/** The JSON object of a problem; media type `application/problem+json`. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly remedy: string;
  readonly taskid?: string;
  readonly unsupported_extensions?: readonly number[];
}

/** @param taskId when it is known; it need not be a task of this server */
export function problemDocument(problem: DapProblem, taskId?: Uint8Array): ProblemDocument {
  const { status, title, remedy } = PROBLEMS[problem.type];
  return {
    type: URN_PREFIX + problem.type,
    title,
    status,
    detail: problem.detail,
    remedy,
    ...(taskId && { taskid: encodeBase64url(taskId) }),
    ...(problem.unsupportedExtensions && {
      unsupported_extensions: problem.unsupportedExtensions,
    }),
  };
}

/**
 * The problem that a peer reports, or undefined when its body is no problem document of DAP. What
 * the peer wrote is passed on as `detail`, cut to 500 characters.
 */
export function parseProblemDocument(body: unknown): DapProblem | undefined {
  if (typeof body !== "object" || body === null || !("type" in body)) return undefined;
  const { type } = body;
  if (typeof type !== "string" || !type.startsWith(URN_PREFIX)) return undefined;
  const name = type.slice(URN_PREFIX.length);
  if (!isProblemType(name)) return undefined;
  const detail = "detail" in body && typeof body.detail === "string" ? body.detail : "";
  return new DapProblem(name, detail.slice(0, 500));
}

function isProblemType(name: string): name is DapProblemType {
  return Object.hasOwn(PROBLEMS, name);
}
