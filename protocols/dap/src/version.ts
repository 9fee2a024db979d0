/**
 * Which draft is spoken. The version is part of every domain-separation string, so that reports
 * of one draft never open under another. Within a task it never changes.
 */
export type DapVersion = "dap-18" | "dap-19";

export const DAP_VERSION_DEFAULT: DapVersion = "dap-18";
