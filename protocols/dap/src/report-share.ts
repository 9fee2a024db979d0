/**
 * What both aggregators do with their part of a report before they verify it: check what is in the
 * clear, open the input share, check what was inside [DAP-18, Sections 4.5.2.3 and 4.5.2.4].
 *
 * @module
 */
import type { Secret } from "@sumus/bytes";
import { DecodeError } from "@sumus/codec";
import type { HpkeKeys } from "./hpke-keys.ts";
import type { ReportShare } from "./messages/aggregation-job.ts";
import { type AggregatorRole, areStrictlyIncreasing, type Extension } from "./messages/basic.ts";
import { decodePlaintextInputShare, type ReportMetadata } from "./messages/report.ts";
import type { ReportError } from "./messages/report-error.ts";
import { inputShareAad, openInputShare } from "./sealed-share.ts";
import type { DapTask } from "./task.ts";

/** How far a report's time may lie in the future, for clocks that differ. */
export const CLOCK_SKEW_SECONDS_DEFAULT = 300;

/** What an aggregator brings to a task. */
export interface Aggregator {
  readonly task: DapTask;
  /** As encoded; by default the empty one, which Prio3 alone has. */
  readonly aggParam?: Uint8Array;
  /** Shared with the other aggregator and nobody else. */
  readonly verifyKey: Secret<Uint8Array>;
  /** By default 0. */
  readonly verificationKeyId?: number;
  readonly keys: HpkeKeys;
  readonly nowSeconds: number;
  /** By default {@link CLOCK_SKEW_SECONDS_DEFAULT}. */
  readonly clockSkewSeconds?: number;
  /** Report extensions that the caller understands; by default none. */
  readonly extensionTypes?: ReadonlySet<number>;
}

/** The part of {@link Aggregator} that the checks of metadata need. */
export type ReportPolicy = Pick<
  Aggregator,
  "task" | "nowSeconds" | "clockSkewSeconds" | "extensionTypes"
>;

export type OpenedShare =
  | {
      readonly ok: true;
      readonly inputShare: Uint8Array;
      readonly privateExtensions: readonly Extension[];
    }
  | { readonly ok: false; readonly error: ReportError };

const INVALID_MESSAGE: OpenedShare = { ok: false, error: "invalid_message" };

/** Why a report's metadata is refused, or undefined when it may go on. */
export function checkMetadata(
  policy: ReportPolicy,
  { time, publicExtensions }: ReportMetadata,
): ReportError | undefined {
  const { task, nowSeconds, clockSkewSeconds = CLOCK_SKEW_SECONDS_DEFAULT } = policy;
  if (time * task.configuration.timePrecision > nowSeconds + clockSkewSeconds) {
    return "report_too_early";
  }
  if (task.interval !== undefined) {
    const { start, duration } = task.interval;
    if (time < start) return "task_not_started";
    if (time >= start + duration) return "task_expired";
  }
  return checkExtensions(policy, publicExtensions);
}

/** The input share, which the VDAF has yet to decode, or why the report is refused. */
export function openReportShare(
  aggregator: Aggregator,
  role: AggregatorRole,
  { reportMetadata, publicShare, encryptedInputShare }: ReportShare,
): OpenedShare {
  const { task, keys } = aggregator;
  const refused = checkMetadata(aggregator, reportMetadata);
  if (refused !== undefined) return { ok: false, error: refused };
  if (publicShare.length !== task.vdaf.publicShareSize) return INVALID_MESSAGE;

  const aad = inputShareAad(task, reportMetadata, publicShare);
  const plaintext = openInputShare(task.version, { role, keys }, aad, encryptedInputShare);
  if (plaintext === undefined) return { ok: false, error: "hpke_decrypt_error" };

  const share = decodeShare(plaintext);
  if (share === undefined) return INVALID_MESSAGE;
  const refusedInside =
    checkExtensions(aggregator, share.privateExtensions) ??
    checkDistinct(reportMetadata.publicExtensions, share.privateExtensions);
  if (refusedInside !== undefined) return { ok: false, error: refusedInside };
  return { ok: true, inputShare: share.payload, privateExtensions: share.privateExtensions };
}

function checkExtensions(
  { extensionTypes, task }: ReportPolicy,
  extensions: readonly Extension[],
): ReportError | undefined {
  if (!areStrictlyIncreasing(extensions)) return "invalid_message";
  if (extensions.every(({ type }) => extensionTypes?.has(type))) return undefined;
  return task.version === "dap-18" ? "invalid_message" : "unsupported_extension";
}

function checkDistinct(
  publicExtensions: readonly Extension[],
  privateExtensions: readonly Extension[],
): ReportError | undefined {
  const types = new Set(publicExtensions.map(({ type }) => type));
  return privateExtensions.some(({ type }) => types.has(type)) ? "invalid_message" : undefined;
}

function decodeShare(
  plaintext: Uint8Array,
): ReturnType<typeof decodePlaintextInputShare> | undefined {
  try {
    return decodePlaintextInputShare(plaintext);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
