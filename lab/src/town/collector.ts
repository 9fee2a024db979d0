/**
 * The commissioner's side: opens studies on both nodes, watches how far they are, and collects the
 * answer of every task with a key that only the commissioner holds.
 */

import { encodeBase64url } from "@sumus/bytes";
import {
  collectStudyTask,
  createOperator,
  fetchStudyProgress,
  NodeError,
  type StudyProgress,
} from "@sumus/client";
import { cryptoRandomBytes, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import type { DapTask } from "@sumus/dap";
import { type CompleteStudy, studyId } from "@sumus/study";
import { LabError } from "../lab-error.ts";
import type { Nodes } from "./nodes.ts";
import { inOurWords, type TownHttp } from "./town-http.ts";

/** X25519, HKDF-SHA256, AES-128-GCM: what a collector's key in a study is for. */
const SUITE = hpkeSuite(0x20, 1, 1);
const POLL_MS = 200;
/** Multicodec of an Ed25519 public key, as `did:key` writes it. */
const ED25519_PREFIX = [0xed, 0x01];
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

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
    const { operatorToken: token } = this.#nodes;
    for (const role of ["leader", "helper"] as const) {
      const node = this.#nodes[role].url;
      try {
        await createOperator({ http: this.#http[role], node, token }).openStudy(study);
      } catch (error) {
        if (!(error instanceof NodeError) || error.code !== "refused") {
          throw inOurWords(role, error);
        }
        const message = `The ${role} does not open the study: ${error.reason}`;
        throw new LabError("failed", message, "Check the manifest with: sumus study check FILE");
      }
    }
  }

  async progress(study: CompleteStudy): Promise<StudyProgress> {
    try {
      return await fetchStudyProgress(this.#http.leader, this.#nodes.leader.url, studyId(study));
    } catch (error) {
      throw inOurWords("leader", error);
    }
  }

  async collect(study: CompleteStudy, task: DapTask): Promise<Collected> {
    try {
      const collection = await collectStudyTask({
        http: this.#http.leader,
        token: this.#nodes.collectorToken,
        study,
        task,
        keyPair: this.#keyPair,
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
}

/** A commissioner with keys of its own, for this run only. */
export function createCommissioner(
  nodes: Nodes,
  http: TownHttp,
  signal: AbortSignal,
): Commissioner {
  return new LabCommissioner(nodes, http, signal);
}
