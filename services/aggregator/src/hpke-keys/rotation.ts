/**
 * Rotation of HPKE keys: a new key is made, clients are given it a little later, and the old one goes
 * when nothing is sealed to it any more. key-life.ts tells the states in between.
 *
 * @module
 */
import type { Sealer, Store } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import {
  deleteUnusedHpkeKeys,
  insertHpkeKey,
  lockHpkeKeys,
  selectHpkeKeys,
} from "../store/hpke-keys.ts";
import {
  type HpkeKeyLife,
  KEY_CLOSED_SECONDS,
  KEY_PENDING_SECONDS,
  KEYS_MAX,
  livesOf,
  nextConfigId,
} from "./key-life.ts";
import { generateHpkeKey } from "./keyring.ts";

export interface RotationServices {
  readonly store: Store;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly sealer: Sealer;
  /** For how long a retired key takes reports. */
  readonly keepSeconds: number;
}

/** As many keys as a node can have are in use. */
export class TooManyKeysError extends Error {
  override readonly name = "TooManyKeysError";
  readonly code = "tooManyKeys";

  constructor() {
    super(
      `expected fewer than ${KEYS_MAX} HPKE keys, got as many; wait until old ones are deleted`,
    );
  }
}

/** The newest first. */
export async function listHpkeKeys(services: RotationServices): Promise<HpkeKeyLife[]> {
  const { store, clock, keepSeconds } = services;
  const rows = await store.transaction("read HPKE keys", selectHpkeKeys);
  return livesOf(rows, clock.nowSeconds(), keepSeconds);
}

/**
 * Makes a new key unless the newest is younger than `ageMin` seconds. While one is pending there is
 * no other: whoever asks again, not having heard the answer, gets the same.
 *
 * @returns the keys, the newest first
 * @throws {TooManyKeysError}
 */
export async function rotateHpkeKey(
  services: RotationServices,
  ageMin = 0,
): Promise<{ readonly isNew: boolean; readonly keys: HpkeKeyLife[] }> {
  const { store, clock, keepSeconds } = services;
  const nowSeconds = clock.nowSeconds();
  const { isNew, rows } = await store.transaction("rotate HPKE key", async (transaction) => {
    await lockHpkeKeys(transaction);
    const before = await selectHpkeKeys(transaction);
    const newest = before[0]?.advertisedAt ?? 0;
    if (newest + ageMin > nowSeconds) return { isNew: false, rows: before };
    const configId = nextConfigId(before);
    if (configId === undefined) throw new TooManyKeysError();
    const advertisedAt = nowSeconds + KEY_PENDING_SECONDS;
    await insertHpkeKey(transaction, generateHpkeKey(services, configId, advertisedAt));
    return { isNew: true, rows: await selectHpkeKeys(transaction) };
  });
  return { isNew, keys: livesOf(rows, nowSeconds, keepSeconds) };
}

/** Deletes keys that are closed, and that no report which waits here is sealed to. */
export async function deleteClosedHpkeKeys(services: RotationServices): Promise<number[]> {
  const { store, clock, keepSeconds } = services;
  const nowSeconds = clock.nowSeconds();
  return await store.transaction("delete HPKE keys", async (transaction) => {
    await lockHpkeKeys(transaction);
    const lives = livesOf(await selectHpkeKeys(transaction), nowSeconds, keepSeconds);
    const closed = lives.filter(
      ({ closedAt = Number.POSITIVE_INFINITY }) => closedAt + KEY_CLOSED_SECONDS <= nowSeconds,
    );
    if (closed.length === 0) return [];
    const ids = closed.map(({ configId }) => configId);
    return await deleteUnusedHpkeKeys(transaction, ids);
  });
}
