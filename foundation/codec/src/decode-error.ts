/** Bytes from outside that are not what they claim to be. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
  readonly code = "decodeError";
  /** Where in the message reading stopped, in bytes from its start. */
  readonly offset: number;
  /** What was being read, such as `report.metadata.time`. */
  readonly path: string;

  constructor(path: string, offset: number, expectation: string, options?: ErrorOptions) {
    super(`${path} at byte ${offset}: ${expectation}`, options);
    this.path = path;
    this.offset = offset;
  }
}
