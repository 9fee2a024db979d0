import { parseProblemDocument } from "@sumus/dap";
import { printable } from "@sumus/document";
import { type HttpResponse, parseProblem } from "@sumus/http";
import { NodeError } from "./node-error.ts";

/** Nobody reads more of a stranger's excuses. */
const DETAIL_CHARACTERS_MAX = 500;

/** What a node said in a response that is no success: any server may answer anything. */
export function reasonOf({ status, headers, body }: HttpResponse): string {
  const { detail } = parseProblem(status, headers.get("content-type") ?? "", body);
  return printable(detail.slice(0, DETAIL_CHARACTERS_MAX));
}

/** The error of a response that is no success. @param what was asked, such as `the upload` */
export function refusalOf(what: string, response: HttpResponse): NodeError {
  const { status, headers, body } = response;
  const problem = parseProblem(status, headers.get("content-type") ?? "", body);
  const type = parseProblemDocument(problem)?.type;
  const reason = reasonOf(response);
  return new NodeError("refused", `${what} was refused: ${reason}`, { status, type, reason });
}
