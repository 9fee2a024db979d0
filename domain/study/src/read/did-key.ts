const PREFIX = "did:key:z";
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** The multicodec of an Ed25519 public key, as an unsigned varint, and the key's length. */
const ED25519_PREFIX = 0xed01n;
const ED25519_KEY_BITS = 256n;

/** Whether a text is a did:key of an Ed25519 public key, in base58btc. */
export function isDidKey(text: string): boolean {
  // Two prefix bytes and 32 of key make 47 or 48 characters: no more are worth decoding.
  if (!text.startsWith(PREFIX) || text.length > PREFIX.length + 48) return false;
  let value = 0n;
  for (const character of text.slice(PREFIX.length)) {
    const digit = BASE58.indexOf(character);
    if (digit < 0) return false;
    value = value * 58n + BigInt(digit);
  }
  // The prefix's first byte is not zero, so the number alone tells the length.
  return value >> ED25519_KEY_BITS === ED25519_PREFIX;
}
