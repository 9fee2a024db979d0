import type { HpkeKeyPair } from "@sumus/crypto";
import { type Collection, collectInterval, createHpkeKeys, type DapTask } from "@sumus/dap";
import { type CompleteStudy, collectorHpkeConfig, studyBatchInterval } from "@sumus/study";
import { type CollectOptions, collect } from "./collect.ts";

export interface CollectStudyOptions
  extends Omit<CollectOptions, "leader" | "task" | "keys" | "request"> {
  readonly study: CompleteStudy;
  /** Of the study. */
  readonly task: DapTask;
  /** Of the collector that the study names. */
  readonly keyPair: HpkeKeyPair;
}

/**
 * Collects one task of a study whole. From then on nobody can contribute to it any more.
 *
 * @throws {NodeError} as {@link collect}
 */
export async function collectStudyTask(options: CollectStudyOptions): Promise<Collection> {
  const { study, keyPair, ...rest } = options;
  const { aggParam } = rest.task;
  const { collection } = await collect({
    ...rest,
    leader: study.combine.leader,
    keys: createHpkeKeys([{ id: collectorHpkeConfig(study).id, keyPair }]),
    request: collectInterval(studyBatchInterval(study), aggParam),
  });
  return collection;
}
