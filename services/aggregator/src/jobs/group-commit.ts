/**
 * Group commit: what arrives while a batch is being written is written together as the next batch.
 * One caller alone waits for one transaction and two turns of the event loop; a thousand callers wait
 * for about two transactions.
 *
 * @module
 */

/** More is waiting than the store can write in time. */
export class QueueFullError extends Error {
  override readonly name = "QueueFullError";
  readonly code = "queueFull";
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

export class GroupCommit<Item, Result> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #batchBytesMax: number;
  readonly #queueBytesMax: number;
  #queue: Waiting<Item, Result>[] = [];
  #queueBytes = 0;
  #writing: Promise<void> | undefined;

  /** @param write writes all items or none, and answers each in order */
  constructor(
    write: (items: readonly Item[]) => Promise<readonly Result[]>,
    bounds: { readonly batchBytesMax: number; readonly queueBytesMax: number },
  ) {
    this.#write = write;
    this.#batchBytesMax = bounds.batchBytesMax;
    this.#queueBytesMax = bounds.queueBytesMax;
  }

  /**
   * Resolves when the item is written.
   *
   * @param bytes what the item weighs against the bounds
   * @throws {QueueFullError} at once, when too much is waiting
   */
  add(item: Item, bytes: number): Promise<Result> {
    if (this.#queueBytes + bytes > this.#queueBytesMax && this.#queue.length > 0) {
      return Promise.reject(new QueueFullError("expected room in the queue, got a full one"));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#queue.push({ item, bytes, resolve, reject });
    this.#queueBytes += bytes;
    this.#writing ??= this.#drain();
    return promise;
  }

  /** Items that wait, without those that are being written. */
  get queueLength(): number {
    return this.#queue.length;
  }

  get queueBytes(): number {
    return this.#queueBytes;
  }

  /** Resolves when nothing is waiting. */
  async idle(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#gather();
      const batch = this.#take();
      try {
        const results = await this.#write(batch.map(({ item }) => item));
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = undefined;
  }

  /**
   * Lets requests that are half read join: each turn of the event loop in which one did is worth
   * another. Without this an embedded database, which computes on this very thread, would write the
   * first of sixty requests alone while the others lie unread in their sockets.
   */
  async #gather(): Promise<void> {
    let countBefore = 0;
    while (this.#queue.length > countBefore && this.#queueBytes < this.#batchBytesMax) {
      countBefore = this.#queue.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** At least one item, and more while they fit. */
  #take(): Waiting<Item, Result>[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#queue) {
      if (count > 0 && bytes + waiting.bytes > this.#batchBytesMax) break;
      bytes += waiting.bytes;
      count++;
    }
    this.#queueBytes -= bytes;
    return this.#queue.splice(0, count);
  }
}
