import type { DapVersion, VdafConfig } from "@sumus/dap";
import type { BatchMode } from "@sumus/dap/messages";

/** What both operators, clients and the collector of a task agree on. None of it is secret. */
export interface TaskDocument {
  /** What the task is called; part of its id, so that two tasks may be equal in all the rest. */
  readonly title: string;
  readonly version: DapVersion;
  /** With its chunk length. */
  readonly vdaf: VdafConfig;
  readonly batchMode: BatchMode;
  /** Seconds. */
  readonly timePrecision: number;
  readonly minBatchSize: number;
  readonly leader: string;
  readonly helper: string;
  /** The X25519 key that aggregate shares are sealed to, in base64url. */
  readonly collector: string;
  /** Reports of other times are refused; null takes them all. */
  readonly interval: TaskInterval | null;
  readonly noise: TaskNoise;
  /**
   * Where somebody else's software named the task: its task_info, in base64url. Null, the rule: the
   * digest of this document.
   */
  readonly taskInfo: string | null;
}

/** Seconds since 1970, whole multiples of the time precision. */
export interface TaskInterval {
  readonly starts: number;
  readonly ends: number;
}

/**
 * What each node adds to every number of an aggregate: nothing, in so many words, or what keeps one
 * report of a batch, replaced by any other, within (epsilon, delta). A batch is collected once, so
 * that is what its release tells; who sends several reports to one is protected by so much less.
 */
export type TaskNoise =
  | { readonly kind: "none" }
  | { readonly kind: "private"; readonly epsilon: number; readonly delta: number };

/** As its author writes it: the collector's key may be made later. */
export interface TaskDraft extends Omit<TaskDocument, "collector"> {
  readonly collector: string | null;
  /** What stays with an operator. */
  readonly files: TaskFiles;
}

/** Files with secrets of one operator, by the paths that the document names. */
export interface TaskFiles {
  /** Where the other node is somebody else's: what both software agreed on. */
  readonly peer: { readonly verifyKeyFile: string; readonly tokenFile: string } | null;
  /** Who may collect this task, where not everybody with the node's own collector token. */
  readonly collectorTokenFile: string | null;
}
