/**
 * Public-key encryption (HPKE), agreement, hashes and randomness: native in Node, @noble
 * elsewhere, synchronous in both.
 *
 * @module
 */
export {
  hpkeDeriveKeyPair,
  hpkeGenerateKeyPair,
  hpkeImportKeyPair,
  hpkeImportPublicKey,
  hpkeOpen,
  hpkeSeal,
  hpkeSetupRecipient,
  hpkeSetupSender,
  hpkeSuite,
} from "./hpke.ts";
export { HpkeError, type HpkeErrorCode } from "./hpke-error.ts";
export type {
  HpkeContext,
  HpkeKeyPair,
  HpkePublicKey,
  HpkeSealed,
  HpkeSuite,
} from "./hpke-protocol.ts";
export {
  aes256GcmOpen,
  aes256GcmSeal,
  cryptoRandomBytes,
  hkdfSha256,
  hmacSha256,
  sha256,
  x25519,
  x25519PublicKey,
} from "./primitives.ts";
