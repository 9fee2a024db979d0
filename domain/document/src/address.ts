import { decodeBase64url } from "@sumus/bytes";
import type { Cursor } from "./cursor.ts";
import { ADDRESS_CHARACTERS_MAX } from "./limits.ts";
import { clip } from "./printable.ts";
import { readLine } from "./text.ts";

const KEY_BYTES = 32;

/** https, or http on this machine; a host, perhaps a port and a path; nothing else. */
const ADDRESS =
  /^(?:https:\/\/[A-Za-z0-9.-]+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]))(?::\d{1,5})?(?:\/[A-Za-z0-9._~/-]*)?$/;

/** The address of a node. */
export function readAddress(cursor: Cursor): string | undefined {
  const address = readLine(cursor, "an address", ADDRESS_CHARACTERS_MAX);
  if (address === undefined) return undefined;
  if (ADDRESS.test(address)) return address;
  const message = `expected an https address without query, got "${clip(address)}"`;
  return cursor.problem(message, "write https://host/path; http only for 127.0.0.1");
}

/** An X25519 public key, as its text. */
export function readX25519Key(cursor: Cursor, what: string): string | undefined {
  const text = readLine(cursor, what, ADDRESS_CHARACTERS_MAX);
  if (text === undefined) return undefined;
  const remedy = "write the 32 bytes of an X25519 public key in base64url, 43 characters";
  let key: Uint8Array;
  try {
    key = decodeBase64url(text);
  } catch {
    // Anything but canonical base64url is a RangeError.
    return cursor.problem(`expected ${what} in base64url, got another text`, remedy);
  }
  if (key.length === KEY_BYTES) return text;
  return cursor.problem(`expected a key of 32 bytes, got ${key.length}`, remedy);
}
