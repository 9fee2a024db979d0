/**
 * What follows from a task document: every party derives the very same task from it, and with it
 * the same id.
 *
 * @module
 */
import { decodeBase64url, encodeUtf8 } from "@sumus/bytes";
import { sha256 } from "@sumus/crypto";
import { createDapTask, type DapTask } from "@sumus/dap";
import { type HpkeConfig, type Interval, taskIntervalExtension } from "@sumus/dap/messages";
import { halfWidth95, type Noise, noiseFor, privacyLoss } from "@sumus/dp";
import { canonicalTask } from "./canonical-task.ts";
import { sensitivityOf } from "./sensitivity.ts";
import type { TaskDocument } from "./task-document.ts";

/** X25519 with HKDF-SHA256, HKDF-SHA256, AES-128-GCM: what a collector's key is for. */
const COLLECTOR_SUITE = { kemId: 0x0020, kdfId: 0x0001, aeadId: 0x0001 } as const;
const COLLECTOR_CONFIG_ID = 0;

/**
 * The DAP task of a document. Its task_info is the document's digest, so that the task's id binds
 * what a TaskConfiguration has no field for: the title, the collector's key and the noise.
 */
export function dapTaskOf(document: TaskDocument): DapTask {
  const { interval, taskInfo } = document;
  return createDapTask(
    {
      taskInfo:
        taskInfo === null ? sha256(encodeUtf8(canonicalTask(document))) : decodeBase64url(taskInfo),
      leaderAggregatorEndpoint: document.leader,
      helperAggregatorEndpoint: document.helper,
      timePrecision: document.timePrecision,
      minBatchSize: document.minBatchSize,
      batchMode: document.batchMode,
      extensions: interval === null ? [] : [taskIntervalExtension(inUnits(document, interval))],
    },
    document.vdaf,
    document.version,
  );
}

function inUnits(
  { timePrecision }: TaskDocument,
  { starts, ends }: { starts: number; ends: number },
): Interval {
  return { start: starts / timePrecision, duration: (ends - starts) / timePrecision };
}

/** What a node adds to every number of a batch; undefined: nothing. */
export function noiseOf({ vdaf, noise }: Pick<TaskDocument, "vdaf" | "noise">): Noise | undefined {
  if (noise.kind === "none") return undefined;
  return noiseFor(privacyLoss(noise.epsilon, noise.delta), sensitivityOf(vdaf));
}

/** Half the 95 % interval that both nodes' noise puts around each number of an aggregate. */
export function halfWidthOf(document: Pick<TaskDocument, "vdaf" | "noise">): number {
  const noise = noiseOf(document);
  return noise === undefined ? 0 : halfWidth95(noise);
}

/** The HPKE configuration of a collector's X25519 key in base64url. */
export function collectorHpkeConfig(publicKey: string): HpkeConfig {
  return { id: COLLECTOR_CONFIG_ID, ...COLLECTOR_SUITE, publicKey: decodeBase64url(publicKey) };
}
