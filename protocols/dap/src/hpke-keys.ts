/**
 * HPKE configurations turned into keys that can seal and open.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import {
  HpkeError,
  type HpkeKeyPair,
  type HpkePublicKey,
  hpkeImportPublicKey,
  hpkeSuite,
} from "@sumus/crypto";
import type { HpkeConfig } from "./messages/hpke-config.ts";

/** The keys of one receiver by configuration id. */
export interface HpkeKeys {
  /** What to publish, in decreasing order of preference. */
  readonly configs: readonly HpkeConfig[];
  /** All keys that open, also those which are not published any more, or not yet. */
  readonly ids: readonly number[];
  keyPairOf(configId: number): HpkeKeyPair | undefined;
}

export interface HpkeKeyEntry {
  /** One byte. */
  readonly id: number;
  readonly keyPair: HpkeKeyPair;
  /** Whether clients may seal to it from now on; by default they may. */
  readonly isPublished?: boolean;
}

/** @param entries in decreasing order of preference, with distinct ids */
export function createHpkeKeys(entries: readonly HpkeKeyEntry[]): HpkeKeys {
  const keyPairs = new Map(entries.map(({ id, keyPair }) => [id, keyPair]));
  assert(keyPairs.size === entries.length, "HPKE configurations have distinct ids");
  return {
    configs: entries
      .filter(({ isPublished = true }) => isPublished)
      .map(({ id, keyPair }) => hpkeConfigOf(id, keyPair)),
    ids: [...keyPairs.keys()],
    keyPairOf: (configId) => keyPairs.get(configId),
  };
}

/** The public half of a key pair, as it is published under `id`. */
export function hpkeConfigOf(id: number, { suite, publicKey }: HpkeKeyPair): HpkeConfig {
  return { id, ...suite, publicKey: publicKey.bytes };
}

/**
 * The first configuration of a list that this side can seal to; undefined when there is none, and
 * a client then gives up [DAP-18, Section 4.4.1].
 */
export function chooseHpkeConfig(configs: readonly HpkeConfig[]): HpkeConfig | undefined {
  return configs.find((config) => {
    try {
      publicKeyOf(config);
      return true;
    } catch (error) {
      if (error instanceof HpkeError) return false;
      throw error;
    }
  });
}

// Importing a key costs as much as a third of a seal; configurations live as long as their keys.
const imported = new WeakMap<HpkeConfig, HpkePublicKey>();

/**
 * The key of a configuration, imported at its first use.
 *
 * @throws {HpkeError} unsupportedSuite, invalidPublicKey
 */
export function publicKeyOf(config: HpkeConfig): HpkePublicKey {
  const known = imported.get(config);
  if (known !== undefined) return known;
  const suite = hpkeSuite(config.kemId, config.kdfId, config.aeadId);
  const key = hpkeImportPublicKey(suite, config.publicKey);
  imported.set(config, key);
  return key;
}
