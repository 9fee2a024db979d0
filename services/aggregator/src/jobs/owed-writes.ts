import { LeaseLostError } from "../store/lease.ts";

/**
 * What workers have to write about jobs that failed: that they may be tried again. When the store
 * fails just then, such as on a full disk or while the database is away, this remembers it. Without,
 * the job would wait for its lease to run out.
 */
export class OwedWrites {
  readonly #writes: (() => Promise<void>)[] = [];

  /** Writes now, or owes it. @throws what the write failed with */
  async write(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof LeaseLostError)) this.#writes.push(write);
      throw error;
    }
  }

  /**
   * Writes everything that is owed. A worker calls it before it takes a job, so that no more is ever
   * owed than jobs are worked on at once.
   *
   * @throws what a write failed with; it stays owed
   */
  async settle(): Promise<void> {
    for (let write = this.#writes.shift(); write !== undefined; write = this.#writes.shift()) {
      try {
        await this.write(write);
      } catch (error) {
        if (!(error instanceof LeaseLostError)) throw error;
      }
    }
  }
}
