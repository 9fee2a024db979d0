/**
 * Time and chance as parameters: no floor below `platform` reads a clock or draws randomness by
 * itself, so that every protocol run can be replayed.
 *
 * @module
 */

/** Where time comes from. */
export interface Clock {
  /** Whole seconds since 1970-01-01 00:00:00 UTC. */
  nowSeconds(): number;
}

/** `length` fresh bytes, unpredictable to everybody else. */
export type RandomBytes = (length: number) => Uint8Array;

/** A clock that tests move by hand. */
export class ManualClock implements Clock {
  #seconds: number;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  nowSeconds(): number {
    return this.#seconds;
  }

  advance(seconds: number): void {
    this.#seconds += seconds;
  }
}
