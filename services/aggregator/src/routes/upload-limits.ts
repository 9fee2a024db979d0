import { networkOf, RateLimit, RateLimitError, type Sender } from "@sumus/http";
import {
  ADDRESS_REPORTS_PER_SECOND,
  RATE_BURST_SECONDS,
  TASK_REPORTS_PER_SECOND,
} from "../limits.ts";

export interface UploadRates {
  /**
   * Reports a second from one address, and to one task; twenty seconds' worth at once. A request of
   * anybody costs as much as a report. An IPv6 address counts as its /64.
   */
  readonly reportsPerSecondPerAddress: number;
  readonly reportsPerSecondPerTask: number;
  /**
   * The header to whose end a trusted proxy in front writes the sender's address; without it the
   * address is the socket's.
   */
  readonly addressHeader: string | undefined;
}

export const UPLOAD_RATES: UploadRates = {
  reportsPerSecondPerAddress: ADDRESS_REPORTS_PER_SECOND,
  reportsPerSecondPerTask: TASK_REPORTS_PER_SECOND,
  addressHeader: undefined,
};

/** How many reports a second may come from one address, and to one task. */
export class UploadLimits {
  readonly #byAddress: RateLimit;
  readonly #byTask: RateLimit;
  readonly #addressHeader: string | undefined;

  constructor(rates: UploadRates) {
    this.#byAddress = rateLimit(rates.reportsPerSecondPerAddress);
    this.#byTask = rateLimit(rates.reportsPerSecondPerTask);
    this.#addressHeader = rates.addressHeader;
  }

  /**
   * Lets a request be answered, and its body be read, at the price of one report.
   *
   * @throws {RateLimitError}
   */
  admitSender(request: Request, sender: Sender | undefined, nowSeconds: number): string {
    const address = this.#addressOf(request, sender);
    admit(this.#byAddress, address, "your address", nowSeconds);
    return address;
  }

  /** @throws {RateLimitError} */
  admitToTask(task: number, nowSeconds: number): void {
    admit(this.#byTask, String(task), "this task", nowSeconds);
  }

  /** Counts the reports of a request that was admitted. */
  charge(from: { address: string; task: number }, reports: number, nowSeconds: number): void {
    if (reports <= 1) return;
    this.#byAddress.take(from.address, reports - 1, nowSeconds);
    this.#byTask.take(String(from.task), reports - 1, nowSeconds);
  }

  #addressOf(request: Request, sender: Sender | undefined): string {
    const header = this.#addressHeader && request.headers.get(this.#addressHeader);
    // Only its last entry is the proxy's own; what stands before it any client may write.
    const address = header ? header.slice(header.lastIndexOf(",") + 1).trim() : sender?.address;
    return networkOf(address ?? "") ?? "unknown";
  }
}

function rateLimit(perSecond: number): RateLimit {
  return new RateLimit({ perSecond, burst: perSecond * RATE_BURST_SECONDS });
}

function admit(limit: RateLimit, key: string, whose: string, nowSeconds: number): void {
  const waitSeconds = limit.waitSeconds(key, nowSeconds);
  if (waitSeconds > 0) {
    const message = `expected fewer reports or requests for ${whose}; send again in ${waitSeconds} s`;
    throw new RateLimitError(message, waitSeconds);
  }
  limit.take(key, 1, nowSeconds);
}
