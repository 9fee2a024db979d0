/**
 * The life of an HPKE key. It follows from two times in the store, its own and its successor's, so
 * that all replicas agree without telling each other:
 *
 *     pending ──▶ advertised ──▶ retired ──▶ closed ──▶ (deleted)
 *
 * @module
 */

/** When keys come and go. */
export interface HpkeKeyRules {
  /** For how long a retired key takes reports: those of clients that remember it. */
  readonly keepSeconds: number;
  /** After how long a new key is made; undefined: when the operator says so. */
  readonly rotateAfterSeconds: number | undefined;
}

export type HpkeKeyState =
  /** Every replica learns it before the first client does. */
  | "pending"
  /** Clients seal to it. */
  | "advertised"
  /** Another is advertised; clients that remember this one are still served. */
  | "retired"
  /** Takes no new reports; opens those that wait, and goes when there are none. */
  | "closed";

export interface HpkeKeyLife {
  readonly configId: number;
  readonly state: HpkeKeyState;
  /** Seconds since 1970, as all times here. */
  readonly advertisedAt: number;
  /** When its successor is advertised; undefined while it has none. */
  readonly retiredAt: number | undefined;
  /** When it takes no more reports. */
  readonly closedAt: number | undefined;
}

/** For how long clients may remember a configuration: keys change seldom. */
export const CONFIG_CACHE_SECONDS = 86_400;

/**
 * The draft asks for twice {@link CONFIG_CACHE_SECONDS} at least. This long, because what waits at a
 * leader while its helper is away is sealed to the helper's keys too.
 */
export const HPKE_KEY_RULES: HpkeKeyRules = {
  keepSeconds: 28 * 86_400,
  rotateAfterSeconds: undefined,
};

/** From a key's making to its first client: four times {@link KEYS_RELOAD_SECONDS}. */
export const KEY_PENDING_SECONDS = 60;

/** How often a replica reads the keys again. */
export const KEYS_RELOAD_SECONDS = 15;

/** From a key's closing to its deletion at the earliest: what came in time is in the store by then. */
export const KEY_CLOSED_SECONDS = 3600;

/** Keys of one node at a time: each of its jobs carries them all. */
export const KEYS_MAX = 64;

/** Configuration ids have one byte. */
const CONFIG_IDS = 256;

/**
 * @param keys the newest first
 * @param keepSeconds for how long a retired key takes reports
 */
export function livesOf(
  keys: readonly { readonly configId: number; readonly advertisedAt: number }[],
  nowSeconds: number,
  keepSeconds: number,
): HpkeKeyLife[] {
  return keys.map(({ configId, advertisedAt }, index) => {
    const retiredAt = keys[index - 1]?.advertisedAt;
    const closedAt = retiredAt === undefined ? undefined : retiredAt + keepSeconds;
    const life = { configId, advertisedAt, retiredAt, closedAt };
    // The oldest is never pending: where clocks disagree a node still advertises one.
    const isOldest = index === keys.length - 1;
    if (advertisedAt > nowSeconds && !isOldest) return { ...life, state: "pending" };
    if (retiredAt === undefined || nowSeconds < retiredAt) return { ...life, state: "advertised" };
    return { ...life, state: nowSeconds < retiredAt + keepSeconds ? "retired" : "closed" };
  });
}

/**
 * The id of the next key: after the newest, so that an id comes back as late as it can; who remembers
 * a key that is gone should hear so, and not seal to another.
 */
export function nextConfigId(keys: readonly { readonly configId: number }[]): number | undefined {
  if (keys.length >= KEYS_MAX) return undefined;
  const taken = new Set(keys.map(({ configId }) => configId));
  let id = keys[0]?.configId ?? 0;
  do id = (id + 1) % CONFIG_IDS;
  while (taken.has(id));
  return id;
}
