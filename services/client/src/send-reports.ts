import { concat } from "@sumus/bytes";
import { DapPeerError, type DapTask, readUploadResponse, resourcePath } from "@sumus/dap";
import { mediaType, type ReportUploadStatus } from "@sumus/dap/messages";
import { endpointUrl } from "./endpoint-url.ts";
import { NodeError } from "./node-error.ts";
import type { PatientHttp } from "./patient-http.ts";
import { refusalOf } from "./refusal.ts";

/** Reports of one request: enough that HTTP and the leader's transaction cost little each. */
export const REQUEST_REPORTS_MAX = 100;
/** Bytes of one request, below what any node takes. */
export const REQUEST_BYTES_MAX: number = 512 * 1024;

/**
 * Brings encoded reports to the leader in one request; resolves when it has them for good.
 *
 * @param mayBeThere the same reports may have been sent before: a replay is then no refusal
 * @returns those that it refused, each with DAP's name of the reason
 * @throws {NodeError}
 */
export async function sendReports(
  http: PatientHttp,
  leader: string,
  task: DapTask,
  reports: readonly Uint8Array[],
  mayBeThere = false,
): Promise<readonly ReportUploadStatus[]> {
  const { response, retries } = await http.send({
    method: "POST",
    url: endpointUrl(leader, resourcePath({ kind: "reports", taskId: task.id })),
    headers: { "content-type": mediaType("upload-req") },
    body: new Uint8Array(concat(...reports)),
  });
  if (response.status < 200 || response.status > 299) throw refusalOf("the upload", response);
  try {
    // The first try arrived although its answer did not: the report is there, once.
    const isOurs = mayBeThere || retries > 0;
    return readUploadResponse(task, response.body).filter(
      ({ error }) => !(isOurs && error === "report_replayed"),
    );
  } catch (cause) {
    if (!(cause instanceof DapPeerError)) throw cause;
    throw new NodeError("nonsense", `the leader answered an upload with: ${cause.message}`, {
      cause,
    });
  }
}
