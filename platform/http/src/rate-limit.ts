/** Who asks too much is told when to come back. */
export class RateLimitError extends Error {
  override readonly name = "RateLimitError";
  readonly code = "rateLimited";
  readonly retryAfterSeconds: number;

  /** @param message whose limit it is, and what to do; sent to who asked */
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

interface Bucket {
  /** What may be taken at once; below zero after somebody took more than was there. */
  readonly tokens: number;
  readonly atSeconds: number;
}

/** Keys that are remembered; beyond this the one that was quiet longest starts anew. */
const KEY_COUNT_MAX = 10_000;

/**
 * A token bucket a key. What a request costs may be known only after it was read, so that who has a
 * token may go on, and what he took beyond it is a debt that time pays.
 */
export class RateLimit {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #keyCountMax: number;
  /** In the order of their last use. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param options `perSecond` tokens come back, up to `burst` */
  constructor(options: { perSecond: number; burst: number; keyCountMax?: number }) {
    this.#perSecond = options.perSecond;
    this.#burst = options.burst;
    this.#keyCountMax = options.keyCountMax ?? KEY_COUNT_MAX;
  }

  /** Whole seconds until `key` has a token: 0 when it has one. */
  waitSeconds(key: string, nowSeconds: number): number {
    const missing = 1 - this.#tokens(key, nowSeconds);
    return missing <= 0 ? 0 : Math.ceil(missing / this.#perSecond);
  }

  take(key: string, count: number, nowSeconds: number): void {
    const tokens = this.#tokens(key, nowSeconds) - count;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens, atSeconds: nowSeconds });
    if (this.#buckets.size <= this.#keyCountMax) return;
    for (const quietest of this.#buckets.keys()) {
      this.#buckets.delete(quietest);
      break;
    }
  }

  #tokens(key: string, nowSeconds: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#burst;
    // A clock that was set back pays nothing, and takes nothing.
    const seconds = Math.max(0, nowSeconds - bucket.atSeconds);
    return Math.min(this.#burst, bucket.tokens + seconds * this.#perSecond);
  }
}
