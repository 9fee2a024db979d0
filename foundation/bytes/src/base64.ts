// Both globals exist in every engine this runs on; the portable TypeScript library names neither.
declare function atob(text: string): string;
declare function btoa(text: string): string;

/** Standard base64 with padding (RFC 4648 §4). */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * @throws {RangeError} when the text is not canonical base64 with padding
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    // atob throws a DOMException only for characters or lengths outside the alphabet.
    throw new RangeError("expected base64, got another character or length");
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  // atob forgives white space, missing padding and stray trailing bits: one value, one text.
  if (encodeBase64(bytes) !== text) throw new RangeError("expected canonical base64");
  return bytes;
}

/** base64url without padding (RFC 4648 §5), as DAP writes ids into URLs. */
export function encodeBase64url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * @throws {RangeError} when the text is not canonical base64url without padding
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) {
    throw new RangeError("expected base64url without padding, got another character or length");
  }
  const padded = text.replaceAll("-", "+").replaceAll("_", "/");
  return decodeBase64(padded + "=".repeat((4 - (padded.length % 4)) % 4));
}
