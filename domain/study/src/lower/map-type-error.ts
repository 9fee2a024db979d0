/**
 * A map's row is not what the study declares: the vault must not contribute. The message names the
 * column and types, never a value: it may be shown to others than the owner.
 */
export class MapTypeError extends Error {
  override readonly name = "MapTypeError";
  readonly code = "mapTypeMismatch";
  readonly column: string;

  constructor(column: string, detail: string, options?: ErrorOptions) {
    super(`map result does not match declared type: column ${column}: ${detail}`, options);
    this.column = column;
  }
}
