/**
 * This node's HPKE keys as the store has them by now. Replicas share the store: each reads it again
 * every {@link KEYS_RELOAD_SECONDS}, and at once when somebody names a key that it does not know.
 *
 * @module
 */
import { hpkeGenerateKeyPair, hpkeImportKeyPair, hpkeSuite } from "@sumus/crypto";
import { createHpkeKeys, type HpkeKeyEntry, type HpkeKeys } from "@sumus/dap";
import { describeError, type Logger } from "@sumus/runtime";
import type { Sealer, Store } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import {
  type HpkeKeyRow,
  insertHpkeKey,
  lockHpkeKeys,
  selectHpkeKeys,
} from "../store/hpke-keys.ts";
import { hpkeKeyPlace } from "../store/stored-secrets.ts";
import { type HpkeKeyLife, KEYS_RELOAD_SECONDS, livesOf } from "./key-life.ts";

/** DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: what every client can do. */
const SUITE = hpkeSuite(0x0020, 0x0001, 0x0001);

/** Between two readings for ids that nobody knows: strangers can make some up. */
const UNKNOWN_ID_SECONDS = 1;

/** Keys that change under way: what they say is as new as the last `refresh`. */
export interface HpkeKeyring extends HpkeKeys {
  /**
   * Reads the store again when that is due, or when one of these ids is unknown. Await it before the
   * keys are used.
   */
  refresh(configIds?: Iterable<number>): Promise<void>;
  /** Whether new reports may be sealed to this key. */
  takes(configId: number): boolean;
}

export interface KeyringOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly sealer: Sealer;
  /** For how long a retired key takes reports. */
  readonly keepSeconds: number;
  readonly log: Logger;
}

/** Opens the keys; the first start, of whichever replica, makes one. */
export async function openHpkeKeyring(options: KeyringOptions): Promise<HpkeKeyring> {
  return new StoredKeyring(options, await createFirstKey(options));
}

async function createFirstKey(options: KeyringOptions): Promise<HpkeKeyRow[]> {
  const { store, clock, randomBytes } = options;
  // Why: a random id tells clients of a node that was set up anew that their copy is outdated.
  const configId = randomBytes(1)[0] ?? 0;
  const key = generateHpkeKey(options, configId, clock.nowSeconds());
  return await store.transaction("create HPKE key", async (transaction) => {
    await lockHpkeKeys(transaction);
    const existing = await selectHpkeKeys(transaction);
    if (existing.length > 0) return existing;
    await insertHpkeKey(transaction, key);
    return selectHpkeKeys(transaction);
  });
}

/** A fresh key pair as a row. */
export function generateHpkeKey(
  { sealer, randomBytes }: Pick<KeyringOptions, "sealer" | "randomBytes">,
  configId: number,
  advertisedAt: number,
): HpkeKeyRow {
  const secret = hpkeGenerateKeyPair(SUITE, randomBytes).privateKey.reveal();
  const privateKey = sealer.seal(hpkeKeyPlace(configId), secret);
  return { ...SUITE, privateKey, configId, advertisedAt };
}

interface KeyringEntry extends HpkeKeyEntry {
  readonly advertisedAt: number;
}

class StoredKeyring implements HpkeKeyring {
  readonly #options: KeyringOptions;
  /** The newest first. */
  #entries: readonly KeyringEntry[] = [];
  #keys: HpkeKeys = createHpkeKeys([]);
  #lives: ReadonlyMap<number, HpkeKeyLife> = new Map();
  #readAt = 0;
  #reading: Promise<void> | undefined;

  constructor(options: KeyringOptions, rows: readonly HpkeKeyRow[]) {
    this.#options = options;
    this.#take(rows);
  }

  get configs(): HpkeKeys["configs"] {
    return this.#keys.configs;
  }

  get ids(): HpkeKeys["ids"] {
    return this.#keys.ids;
  }

  keyPairOf(configId: number): ReturnType<HpkeKeys["keyPairOf"]> {
    return this.#keys.keyPairOf(configId);
  }

  takes(configId: number): boolean {
    const state = this.#lives.get(configId)?.state;
    return state !== undefined && state !== "closed";
  }

  async refresh(configIds: Iterable<number> = []): Promise<void> {
    const age = this.#options.clock.nowSeconds() - this.#readAt;
    const known = new Set(this.ids);
    if (age >= UNKNOWN_ID_SECONDS && [...configIds].some((id) => !known.has(id))) {
      await this.#read();
    } else if (age >= KEYS_RELOAD_SECONDS) {
      await this.#readOrGoOn();
    }
    this.#publish();
  }

  /** The keys of a moment ago serve until the store is back. */
  async #readOrGoOn(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      this.#options.log.warn("HPKE keys could not be read again", { why: describeError(error) });
    }
  }

  #read(): Promise<void> {
    const { store } = this.#options;
    this.#reading ??= store
      .transaction("read HPKE keys", selectHpkeKeys)
      .then((rows) => this.#take(rows))
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  #take(rows: readonly HpkeKeyRow[]): void {
    const before = new Map(this.#entries.map((entry) => [entry.id, entry]));
    this.#entries = rows.map((row) => {
      const known = before.get(row.configId);
      // An id comes back with another time, after hundreds of rotations.
      if (known?.advertisedAt === row.advertisedAt) return known;
      return importKey(row, this.#options.sealer);
    });
    this.#readAt = this.#options.clock.nowSeconds();
    this.#publish();
  }

  /** Time alone turns a pending key into the advertised one. */
  #publish(): void {
    const { clock, keepSeconds } = this.#options;
    const rows = this.#entries.map(({ id, advertisedAt }) => ({ configId: id, advertisedAt }));
    const lives = livesOf(rows, clock.nowSeconds(), keepSeconds);
    this.#lives = new Map(lives.map((life) => [life.configId, life]));
    this.#keys = createHpkeKeys(
      this.#entries.map(({ id, keyPair }) => ({
        id,
        keyPair,
        isPublished: this.#lives.get(id)?.state === "advertised",
      })),
    );
  }
}

/** @throws {SealError} */
function importKey(row: HpkeKeyRow, sealer: Sealer): KeyringEntry {
  const { configId: id, advertisedAt, kemId, kdfId, aeadId } = row;
  const privateKey = sealer.open(hpkeKeyPlace(id), row.privateKey);
  const keyPair = hpkeImportKeyPair(hpkeSuite(kemId, kdfId, aeadId), privateKey);
  return { id, advertisedAt, keyPair };
}
