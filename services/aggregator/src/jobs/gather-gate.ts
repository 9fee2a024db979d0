import { JOB_REPORTS_MAX } from "../limits.ts";

/**
 * Keeps a trickle of reports from becoming a job each, and from waking the workers each: a task of
 * which a job was gathered that was not full rests for a moment, unless enough is there for a full
 * one. The first report after a quiet time is not kept waiting.
 */
export class GatherGate {
  readonly #delayMs: number;
  readonly #wake: () => void;
  /** By task that rests: how many reports make a full job. */
  readonly #resting = new Map<number, number>();
  /** Reports since the workers were woken for some; undefined when that is a while ago. */
  #uploadedSince: number | undefined;

  /** @param wake makes workers look for something to gather */
  constructor(delayMs: number, wake: () => void) {
    this.#delayMs = delayMs;
    this.#wake = wake;
  }

  /** A job of `count` reports was gathered; with `countMax` it would have been full. */
  gathered(task: number, count: number, countMax: number): void {
    if (this.#delayMs === 0 || count >= countMax || this.#resting.has(task)) return;
    this.#resting.set(task, countMax);
    this.#later(() => {
      this.#resting.delete(task);
      this.#wake();
    });
  }

  /** How many reports of the task must wait for a job to be gathered now. */
  countMin(task: number): number {
    return this.#resting.get(task) ?? 1;
  }

  /** Wakes the workers for new reports, at once or when more have come. */
  uploaded(count: number): void {
    if (this.#delayMs === 0) {
      this.#wake();
    } else if (this.#uploadedSince === undefined) {
      this.#uploadedSince = 0;
      this.#wake();
      this.#later(() => this.#look());
    } else {
      this.#uploadedSince += count;
      if (this.#uploadedSince < JOB_REPORTS_MAX) return;
      this.#uploadedSince = 0;
      this.#wake();
    }
  }

  #look(): void {
    const count = this.#uploadedSince;
    this.#uploadedSince = undefined;
    if (count !== undefined && count > 0) this.uploaded(count);
  }

  #later(act: () => void): void {
    // A process that ends does not wait for it.
    setTimeout(act, this.#delayMs).unref();
  }
}
