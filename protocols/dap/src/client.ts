/**
 * The client: one measurement becomes one report that neither aggregator can read alone
 * [DAP-18, Section 4.4.2.1].
 *
 * @module
 */

import { assert, defined } from "@sumus/assert";
import type { RandomBytes } from "@sumus/time";
import { type Extension, REPORT_ID_BYTES } from "./messages/basic.ts";
import type { HpkeConfig } from "./messages/hpke-config.ts";
import {
  decodeUploadErrors,
  encodePlaintextInputShare,
  encodeReport,
  type ReportUploadStatus,
} from "./messages/report.ts";
import { readResponse } from "./peer-error.ts";
import { inputShareAad, sealInputShare } from "./sealed-share.ts";
import type { DapTask } from "./task.ts";
import { shardMeasurement, type TaskMeasurement } from "./task-vdaf.ts";

export interface ReportInput {
  readonly measurement: TaskMeasurement;
  /** Seconds since 1970; only whole time precisions of it are sent. */
  readonly timeSeconds: number;
  /** Fetched from the leader; keep the object, its key is imported once. */
  readonly leaderHpkeConfig: HpkeConfig;
  readonly helperHpkeConfig: HpkeConfig;
  /** 16 random bytes; drawn when absent. */
  readonly reportId?: Uint8Array;
  /** Each list in strictly increasing order of types; a type in one of the three alone. */
  readonly publicExtensions?: readonly Extension[];
  readonly leaderExtensions?: readonly Extension[];
  readonly helperExtensions?: readonly Extension[];
}

/**
 * One encoded report. Reports of one task, one after the other, are the body of an upload request.
 *
 * @throws {VdafError} vdafMeasurementError when the task does not admit the measurement
 * @throws {HpkeError} when a configuration's key cannot be used
 */
export function createReport(
  task: DapTask,
  input: ReportInput,
  randomBytes: RandomBytes,
): Uint8Array {
  const reportId = input.reportId ?? randomBytes(REPORT_ID_BYTES);
  assert(reportId.length === REPORT_ID_BYTES, "a report id has 16 bytes");
  const reportMetadata = {
    reportId,
    time: Math.floor(input.timeSeconds / task.configuration.timePrecision),
    publicExtensions: input.publicExtensions ?? [],
  };
  const rand = randomBytes(task.vdaf.randSize);
  const { publicShare, inputShares } = shardMeasurement(
    task.vdaf,
    task.context,
    input.measurement,
    reportId,
    rand,
  );
  const aad = inputShareAad(task, reportMetadata, publicShare);
  const sealFor = (
    role: "leader" | "helper",
    config: HpkeConfig,
    share: Uint8Array | undefined,
    privateExtensions: readonly Extension[] = [],
  ) => {
    const payload = defined(share, "a report has two input shares");
    const plaintext = encodePlaintextInputShare({ privateExtensions, payload });
    return sealInputShare(task.version, { role, config }, aad, plaintext, randomBytes);
  };
  return encodeReport({
    reportMetadata,
    publicShare,
    leaderEncryptedInputShare: sealFor(
      "leader",
      input.leaderHpkeConfig,
      inputShares[0],
      input.leaderExtensions,
    ),
    helperEncryptedInputShare: sealFor(
      "helper",
      input.helperHpkeConfig,
      inputShares[1],
      input.helperExtensions,
    ),
  });
}

/**
 * Which reports of an upload the leader refused, and why; none when the body is empty.
 *
 * @throws {DapPeerError} when the body is no UploadErrors
 */
export function readUploadResponse(task: DapTask, body: Uint8Array): ReportUploadStatus[] {
  return readResponse(() => decodeUploadErrors(body, task.version));
}
