/** What a quarter in a thread of its own and its town say to each other, and the town's side of it. */

import { Worker } from "node:worker_threads";
import { LabError, type LabErrorCode } from "../lab-error.ts";
import type { Asked } from "./asked.ts";
import type { Quarter, QuarterNews } from "./quarter.ts";

/** What has an answer. */
type Call = "settle" | "findClaim" | "ask" | "release";
type Answer = Awaited<ReturnType<Quarter[Call]>>;

/** To the thread. Calls without an id have no answer. */
export type QuarterOrder =
  | { readonly id: number; readonly call: Call; readonly args: readonly unknown[] }
  | { readonly id: null; readonly call: "hold" | "stopAsking"; readonly args: readonly unknown[] };

/** An error as it travels; code and remedy only of a {@link LabError}. */
export interface QuarterTrouble {
  readonly message: string;
  readonly stack: string | undefined;
  readonly code?: LabErrorCode;
  readonly remedy?: string;
}

/** From the thread. */
export type QuarterReply =
  | { readonly kind: "done"; readonly id: number; readonly answer: Answer }
  | { readonly kind: "failed"; readonly id: number; readonly trouble: QuarterTrouble }
  | { readonly kind: "news"; readonly news: QuarterNews };

const ENTRY = new URL("./quarter-thread-entry.ts", import.meta.url);

class ThreadQuarter implements Quarter {
  readonly #worker: Worker;
  readonly #open = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #hear: (news: QuarterNews) => void;
  readonly #signal: AbortSignal;
  #nextId = 0;

  constructor(hear: (news: QuarterNews) => void, signal: AbortSignal) {
    this.#hear = hear;
    this.#signal = signal;
    signal.addEventListener("abort", this.#abort);
    // Flags of the process, such as modules to load first, are none of a thread's business.
    this.#worker = new Worker(ENTRY, { execArgv: [] });
    this.#worker.on("message", (reply: QuarterReply) => this.#take(reply));
    this.#worker.on("error", (error) => this.#failAll(error));
    this.#worker.on("exit", () => this.#failAll(new Error("expected a thread, but it has ended")));
  }

  async settle(...args: Parameters<Quarter["settle"]>): Promise<void> {
    await this.#call("settle", args);
  }

  async findClaim(...args: Parameters<Quarter["findClaim"]>): Promise<number | null> {
    return (await this.#call("findClaim", args)) as number | null;
  }

  async ask(...args: Parameters<Quarter["ask"]>): Promise<Asked> {
    return (await this.#call("ask", args)) as Asked;
  }

  async release(...args: Parameters<Quarter["release"]>): Promise<void> {
    await this.#call("release", args);
  }

  hold(isHeld: boolean): void {
    this.#post({ id: null, call: "hold", args: [isHeld] });
  }

  stopAsking(): void {
    this.#post({ id: null, call: "stopAsking", args: [] });
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener("abort", this.#abort);
    await this.#worker.terminate();
  }

  readonly #abort = (): void => this.#failAll(this.#signal.reason);

  #post(order: QuarterOrder): void {
    this.#worker.postMessage(order);
  }

  async #call(call: Call, args: readonly unknown[]): Promise<unknown> {
    this.#signal.throwIfAborted();
    const id = this.#nextId++;
    const answer = Promise.withResolvers<unknown>();
    this.#open.set(id, answer);
    this.#post({ id, call, args });
    return await answer.promise;
  }

  #take(reply: QuarterReply): void {
    if (reply.kind === "news") {
      this.#hear(reply.news);
      return;
    }
    const answer = this.#open.get(reply.id);
    this.#open.delete(reply.id);
    if (reply.kind === "done") answer?.resolve(reply.answer);
    else answer?.reject(asError(reply.trouble));
  }

  #failAll(error: unknown): void {
    for (const answer of this.#open.values()) answer.reject(error);
    this.#open.clear();
  }
}

function asError({ message, stack, code, remedy }: QuarterTrouble): Error {
  if (code !== undefined) return new LabError(code, message, remedy ?? "");
  return Object.assign(new Error(message), { stack });
}

/** A quarter in a thread of its own. */
export function startQuarter(hear: (news: QuarterNews) => void, signal: AbortSignal): Quarter {
  return new ThreadQuarter(hear, signal);
}
