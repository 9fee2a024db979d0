/**
 * Uploads [DAP-18, "Upload Request"]: durable before they are acknowledged, many requests in one
 * transaction when many arrive at once.
 *
 * @module
 */
import { checkUpload, isInside } from "@sumus/dap";
import {
  decodeUploadRequest,
  encodeUploadErrors,
  type Report,
  type ReportError,
  type ReportUploadStatus,
} from "@sumus/dap/messages";
import { type BodyBudget, plainProblem, problemResponse, readBody } from "@sumus/http";
import type { Clock } from "@sumus/time";
import type { Handler } from "../app.ts";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import type { GroupCommit } from "../jobs/group-commit.ts";
import { UPLOAD_BYTES_MAX } from "../limits.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { requireUndeleted } from "../store/batches.ts";
import type { Upload, UploadVerdict } from "../store/uploads.ts";
import { messageResponse, requireMediaType } from "./respond.ts";
import type { UploadLimits } from "./upload-limits.ts";

/** People pause tasks, and take minutes for it. */
const PAUSED_RETRY_SECONDS = 300;

export type UploadQueue = GroupCommit<Upload, UploadVerdict>;

export function uploadHandler(options: {
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  readonly uploads: UploadQueue;
  readonly uploadBodies: BodyBudget;
  readonly uploadLimits: UploadLimits;
  readonly clock: Clock;
}): Handler {
  const { tasks, keys, uploads, uploadBodies, uploadLimits, clock } = options;
  const isKnownConfig = (configId: number): boolean => keys.takes(configId);
  return async (request, target, sender) => {
    requireMediaType(request, "upload-req");
    const address = uploadLimits.admitSender(request, sender, clock.nowSeconds());
    const served = await tasks.byId(target.taskId);
    const { number, task } = served;
    uploadLimits.admitToTask(number, clock.nowSeconds());
    const body = await readBody(request, UPLOAD_BYTES_MAX, uploadBodies);
    const decoded = decodeUploadRequest(body);
    await keys.refresh(decoded.map(({ report }) => report.leaderEncryptedInputShare.configId));
    const nowSeconds = clock.nowSeconds();
    const policy = { task, nowSeconds, isKnownConfig };
    const reports = decoded.map(({ report, encoded }) => ({
      report: {
        task: number,
        bucket: report.reportMetadata.time,
        reportId: report.reportMetadata.reportId,
        configId: report.leaderEncryptedInputShare.configId,
        report: encoded,
      },
      refused: checkUpload(policy, report) ?? checkWindow(served, report, nowSeconds),
    }));
    uploadLimits.charge({ address, task: number }, reports.length, nowSeconds);
    if (reports.length === 0) return new Response(null);
    const verdicts = await uploads.add({ task: number, reports }, body.length);
    if (typeof verdicts === "string") return closedResponse(verdicts);
    const statuses = verdicts.flatMap((verdict, index): ReportUploadStatus[] => {
      const id = reports[index]?.report.reportId;
      if (verdict === undefined || id === undefined) return [];
      return [{ id, error: verdict }];
    });
    if (statuses.length === 0) return new Response(null);
    return messageResponse("upload-errors", encodeUploadErrors(statuses, task.version));
  };
}

/** Whether a report of a study belongs to its window, by its own time and by this node's clock. */
function checkWindow(
  { times }: ServedTask,
  { reportMetadata }: Report,
  nowSeconds: number,
): ReportError | undefined {
  if (times === undefined) return undefined;
  const { interval, window } = times;
  if (nowSeconds < window.opens || nowSeconds >= window.closes) return "report_dropped";
  return isInside(reportMetadata.time, interval) ? undefined : "report_dropped";
}

/** A task that takes no reports at present: the client keeps them and comes back. */
function closedResponse(state: Exclude<UploadVerdict, readonly unknown[]>): Response {
  requireUndeleted(state);
  const detail =
    "the operator has paused this task; keep the reports and send the same ones again later";
  const problem = plainProblem(503, "The task is paused", detail);
  return problemResponse(problem, { "retry-after": String(PAUSED_RETRY_SECONDS) });
}
