/**
 * A network that does to messages what a simulation wishes: it loses them or their answers, brings
 * them twice, late, and in another order.
 *
 * @module
 */
import type { Fetch } from "@sumus/http";
import type { NetworkFault } from "./operations.ts";

/** Somebody who sends: a process that dies hears no answers any more. */
export interface Sender {
  readonly isAlive: () => boolean;
}

/** A message on its way. */
interface Held {
  readonly arrive: () => Promise<void>;
}

export class Link {
  readonly #receive: Fetch;
  readonly #faults: NetworkFault[] = [];
  readonly #held: Held[] = [];
  /** Those who wait to hear that a message was held back. */
  #onHold: () => void = () => {};

  /** @param receive where messages arrive; it throws when nobody is there */
  constructor(receive: Fetch) {
    this.#receive = receive;
  }

  /** What happens to the next message that nothing was planned for. */
  plan(fault: NetworkFault): void {
    this.#faults.push(fault);
  }

  /** Resolves when a sender begins to wait for a slow message. */
  whenHeld(): Promise<void> {
    return new Promise((resolve) => {
      this.#onHold = resolve;
    });
  }

  /** Lets a message arrive; resolves when its receiver is through with it. */
  async deliver(which: "oldest" | "newest"): Promise<void> {
    const held = which === "oldest" ? this.#held.shift() : this.#held.pop();
    await held?.arrive();
  }

  /** From now on nothing happens to messages; those that are on their way arrive. */
  async calm(): Promise<void> {
    this.#faults.length = 0;
    while (this.#held.length > 0) await this.deliver("oldest");
  }

  /** @throws {TypeError} as `fetch` does, when no answer comes */
  async send(request: Request, sender: Sender): Promise<Response> {
    if (!sender.isAlive()) throw new TypeError("the dead send nothing");
    const fault = this.#faults.shift();
    if (fault === "request lost") throw new TypeError("fetch failed");
    if (fault === "late") return this.#sendLate(request);
    const response = await (fault === "slow"
      ? this.#sendSlowly(request)
      : this.#bring(request, fault));
    if (fault === "answer lost" || !sender.isAlive()) throw new TypeError("socket hang up");
    return response;
  }

  async #bring(request: Request, fault: NetworkFault | undefined): Promise<Response> {
    if (fault !== "twice") return await this.#receive(request);
    const copy = request.clone();
    const [first] = await Promise.all([this.#receive(request), this.#receive(copy)]);
    return first;
  }

  #sendLate(request: Request): never {
    const arrive = async (): Promise<void> => {
      // Nobody hears what comes of it.
      await Promise.allSettled([this.#receive(request)]);
    };
    this.#held.push({ arrive });
    throw new TypeError("timeout");
  }

  #sendSlowly(request: Request): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const arrive = async (): Promise<void> => {
      const answer = (async () => await this.#receive(request))();
      answer.then(resolve, reject);
      await Promise.allSettled([answer]);
    };
    this.#held.push({ arrive });
    this.#onHold();
    return promise;
  }
}
