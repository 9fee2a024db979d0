/**
 * Runs maps on threads of their own, and ends a thread that a map keeps too long. Fuel ends maps
 * long before; this wall is for what nobody thought of.
 *
 * Threads stay, with their languages loaded and their maps compiled. Each has a few orders ahead,
 * so that it need not wait for the next; when it is ended, the others go to its successor, for a
 * map has no effect that could happen twice. What a map may not see does not go to its thread.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { startThread } from "#start-thread";
import type { CellValue, MapOutcome, MapRequest, MapTable } from "../map-run.ts";
import type { MapNews, MapThread, StartThread } from "./map-thread.ts";

const THREADS_MAX = 4;
/** Orders that a thread has at once: the message of the next is there when one is done. */
const ORDERS_AHEAD = 8;
const WAITING_MAX = 1_000_000;
const KILL_AFTER_MS = 10_000;
/** Threads that may end by themselves in a row before their map is the one to blame. */
const DEATHS_MAX = 2;

export interface MapPoolOptions {
  /** One less than the machine has cores, up to four, when left out. */
  readonly threads?: number;
  /** Wall clock that one run may take. Ten seconds when left out, for fuel should end it. */
  readonly killAfterMs?: number;
}

export interface MapPool extends AsyncDisposable {
  run(request: MapRequest): Promise<MapOutcome>;
  /**
   * CPU time of the threads for all runs so far, their messages included and some milliseconds
   * behind; null where the platform does not tell.
   */
  readonly spentCpuMs: number | null;
  /** Ends all threads; runs that are not done become failures. */
  close(): Promise<void>;
}

/**
 * Threads start with the first runs. An idle pool does not keep a process alive.
 *
 * @param start for tests of what threads may do at worst
 */
export function createMapPool(
  options: MapPoolOptions = {},
  start: StartThread = startThread,
): MapPool {
  const cores = globalThis.navigator?.hardwareConcurrency ?? 2;
  const threads = options.threads ?? Math.max(1, Math.min(THREADS_MAX, cores - 1));
  assert(threads >= 1, "a pool has a thread");
  return new ThreadedMapPool(threads, options.killAfterMs ?? KILL_AFTER_MS, start);
}

interface Job {
  readonly id: number;
  readonly request: MapRequest;
  readonly settle: (outcome: MapOutcome) => void;
  deaths: number;
}

/** A place for a thread; the first of its jobs is the one that runs. */
interface Seat {
  thread: MapThread | null;
  jobs: Job[];
  timer: ReturnType<typeof setTimeout> | null;
  /** CPU time of the thread for maps, when it last told. */
  cpuMs: number | null;
  /** False until the thread says that it runs: starting and loading take their time. */
  running: boolean;
}

class ThreadedMapPool implements MapPool {
  readonly #seats: readonly Seat[];
  readonly #killAfterMs: number;
  readonly #startThread: StartThread;
  readonly #waiting: Job[] = [];
  #nextId = 0;
  /** Of threads that were ended. */
  #pastCpuMs: number | null = 0;
  #closed = false;

  constructor(threads: number, killAfterMs: number, start: StartThread) {
    this.#killAfterMs = killAfterMs;
    this.#startThread = start;
    this.#seats = Array.from({ length: threads }, () => {
      return { thread: null, jobs: [], timer: null, cpuMs: 0, running: false };
    });
  }

  get spentCpuMs(): number | null {
    return this.#seats.reduce((sum, { cpuMs }) => add(sum, cpuMs), this.#pastCpuMs);
  }

  run(request: MapRequest): Promise<MapOutcome> {
    assert(!this.#closed, "an open pool");
    assert(this.#waiting.length < WAITING_MAX, `at most ${WAITING_MAX} maps wait`);
    return new Promise((settle) => {
      const visible = { ...request, tables: onlyVisible(request.tables) };
      this.#waiting.push({ id: this.#nextId++, request: visible, settle, deaths: 0 });
      this.#hand();
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    const open = [...this.#seats.flatMap(({ jobs }) => jobs), ...this.#waiting.splice(0)];
    for (const seat of this.#seats) {
      this.#clear(seat);
      seat.thread?.kill();
      seat.thread = null;
      seat.jobs = [];
    }
    for (const job of open) job.settle(failure("the pool was closed before the map had run"));
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Gives waiting jobs to the threads that have the fewest. */
  #hand(): void {
    while (this.#waiting.length > 0) {
      const seat = this.#seats.reduce((one, other) =>
        other.jobs.length < one.jobs.length ? other : one,
      );
      if (seat.jobs.length >= ORDERS_AHEAD) return;
      const job = this.#waiting.shift();
      if (job !== undefined) this.#order(seat, job);
    }
  }

  #order(seat: Seat, job: Job): void {
    seat.thread ??= this.#start(seat);
    seat.jobs.push(job);
    if (seat.jobs.length === 1) {
      seat.thread.hold(true);
      this.#watch(seat);
    }
    seat.thread.send({ id: job.id, request: job.request });
  }

  #start(seat: Seat): MapThread {
    const isCurrent = (): boolean => seat.thread === thread;
    const thread: MapThread = this.#startThread(
      (news) => {
        if (isCurrent()) this.#hear(seat, news);
      },
      () => {
        if (isCurrent()) this.#bury(seat);
      },
    );
    return thread;
  }

  #hear(seat: Seat, news: MapNews): void {
    if (news.kind !== "done") {
      seat.running = news.kind === "running";
      this.#watch(seat);
      return;
    }
    const job = seat.jobs.shift();
    assert(job?.id === news.id, "a thread answers in order");
    seat.cpuMs = news.cpuMs;
    this.#watch(seat);
    if (seat.jobs.length === 0) seat.thread?.hold(false);
    job.settle(news.outcome);
    this.#hand();
  }

  /** Begins to count the time of the job that is now the first. */
  #watch(seat: Seat): void {
    if (seat.timer !== null) clearTimeout(seat.timer);
    seat.timer = null;
    if (!seat.running || seat.jobs.length === 0) return;
    seat.timer = setTimeout(() => this.#overrun(seat), this.#killAfterMs);
  }

  #clear(seat: Seat): void {
    if (seat.timer !== null) clearTimeout(seat.timer);
    seat.timer = null;
    this.#pastCpuMs = add(this.#pastCpuMs, seat.cpuMs);
    seat.cpuMs = 0;
    seat.running = false;
  }

  #overrun(seat: Seat): void {
    const [job, ...others] = this.#vacate(seat);
    const allowed = `${this.#killAfterMs.toLocaleString("en")} ms allowed`;
    const message = `the map ran too long: ${allowed}, then its thread was ended`;
    job?.settle({ ok: false, reason: "outOfTime", message });
    this.#waiting.unshift(...others);
    this.#hand();
  }

  /** A thread ended by itself. Its first job gets another one, but not for ever. */
  #bury(seat: Seat): void {
    const [job, ...others] = this.#vacate(seat);
    this.#waiting.unshift(...others);
    if (job !== undefined) {
      job.deaths++;
      if (job.deaths < DEATHS_MAX) this.#waiting.unshift(job);
      else job.settle(failure("the map ended the thread that it ran on"));
    }
    this.#hand();
  }

  /** Ends a seat's thread; its jobs. */
  #vacate(seat: Seat): Job[] {
    this.#clear(seat);
    seat.thread?.kill();
    seat.thread = null;
    const { jobs } = seat;
    seat.jobs = [];
    return jobs;
  }
}

function add(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one + other;
}

function failure(message: string): MapOutcome {
  return { ok: false, reason: "mapFailed", message };
}

/** The same tables with no other cells than those of their columns. */
function onlyVisible(
  tables: Readonly<Record<string, MapTable>>,
): Readonly<Record<string, MapTable>> {
  const visible = Object.entries(tables).map(([name, { columns, rows }]) => {
    const places = columns.flatMap(({ constant, index }, place) =>
      constant === undefined ? [index ?? place] : [],
    );
    let next = 0;
    const placed = columns.map((column) =>
      column.constant === undefined ? { ...column, index: next++ } : column,
    );
    const cells = (row: readonly CellValue[]): readonly CellValue[] =>
      places.map((place) => row[place] ?? null);
    return [name, { columns: placed, rows: rows.map(cells) }] as const;
  });
  return Object.fromEntries(visible);
}
