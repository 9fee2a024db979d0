/**
 * Which helpers this process has steps with. One that accepts connections and never answers holds
 * those few up, and no other helper's.
 *
 * @module
 */

/** One step computes while another waits for the helper. */
const STEPS_MAX = 2;

export class HelperTurns {
  readonly #running = new Map<string, number>();

  /**
   * Helpers with which no more steps are begun. Workers that look in the same moment may begin one
   * each.
   */
  get taken(): string[] {
    return [...this.#running].filter(([, count]) => count >= STEPS_MAX).map(([helper]) => helper);
  }

  /** @param helper as a job names it */
  async during<T>(helper: string, step: () => Promise<T>): Promise<T> {
    this.#running.set(helper, (this.#running.get(helper) ?? 0) + 1);
    try {
      return await step();
    } finally {
      const rest = (this.#running.get(helper) ?? 0) - 1;
      if (rest > 0) this.#running.set(helper, rest);
      else this.#running.delete(helper);
    }
  }
}
