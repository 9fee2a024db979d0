/** Why a VDAF operation ended. */
export type VdafErrorCode =
  /** The configuration is impossible. */
  | "vdafParameterError"
  /** The measurement is not one of those that the configuration admits. */
  | "vdafMeasurementError"
  /** Bytes of a wrong length, or a field element that is not canonical. */
  | "vdafInputError"
  /** The report is invalid: its proof, its joint randomness or its topology message is wrong. */
  | "vdafVerifyError";

/** The one error of this package. Messages tell what was expected, never a share or a seed. */
export class VdafError extends Error {
  override readonly name = "VdafError";
  readonly code: VdafErrorCode;

  constructor(code: VdafErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Refuses bytes of another length than `expected`. */
export function requireLength(title: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length !== expected) {
    throw new VdafError(
      "vdafInputError",
      `expected ${expected} bytes of ${title}, got ${bytes.length}`,
    );
  }
}
