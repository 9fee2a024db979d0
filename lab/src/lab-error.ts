/** An end of a run that a person can understand, with what to do about it. */

/** `badInput`: what was given is wrong. `failed`: a node or the machine did not do its part. */
export type LabErrorCode = "badInput" | "failed";

export class LabError extends Error {
  override readonly name = "LabError";
  readonly code: LabErrorCode;
  readonly remedy: string;

  constructor(code: LabErrorCode, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.remedy = remedy;
  }
}
