/**
 * Shares in transit: input shares from client to aggregator, aggregate shares from aggregator to
 * collector. Both are sealed with HPKE under labels that name version, sender and recipient
 * [DAP-18, Sections 4.4.2.1 and 4.6.5].
 *
 * @module
 */
import { concat, encodeUtf8 } from "@sumus/bytes";
import { HpkeError, hpkeOpen, hpkeSeal } from "@sumus/crypto";
import type { RandomBytes } from "@sumus/time";
import { type HpkeKeys, publicKeyOf } from "./hpke-keys.ts";
import { type AggregatorRole, type HpkeCiphertext, ROLE, type Role } from "./messages/basic.ts";
import { type CollectionJobReq, encodeAggregateShareAad } from "./messages/collection.ts";
import type { HpkeConfig } from "./messages/hpke-config.ts";
import { encodeInputShareAad, type ReportMetadata } from "./messages/report.ts";
import type { DapTask } from "./task.ts";
import type { DapVersion } from "./version.ts";

/** Binds an input share to its task, metadata and public share. */
export function inputShareAad(
  task: DapTask,
  metadata: ReportMetadata,
  publicShare: Uint8Array,
): Uint8Array {
  return encodeInputShareAad(task.id, task.encodedConfiguration, metadata, publicShare);
}

/** @throws {HpkeError} when the configuration's key cannot be used */
export function sealInputShare(
  version: DapVersion,
  recipient: { readonly role: AggregatorRole; readonly config: HpkeConfig },
  aad: Uint8Array,
  plaintext: Uint8Array,
  randomBytes: RandomBytes,
): HpkeCiphertext {
  const info = inputShareInfo(version, recipient.role);
  return seal(recipient.config, info, aad, plaintext, randomBytes);
}

/** The plaintext, or undefined when it was not sealed to these keys and this aad. */
export function openInputShare(
  version: DapVersion,
  recipient: { readonly role: AggregatorRole; readonly keys: HpkeKeys },
  aad: Uint8Array,
  ciphertext: HpkeCiphertext,
): Uint8Array | undefined {
  return open(recipient.keys, inputShareInfo(version, recipient.role), aad, ciphertext);
}

/**
 * An aggregate share as only the collector can read it. Noise is added before this.
 *
 * @throws {HpkeError} when the collector's key cannot be used
 */
export function sealAggregateShare(
  task: DapTask,
  role: AggregatorRole,
  input: {
    readonly collectorConfig: HpkeConfig;
    readonly collectionJobReq: CollectionJobReq;
    readonly aggregateShare: Uint8Array;
  },
  randomBytes: RandomBytes,
): HpkeCiphertext {
  const aad = aggregateShareAad(task, input.collectionJobReq);
  const info = aggregateShareInfo(task.version, role);
  return seal(input.collectorConfig, info, aad, input.aggregateShare, randomBytes);
}

/** The aggregate share, or undefined when it was sealed for something else. */
export function openAggregateShare(
  task: DapTask,
  role: AggregatorRole,
  keys: HpkeKeys,
  collectionJobReq: CollectionJobReq,
  ciphertext: HpkeCiphertext,
): Uint8Array | undefined {
  const aad = aggregateShareAad(task, collectionJobReq);
  return open(keys, aggregateShareInfo(task.version, role), aad, ciphertext);
}

function aggregateShareAad(task: DapTask, collectionJobReq: CollectionJobReq): Uint8Array {
  return encodeAggregateShareAad(task.id, task.encodedConfiguration, collectionJobReq);
}

function seal(
  config: HpkeConfig,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  randomBytes: RandomBytes,
): HpkeCiphertext {
  const { enc, ciphertext } = hpkeSeal(publicKeyOf(config), info, aad, plaintext, randomBytes);
  return { configId: config.id, enc, payload: ciphertext };
}

function open(
  keys: HpkeKeys,
  info: Uint8Array,
  aad: Uint8Array,
  { configId, enc, payload }: HpkeCiphertext,
): Uint8Array | undefined {
  const keyPair = keys.keyPairOf(configId);
  if (keyPair === undefined) return undefined;
  try {
    return hpkeOpen(keyPair, { enc, ciphertext: payload }, info, aad);
  } catch (error) {
    if (error instanceof HpkeError) return undefined;
    throw error;
  }
}

function inputShareInfo(version: DapVersion, role: AggregatorRole): Uint8Array {
  return info(version, "input share", "client", role);
}

function aggregateShareInfo(version: DapVersion, role: AggregatorRole): Uint8Array {
  return info(version, "aggregate share", role, "collector");
}

function info(version: DapVersion, what: string, sender: Role, recipient: Role): Uint8Array {
  const roles = Uint8Array.of(ROLE[sender], ROLE[recipient]);
  return concat(encodeUtf8(`${version} ${what}`), roles);
}
