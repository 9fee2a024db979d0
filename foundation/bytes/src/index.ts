/**
 * Byte strings: encodings, comparison, and a holder for those that are secret.
 *
 * @module
 */
export { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from "./base64.ts";
export { compareBytes, concat, equalBytes, equalConstantTime, zeroise } from "./bytes.ts";
export { decodeHex, encodeHex } from "./hex.ts";
export { Secret } from "./secret.ts";
export { decodeUtf8, encodeUtf8 } from "./utf8.ts";
