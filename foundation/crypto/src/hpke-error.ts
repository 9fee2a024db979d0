/** What can go wrong with keys and ciphertexts from outside. */
export type HpkeErrorCode =
  | "unsupportedSuite"
  | "invalidPublicKey"
  | "invalidPrivateKey"
  | "invalidEncapsulation"
  | "openFailed";

/**
 * A key or a ciphertext that is not what it claims to be. It says which check failed and never
 * holds a key, a plaintext or anything derived from either.
 */
export class HpkeError extends Error {
  override readonly name = "HpkeError";
  readonly code: HpkeErrorCode;

  constructor(code: HpkeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
