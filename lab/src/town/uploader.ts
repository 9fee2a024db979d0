/**
 * Brings the reports of many vaults to the leader, many in a request, a few requests at a time: the
 * vaults wait when the leader is slower, so that memory stays bounded.
 */

import { concat } from "@sumus/bytes";
import { type DapTask, readUploadResponse, resourcePath } from "@sumus/dap";
import { mediaType } from "@sumus/dap/messages";
import { LabError } from "../lab-error.ts";
import type { PatientHttp } from "./patient-http.ts";

/** Reports of one request: large enough that HTTP and the leader's transaction cost little each. */
const REPORTS_PER_REQUEST = 100;
/** Bytes of one request, below what a node takes. */
const REQUEST_BYTES_MAX = 512 * 1024;
const REQUESTS_IN_FLIGHT = 4;

export interface Uploader {
  /** Takes one report for a task; waits while too much is under way. */
  add(task: DapTask, report: Uint8Array): Promise<void>;
  /** Sends the rest and waits until everything arrived. */
  flush(): Promise<void>;
  /** Reports refused at the door, by reason. */
  readonly refused: ReadonlyMap<string, number>;
  /** Bytes of the reports sent. */
  readonly bytes: number;
}

interface Batch {
  readonly task: DapTask;
  readonly reports: Uint8Array[];
  bytes: number;
}

class LeaderUploader implements Uploader {
  readonly refused = new Map<string, number>();
  bytes = 0;
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

  async add(task: DapTask, report: Uint8Array): Promise<void> {
    let batch = this.#batches.get(task);
    if (batch !== undefined && batch.bytes + report.length > REQUEST_BYTES_MAX) {
      await this.#dispatch(batch);
      batch = undefined;
    }
    if (batch === undefined) {
      batch = { task, reports: [], bytes: 0 };
      this.#batches.set(task, batch);
    }
    batch.reports.push(report);
    batch.bytes += report.length;
    this.bytes += report.length;
    if (batch.reports.length >= REPORTS_PER_REQUEST) await this.#dispatch(batch);
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

  async #send({ task, reports }: Batch): Promise<void> {
    const { response, retries } = await this.#http.send("leader", {
      method: "POST",
      url: this.#leaderUrl + resourcePath({ kind: "reports", taskId: task.id }),
      headers: { "content-type": mediaType("upload-req") },
      body: new Uint8Array(concat(...reports)),
    });
    if (response.status < 200 || response.status > 299) {
      const text = new TextDecoder().decode(response.body).slice(0, 500);
      throw new LabError(
        "failed",
        `The leader refused an upload with status ${response.status}: ${text}`,
        "This is a fault of the node or of the lab.",
      );
    }
    for (const { error } of readUploadResponse(task, response.body)) {
      // The first try arrived although its answer did not: the report is there, once.
      if (retries > 0 && error === "report_replayed") continue;
      this.refused.set(error, (this.refused.get(error) ?? 0) + 1);
    }
  }
}

/** An uploader to one leader. */
export function createUploader(leaderUrl: string, http: PatientHttp): Uploader {
  return new LeaderUploader(leaderUrl, http);
}
