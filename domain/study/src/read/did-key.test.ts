import { expect, test } from "vitest";
import { isDidKey } from "./did-key.ts";

test.each([
  "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
  "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
])("%s is an Ed25519 key", (text) => {
  expect(isDidKey(text)).toBe(true);
});

test.each([
  ["another scheme", "did:web:example.org"],
  ["cut short", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do"],
  ["grown", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doKK"],
  ["a zero in base 58", "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2d0K"],
  ["an X25519 key", "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc"],
  ["hostile", `did:key:z${"9".repeat(1_000_000)}`],
])("%s is none", (_, text) => {
  expect(isDidKey(text)).toBe(false);
});
