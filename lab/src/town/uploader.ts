/**
 * Brings the reports of many vaults to the leader, many in a request, a few requests at a time: the
 * vaults wait when the leader is slower, so that memory stays bounded.
 */

import {
  type PatientHttp,
  REQUEST_BYTES_MAX,
  REQUEST_REPORTS_MAX,
  sendReports,
} from "@sumus/client";
import type { DapTask } from "@sumus/dap";
import { inOurWords } from "./town-http.ts";

const REQUESTS_IN_FLIGHT = 4;

export interface Uploader {
  /** Takes one report for a task; waits while too much is under way. `onSent`: the leader has it. */
  add(task: DapTask, report: Uint8Array, onSent?: () => void): Promise<void>;
  /** Sends the rest and waits until everything arrived. */
  flush(): Promise<void>;
  /** Reports refused at the door, by reason. */
  readonly refused: ReadonlyMap<string, number>;
}

interface Batch {
  readonly task: DapTask;
  readonly reports: Uint8Array[];
  readonly onSent: (() => void)[];
  bytes: number;
}

class LeaderUploader implements Uploader {
  readonly refused = new Map<string, number>();
  readonly #leaderUrl: string;
  readonly #http: PatientHttp;
  readonly #batches = new Map<DapTask, Batch>();
  readonly #inFlight = new Set<Promise<void>>();
  /** The first failure; thrown at the next call, so that nobody waits for a lost request. */
  #failure: Error | undefined;

  constructor(leaderUrl: string, http: PatientHttp) {
    this.#leaderUrl = leaderUrl;
    this.#http = http;
  }

  async add(task: DapTask, report: Uint8Array, onSent?: () => void): Promise<void> {
    let batch = this.#batches.get(task);
    // Who had to wait may find a batch that another began meanwhile.
    while (batch !== undefined && batch.bytes + report.length > REQUEST_BYTES_MAX) {
      await this.#dispatch(batch);
      batch = this.#batches.get(task);
    }
    if (batch === undefined) {
      batch = { task, reports: [], onSent: [], bytes: 0 };
      this.#batches.set(task, batch);
    }
    batch.reports.push(report);
    batch.bytes += report.length;
    if (onSent !== undefined) batch.onSent.push(onSent);
    if (batch.reports.length >= REQUEST_REPORTS_MAX) await this.#dispatch(batch);
  }

  async flush(): Promise<void> {
    for (const batch of this.#batches.values()) await this.#dispatch(batch);
    await Promise.all(this.#inFlight);
    this.#throwFailure();
  }

  async #dispatch(batch: Batch): Promise<void> {
    this.#batches.delete(batch.task);
    while (this.#inFlight.size >= REQUESTS_IN_FLIGHT) await Promise.race(this.#inFlight);
    this.#throwFailure();
    const sending = this.#send(batch)
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #send({ task, reports, onSent }: Batch): Promise<void> {
    try {
      const refused = await sendReports(this.#http, this.#leaderUrl, task, reports);
      for (const { error } of refused) {
        this.refused.set(error, (this.refused.get(error) ?? 0) + 1);
      }
      for (const note of onSent) note();
    } catch (error) {
      throw inOurWords("leader", error);
    }
  }
}

/** An uploader to one leader. */
export function createUploader(leaderUrl: string, http: PatientHttp): Uploader {
  return new LeaderUploader(leaderUrl, http);
}
