export type NodeErrorCode =
  /** No answer, or only that it cannot serve now. */
  | "unavailable"
  /** It refused, and would refuse again. */
  | "refused"
  /** It answered what no node answers. */
  | "nonsense";

/** A node did not do what it was asked. The message says what it answered, made printable. */
export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: NodeErrorCode;
  /** The status of its answer, when there was one. */
  readonly status: number | undefined;

  constructor(code: NodeErrorCode, message: string, options?: ErrorOptions & { status?: number }) {
    super(message, options);
    this.code = code;
    this.status = options?.status;
  }
}
