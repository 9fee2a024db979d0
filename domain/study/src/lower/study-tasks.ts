import { assert } from "@sumus/assert";
import { Writer } from "@sumus/codec";
import { createDapTask, type DapTask } from "@sumus/dap";
import type { HpkeConfig, Interval } from "@sumus/dap/messages";
import { collectorHpkeConfig as configOfKey } from "@sumus/task";
import { studyId } from "../manifest.ts";
import type { CompleteStudy, StudyWindow } from "../study.ts";
import { lowerStudy } from "./lower-study.ts";

/**
 * The DAP tasks of a study, in canonical order. Vault, leader and helper each derive the very same
 * from the manifest, and so the same task ids: SHA-256 of a TaskConfiguration [DAP-18,
 * Task Configuration] whose task_info is the study's id and the task's index in two bytes. With
 * Poplar1 each derives the one aggregation parameter as well, and takes no other.
 */
export function studyTasks(study: CompleteStudy): DapTask[] {
  const id = studyId(study);
  const { combine, privacy } = study;
  return lowerStudy(study).tasks.map(({ index, vdaf, aggParam }) =>
    createDapTask(
      {
        taskInfo: Writer.encode((writer) => writer.fixed(id).u16(index)),
        leaderAggregatorEndpoint: combine.leader,
        helperAggregatorEndpoint: combine.helper,
        timePrecision: timePrecision(study.window),
        minBatchSize: privacy.peopleMin,
        aggParam,
      },
      vdaf,
    ),
  );
}

/** Seconds of a task's unit of time: the whole window, so that a report's time tells no more. */
function timePrecision({ opens, closes }: StudyWindow): number {
  assert(closes > opens, "a window closes after it opens");
  return closes - opens;
}

/**
 * The batch of a study: all units of time that its window touches. A window that is not aligned to
 * its own length touches two.
 */
export function studyBatchInterval({ window }: CompleteStudy): Interval {
  const precision = timePrecision(window);
  const start = Math.floor(window.opens / precision);
  return { start, duration: Math.ceil(window.closes / precision) - start };
}

/** The HPKE configuration that nodes seal a study's aggregate shares to. */
export function collectorHpkeConfig({ combine }: CompleteStudy): HpkeConfig {
  return configOfKey(combine.collector);
}
