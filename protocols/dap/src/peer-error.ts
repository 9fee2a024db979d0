import { DecodeError } from "@sumus/codec";

export type DapPeerErrorCode =
  /** The answer does not decode. */
  | "malformedResponse"
  /** The answer is about other reports, or about them in another order. */
  | "reportsDiffer"
  /** The answer is of a step that this side has not reached or has left. */
  | "unexpectedStep"
  /** The answer does not belong to the question, or does not open. */
  | "unexpectedResult";

/** A peer that does not keep to the protocol. Its job is abandoned; its reports are not lost. */
export class DapPeerError extends Error {
  override readonly name = "DapPeerError";
  readonly code: DapPeerErrorCode;

  constructor(code: DapPeerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Reads what a peer answered.
 *
 * @throws {DapPeerError} malformedResponse when `read` cannot decode it
 */
export function readResponse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DapPeerError("malformedResponse", error.message, { cause: error });
  }
}
