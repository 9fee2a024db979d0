import { Secret } from "@sumus/bytes";
import { cryptoRandomBytes } from "@sumus/crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSealer, SealError, type Sealer, STORE_KEY_BYTES } from "./sealing.ts";

const key = (byte: number): Secret<Uint8Array> =>
  new Secret(new Uint8Array(STORE_KEY_BYTES).fill(byte));
const sealer = (current?: number, ...others: number[]): Sealer =>
  createSealer(
    { current: current === undefined ? undefined : key(current), others: others.map(key) },
    cryptoRandomBytes,
  );
const place = { table: "keys", column: "private_key", row: "7" };
const secret = fc.uint8Array({ maxLength: 200 });

function refusal(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    if (error instanceof SealError) return error.code;
    throw error;
  }
  return "opened";
}

describe("a sealed secret", () => {
  test("opens in its place, under its key, also when that is an old one", () => {
    fc.assert(
      fc.property(secret, (bytes) => {
        const sealed = sealer(1).seal(place, bytes);
        expect(sealer(1).open(place, sealed)).toEqual(bytes);
        expect(sealer(2, 3, 1).open(place, sealed)).toEqual(bytes);
        expect([...sealed.subarray(0, 9)]).toEqual([...sealer(1).prefix]);
        expect(sealer(2).prefix).not.toEqual(sealer(1).prefix);
      }),
    );
  });

  test("does not open elsewhere, changed, cut, or without its key", () => {
    fc.assert(
      fc.property(secret, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, change) => {
        const sealed = sealer(1).seal(place, bytes);
        for (const other of [
          { ...place, row: "8" },
          { ...place, column: "public_key" },
          { ...place, table: "tasks" },
        ]) {
          expect(refusal(() => sealer(1).open(other, sealed))).toBe("damaged");
        }
        expect(refusal(() => sealer(2).open(place, sealed))).toBe("unknownKey");
        expect(refusal(() => sealer().open(place, sealed))).toBe("unknownKey");
        const index = 1 + (at % (sealed.length - 1));
        const changed = sealed.map((byte, place) => (place === index ? byte ^ change : byte));
        expect(refusal(() => sealer(1).open(place, changed))).not.toBe("opened");
        expect(refusal(() => sealer(1).open(place, sealed.subarray(0, index)))).not.toBe("opened");
      }),
    );
  });

  test("looks different every time and holds nothing of the secret", () => {
    const bytes = new Uint8Array(64).fill(42);
    const [one, other] = [sealer(1).seal(place, bytes), sealer(1).seal(place, bytes)];
    expect(one).not.toEqual(other);
    expect(Buffer.from(one).includes(Buffer.alloc(8, 42))).toBe(false);
  });
});

test("without a key secrets stand as they are, and say so by their first byte", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const plain = sealer().seal(place, bytes);
  expect([...plain]).toEqual([0, 1, 2, 3]);
  expect([sealer().seals, sealer(1).seals]).toEqual([false, true]);
  for (const each of [sealer(), sealer(1)]) expect(each.open(place, plain)).toEqual(bytes);
  expect(refusal(() => sealer(1).open(place, Uint8Array.of(9, 9)))).toBe("unknownKey");
  expect(refusal(() => sealer(1).open(place, new Uint8Array()))).toBe("unknownKey");
});

test("errors name keys by ids, never the keys", () => {
  const sealed = sealer(1).seal(place, Uint8Array.of(5));
  const message = (): string => {
    try {
      sealer(2).open(place, sealed);
    } catch (error) {
      return String(error);
    }
    return "";
  };
  expect(message()).toMatch(
    /expected the store key [0-9a-f]{16}, which a secret in keys\.private_key is sealed under, got [0-9a-f]{16}$/,
  );
  expect(message()).not.toMatch(/(01){8}|(02){8}/);
});
