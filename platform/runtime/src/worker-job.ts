/** The worker's side of a {@link WorkerPool}. */
import { parentPort, type Transferable } from "node:worker_threads";
import { describeError } from "./logger.ts";

/** What goes to a worker or comes back: plain data, and the buffers that move instead of being copied. */
export interface WorkerMessage<T> {
  readonly message: T;
  readonly transfer: readonly Transferable[];
}

export type WorkerReply<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly trouble: string };

/** Answers every job of the pool that started this thread, one after the other. */
export function serveJobs<Job, Result>(handle: (job: Job) => WorkerMessage<Result>): void {
  if (parentPort === null) throw new Error("expected a worker thread, got the main thread");
  const port = parentPort;
  const reply = (content: WorkerReply<Result>, transfer: readonly Transferable[] = []): void =>
    port.postMessage(content, transfer);
  port.on("message", (job: Job) => {
    try {
      const { message, transfer } = handle(job);
      reply({ ok: true, result: message }, transfer);
    } catch (error) {
      reply({ ok: false, trouble: describeError(error) });
    }
  });
}
