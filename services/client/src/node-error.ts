import type { DapProblemType } from "@sumus/dap";

export type NodeErrorCode =
  /** No answer, or only that it cannot serve now. */
  | "unavailable"
  /** It refused, and would refuse again. */
  | "refused"
  /** It answered what no node answers. */
  | "nonsense";

interface NodeErrorOptions extends ErrorOptions {
  /** The status of its answer, when there was one. */
  readonly status?: number;
  /** DAP's own name of the problem, when it has one. */
  readonly type?: DapProblemType | undefined;
  readonly reason?: string;
}

/** A node did not do what it was asked. Of what it said the message has a part, made printable. */
export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: NodeErrorCode;
  readonly status: number | undefined;
  readonly type: DapProblemType | undefined;
  /** What the node itself said, when it refused. */
  readonly reason: string;

  constructor(code: NodeErrorCode, message: string, options: NodeErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
    this.type = options.type;
    this.reason = options.reason ?? message;
  }
}
