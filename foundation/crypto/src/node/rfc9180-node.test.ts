import { readFileSync } from "node:fs";
import { decodeHex, encodeHex } from "@sumus/bytes";
import { describe, expect, test } from "vitest";
import type { Backend } from "../backend.ts";
import { backend as nobleBackend } from "../backend-noble.ts";
import { createHpke } from "../hpke-protocol.ts";
import { backend as nodeBackend } from "./backend-node.ts";

interface Vector {
  readonly title: string;
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  readonly info: string;
  readonly ikmE: string;
  readonly skEm: string;
  readonly pkEm: string;
  readonly ikmR: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly enc: string;
  readonly encryptions: readonly {
    readonly sequence: number;
    readonly plaintext: string;
    readonly aad: string;
    readonly ciphertext: string;
  }[];
  readonly exports: readonly {
    readonly context: string;
    readonly length: number;
    readonly value: string;
  }[];
}

const url = new URL("../../../../vectors/hpke/rfc9180.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(url, "utf8")) as { vectors: readonly Vector[] };
/** Without its own DHKEM, so that ours runs on native agreement too. */
const { dhkem: _, ...nodeWithoutDhkem } = nodeBackend;
const backends: readonly [string, Backend][] = [
  ["node", nodeBackend],
  ["node without DHKEM", nodeWithoutDhkem],
  ["noble", nobleBackend],
];

describe.each(backends)("RFC 9180 Appendix A, base mode, on %s", (_name, backend) => {
  const hpke = createHpke(backend);

  test.each(vectors)("$title", (vector) => {
    const suite = hpke.suite(vector.kemId, vector.kdfId, vector.aeadId);
    const info = decodeHex(vector.info);

    const recipient = hpke.deriveKeyPair(suite, decodeHex(vector.ikmR));
    expect(encodeHex(recipient.privateKey.reveal())).toBe(vector.skRm);
    expect(encodeHex(recipient.publicKey.bytes)).toBe(vector.pkRm);
    const imported = hpke.importKeyPair(suite, decodeHex(vector.skRm));
    expect(encodeHex(imported.publicKey.bytes)).toBe(vector.pkRm);

    const publicKey = hpke.importPublicKey(suite, decodeHex(vector.pkRm));
    const sender = hpke.setupSender(publicKey, info, () => decodeHex(vector.ikmE));
    expect(encodeHex(sender.enc)).toBe(vector.enc);
    const receiver = hpke.setupRecipient(recipient, decodeHex(vector.enc), info);

    let sequence = 0;
    for (const step of vector.encryptions) {
      const aad = decodeHex(step.aad);
      const plaintext = decodeHex(step.plaintext);
      for (; sequence < step.sequence; sequence++) {
        receiver.open(aad, sender.context.seal(aad, plaintext));
      }
      expect(encodeHex(sender.context.seal(aad, plaintext))).toBe(step.ciphertext);
      expect(encodeHex(receiver.open(aad, decodeHex(step.ciphertext)))).toBe(step.plaintext);
      sequence++;
    }
    for (const step of vector.exports) {
      const context = decodeHex(step.context);
      expect(encodeHex(sender.context.exportSecret(context, step.length))).toBe(step.value);
      expect(encodeHex(receiver.exportSecret(context, step.length))).toBe(step.value);
    }
  });
});

test("the vector file holds five suites of six encryptions and three exports", () => {
  expect(vectors).toHaveLength(5);
  for (const vector of vectors) {
    expect(vector.encryptions.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 4, 255, 256]);
    expect(vector.exports).toHaveLength(3);
  }
});
