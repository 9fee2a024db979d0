/**
 * The commissioner's side: opens studies on both nodes, watches how far they are, and collects the
 * answer of every task with a key that only the commissioner holds.
 */

import { encodeBase64url, encodeHex } from "@sumus/bytes";
import { collect, NodeError } from "@sumus/client";
import { cryptoRandomBytes, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import { collectInterval, createHpkeKeys, type DapTask, type HpkeKeys } from "@sumus/dap";
import { bearerHeader, type HttpResponse } from "@sumus/http";
import {
  type CompleteStudy,
  canonicalStudy,
  collectorHpkeConfig,
  studyBatchInterval,
  studyId,
} from "@sumus/study";
import { LabError } from "../lab-error.ts";
import type { Nodes } from "./nodes.ts";
import { inOurWords, type TownHttp } from "./town-http.ts";

/** X25519, HKDF-SHA256, AES-128-GCM: what a collector's key in a study is for. */
const SUITE = hpkeSuite(0x20, 1, 1);
const POLL_MS = 200;
/** Multicodec of an Ed25519 public key, as `did:key` writes it. */
const ED25519_PREFIX = [0xed, 0x01];
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** What the leader says about a study while it runs. */
export interface StudyProgress {
  /** People accepted in every task so far. */
  readonly people: number;
  readonly tasks: readonly {
    readonly accepted: number;
    readonly pending: number;
    readonly refused: Readonly<Record<string, number>>;
  }[];
  /** What the node waits for, null when all is well. */
  readonly trouble: string | null;
}

/** One task's answer, or why there is none yet. */
type Collected =
  | { readonly ok: true; readonly reportCount: number; readonly aggregate: readonly bigint[] }
  | { readonly ok: false; readonly reason: string };

export interface Commissioner {
  /** How the commissioner is named in the lab's studies. */
  readonly did: string;
  /** The collector's public key as a study writes it. */
  readonly collectorKey: string;
  open(study: CompleteStudy): Promise<void>;
  progress(study: CompleteStudy): Promise<StudyProgress>;
  collect(study: CompleteStudy, task: DapTask): Promise<Collected>;
}

function base58(bytes: readonly number[]): string {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; number > 0n; number /= 58n) text = BASE58.charAt(Number(number % 58n)) + text;
  return text;
}

function textOf({ body }: HttpResponse): string {
  return new TextDecoder().decode(body);
}

class LabCommissioner implements Commissioner {
  readonly did: string;
  readonly collectorKey: string;
  readonly #keyPair = hpkeGenerateKeyPair(SUITE, cryptoRandomBytes);
  readonly #nodes: Nodes;
  readonly #http: TownHttp;
  readonly #signal: AbortSignal;

  constructor(nodes: Nodes, http: TownHttp, signal: AbortSignal) {
    this.#nodes = nodes;
    this.#http = http;
    this.#signal = signal;
    // Nothing is signed with this key yet; the study only has to name somebody.
    this.did = `did:key:z${base58([...ED25519_PREFIX, ...cryptoRandomBytes(32)])}`;
    this.collectorKey = encodeBase64url(this.#keyPair.publicKey.bytes);
  }

  async open(study: CompleteStudy): Promise<void> {
    for (const role of ["leader", "helper"] as const) {
      const { response } = await this.#http[role].send({
        method: "POST",
        url: `${this.#nodes[role].url}/studies`,
        headers: {
          authorization: bearerHeader(this.#nodes.operatorToken),
          "content-type": "application/json",
        },
        body: canonicalStudy(study),
      });
      if (response.status === 200 || response.status === 201) continue;
      throw new LabError(
        "failed",
        `The ${role} does not open the study: ${textOf(response).slice(0, 1000)}`,
        "Check the manifest with: sumus study check FILE",
      );
    }
  }

  async progress(study: CompleteStudy): Promise<StudyProgress> {
    const { response } = await this.#http.leader.send({
      method: "GET",
      url: `${this.#nodes.leader.url}/studies/${encodeHex(studyId(study))}`,
    });
    if (response.status !== 200) {
      throw new LabError("failed", `The leader forgot the study: ${textOf(response)}`, "");
    }
    // Our own node's answer about our own study: its shape is the node's promise.
    return JSON.parse(textOf(response)) as StudyProgress;
  }

  async collect(study: CompleteStudy, task: DapTask): Promise<Collected> {
    try {
      const { collection } = await collect({
        http: this.#http.leader,
        leader: this.#nodes.leader.url,
        token: this.#nodes.collectorToken,
        task,
        keys: this.#keys(study),
        request: collectInterval(studyBatchInterval(study)),
        signal: this.#signal,
        pollMs: POLL_MS,
      });
      return { ok: true, ...collection };
    } catch (error) {
      if (error instanceof NodeError && error.code === "refused") {
        const { type, reason } = error;
        return { ok: false, reason: type === undefined ? reason : `${type}: ${reason}` };
      }
      throw inOurWords("leader", error);
    }
  }

  #keys(study: CompleteStudy): HpkeKeys {
    return createHpkeKeys([{ id: collectorHpkeConfig(study).id, keyPair: this.#keyPair }]);
  }
}

/** A commissioner with keys of its own, for this run only. */
export function createCommissioner(
  nodes: Nodes,
  http: TownHttp,
  signal: AbortSignal,
): Commissioner {
  return new LabCommissioner(nodes, http, signal);
}
