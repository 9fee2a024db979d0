/**
 * Worker threads that do pure work: bytes in, bytes out. The pool trusts no worker to live: what
 * one held when it died is given to a fresh one, once, and then fails alone.
 *
 * Workers start when there is work for them and stay until the pool closes. Their module calls
 * {@link serveJobs}; Node runs its TypeScript from source.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import type { WorkerMessage, WorkerReply } from "./worker-job.ts";

/** A job that a worker died of might have been a victim; one that two died of is the cause. */
const TRIES_MAX = 2;

export type WorkerPoolErrorCode = "queueFull" | "closed" | "workerDied" | "jobFailed";

/** A job that came to nothing; others are not concerned. */
export class WorkerPoolError extends Error {
  override readonly name = "WorkerPoolError";
  readonly code: WorkerPoolErrorCode;

  constructor(code: WorkerPoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface WorkerPoolOptions {
  /** What the workers run. */
  readonly module: URL;
  /** Workers that live at once. */
  readonly workerCount: number;
  /** Jobs that wait for a worker; beyond this they are refused. */
  readonly queueMax: number;
}

interface QueuedJob<Job, Result> {
  readonly pack: () => WorkerMessage<Job>;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  triesLeft: number;
}

export class WorkerPool<Job, Result> {
  readonly #options: WorkerPoolOptions;
  readonly #queue: QueuedJob<Job, Result>[] = [];
  readonly #workers = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #running = new Map<Worker, QueuedJob<Job, Result>>();
  readonly #unfinished = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * Resolves to a worker's answer.
   *
   * @param pack makes the message; called again when the first worker dies, since what was
   *   transferred is gone with it
   * @throws {WorkerPoolError} queueFull, closed, workerDied, jobFailed (the handler threw)
   */
  run(pack: () => WorkerMessage<Job>): Promise<Result> {
    if (this.#closed) {
      return Promise.reject(
        new WorkerPoolError("closed", "expected an open pool, got a closed one"),
      );
    }
    const { queueMax } = this.#options;
    if (this.#queue.length >= queueMax) {
      const message = `expected at most ${queueMax} waiting jobs; try again later`;
      return Promise.reject(new WorkerPoolError("queueFull", message));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const forget = (): void => void this.#unfinished.delete(settled);
    const settled: Promise<void> = promise.then(forget, forget);
    this.#unfinished.add(settled);
    this.#queue.push({ pack, resolve, reject, triesLeft: TRIES_MAX });
    this.#dispatch();
    return promise;
  }

  /** Jobs that wait for a worker. */
  get queueLength(): number {
    return this.#queue.length;
  }

  /** Takes no more jobs, finishes those it has, and ends the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#unfinished);
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? this.#start();
      if (worker === undefined) return;
      const job = this.#queue.shift();
      if (job === undefined) return;
      this.#assign(worker, job);
    }
  }

  #assign(worker: Worker, job: QueuedJob<Job, Result>): void {
    job.triesLeft--;
    try {
      const { message, transfer } = job.pack();
      worker.postMessage(message, transfer);
      this.#running.set(worker, job);
    } catch (error) {
      this.#idle.push(worker);
      job.reject(error);
    }
  }

  /** A new worker, unless there are enough. */
  #start(): Worker | undefined {
    const { module, workerCount } = this.#options;
    if (this.#workers.size >= workerCount) return undefined;
    // Flags of the process, such as modules to load first, are none of a worker's business.
    const worker = new Worker(module, { execArgv: [] });
    let death: unknown;
    worker.on("message", (reply: WorkerReply<Result>) => this.#finish(worker, reply));
    worker.on("messageerror", (error) => {
      death = error;
      void worker.terminate();
    });
    worker.on("error", (error) => {
      death = error;
    });
    worker.on("exit", () => this.#bury(worker, death));
    this.#workers.add(worker);
    return worker;
  }

  #finish(worker: Worker, reply: WorkerReply<Result>): void {
    const job = this.#running.get(worker);
    if (job === undefined) return;
    this.#running.delete(worker);
    this.#idle.push(worker);
    if (reply.ok) job.resolve(reply.result);
    else job.reject(new WorkerPoolError("jobFailed", reply.trouble));
    this.#dispatch();
  }

  #bury(worker: Worker, cause: unknown): void {
    this.#workers.delete(worker);
    const place = this.#idle.indexOf(worker);
    if (place >= 0) this.#idle.splice(place, 1);
    const job = this.#running.get(worker);
    this.#running.delete(worker);
    if (job !== undefined && job.triesLeft > 0) this.#queue.unshift(job);
    else {
      const message = `expected an answer, got the end of ${TRIES_MAX} workers`;
      job?.reject(new WorkerPoolError("workerDied", message, { cause }));
    }
    this.#dispatch();
  }
}
