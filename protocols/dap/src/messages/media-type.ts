/**
 * One media type for all messages, told apart by a parameter [DAP-18, Section 9.1].
 *
 * @module
 */
export type DapMessageName =
  | "hpke-config-list"
  | "upload-req"
  | "upload-errors"
  | "aggregation-job-init-req"
  | "aggregation-job-continue-req"
  | "aggregation-job-resp"
  | "aggregate-share-req"
  | "aggregate-share"
  | "collection-job-req"
  | "collection-job-resp";

const TYPE = "application/ppm-dap";

/** The value of a Content-Type header. */
export function mediaType(message: DapMessageName): string {
  return `${TYPE};message=${message}`;
}

/**
 * Whether a Content-Type header names the message. White space, letter case of the names, quotes
 * and further parameters (`version`) are as RFC 9110 has them.
 */
export function isMediaType(header: string | null, message: DapMessageName): boolean {
  const [type = "", ...parameters] = (header ?? "").split(";").map((part) => part.trim());
  if (type.toLowerCase() !== TYPE) return false;
  const values = parameters
    .map((parameter) => /^message="?([^"]*)"?$/i.exec(parameter)?.[1])
    .filter((value) => value !== undefined);
  return values.length === 1 && values[0]?.toLowerCase() === message;
}
