/**
 * HPKE as DAP uses it, X25519, HKDF-SHA256 and AES-128-GCM, beside hpke-js, which the npm clients
 * of DAP seal with. Keys are imported once on both sides; each message has its own encapsulation.
 */
import {
  cryptoRandomBytes,
  type HpkeSealed,
  hpkeGenerateKeyPair,
  hpkeOpen,
  hpkeSeal,
  hpkeSuite,
} from "@sumus/crypto";
import { portableHpke } from "@sumus/crypto/portable";
import { createPrio3, type Prio3Config } from "@sumus/vdaf";
import { AeadId, CipherSuite, KdfId, KemId } from "hpke-js";
import type { Bench, BenchOptions } from "./bench.ts";
import { type Contender, measureSpeeds, QUICK_RUN, times, WHOLE_RUN } from "./cpu-speed.ts";
import { SPEED_COLUMNS, type SpeedRow, speedRow } from "./speed-row.ts";

const PEER = "hpke-js";
const PORTABLE = "@noble/curves@2.4.0";
/** "dap-18 input share", the sender's role and the recipient's. */
const INFO_BYTES = 20;
/** Task id, configuration and report metadata, about; the public share comes on top. */
const AAD_BYTES = 200;
/** Empty extensions and the length of the payload. */
const PLAINTEXT_FRAME_BYTES = 6;

interface Message {
  readonly case: string;
  readonly info: Uint8Array<ArrayBuffer>;
  readonly aad: Uint8Array<ArrayBuffer>;
  readonly plaintext: Uint8Array<ArrayBuffer>;
}

type OwnHpke = Pick<typeof portableHpke, "suite" | "generateKeyPair" | "seal" | "open">;

const nativeHpke: OwnHpke = {
  suite: hpkeSuite,
  generateKeyPair: hpkeGenerateKeyPair,
  seal: hpkeSeal,
  open: hpkeOpen,
};

/** One implementation with its keys in place. */
interface Sealer {
  readonly seal: Contender;
  readonly open: Contender;
}

export const hpkeBench: Bench<SpeedRow> = {
  name: "hpke",
  summary: `HPKE seal and open of input shares, beside ${PEER}`,
  columns: SPEED_COLUMNS,
  measure: (options) => measure("hpke", PEER, createPeerSealer, options),
};

export const backendsBench: Bench<SpeedRow> = {
  name: "backends",
  summary: `the same on node:crypto, beside ${PORTABLE}, which browsers run`,
  columns: SPEED_COLUMNS,
  measure: (options) =>
    measure("backends", PORTABLE, (message) => createOwnSealer(portableHpke, message), options),
};

async function* measure(
  bench: string,
  peer: string,
  createPeer: (message: Message) => Sealer | Promise<Sealer>,
  { quick }: BenchOptions,
): AsyncIterable<SpeedRow> {
  for (const message of messages()) {
    const sealer = createOwnSealer(nativeHpke, message);
    const peerSealer = await createPeer(message);
    for (const op of ["seal", "open"] as const) {
      const contenders = [sealer[op], peerSealer[op]];
      const speeds = await measureSpeeds(contenders, quick ? QUICK_RUN : WHOLE_RUN);
      const [ownSpeed = 0, peerSpeed = 0] = speeds;
      yield speedRow({ bench, case: message.case, op, peer }, ownSpeed, peerSpeed);
    }
  }
}

/** The helper's share is two seeds whatever is measured; the leader's grows with it. */
function messages(): Message[] {
  const histogram: Prio3Config = { kind: "histogram", length: 1024 };
  const { inputShareSizes, publicShareSize } = createPrio3(histogram);
  return ["leader", "helper"].map((role, index) => {
    const plaintextBytes = PLAINTEXT_FRAME_BYTES + (inputShareSizes[index] ?? 0);
    return {
      case: `Histogram(1024) ${role} share, ${plaintextBytes} B`,
      info: random(INFO_BYTES),
      aad: random(AAD_BYTES + publicShareSize),
      plaintext: random(plaintextBytes),
    };
  });
}

function createOwnSealer(hpke: OwnHpke, { info, aad, plaintext }: Message): Sealer {
  const keyPair = hpke.generateKeyPair(hpke.suite(0x0020, 0x0001, 0x0001));
  const seal = (): HpkeSealed =>
    hpke.seal(keyPair.publicKey, info, aad, plaintext, cryptoRandomBytes);
  const sealed = seal();
  return {
    seal: times(seal),
    open: times(() => hpke.open(keyPair, sealed, info, aad)),
  };
}

async function createPeerSealer({ info, aad, plaintext }: Message): Promise<Sealer> {
  const suite = new CipherSuite({
    kem: KemId.DhkemX25519HkdfSha256,
    kdf: KdfId.HkdfSha256,
    aead: AeadId.Aes128Gcm,
  });
  const { publicKey, privateKey } = await suite.kem.generateKeyPair();
  const seal = (): ReturnType<CipherSuite["seal"]> =>
    suite.seal({ recipientPublicKey: publicKey, info }, plaintext, aad);
  const { enc, ct } = await seal();
  return {
    seal: timesInTurn(seal),
    open: timesInTurn(() => suite.open({ recipientKey: privateKey, enc, info }, ct, aad)),
  };
}

function timesInTurn(operation: () => Promise<unknown>): Contender {
  return {
    run: async (count) => {
      for (let index = 0; index < count; index++) await operation();
    },
  };
}

function random(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(cryptoRandomBytes(length));
}
