/** From an open study to the sums of its tasks. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Secret } from "@sumus/bytes";
import {
  collectStudyTask,
  createPatientHttp,
  fetchStudyProgress,
  NodeError,
  type PatientHttp,
  pendingOf,
  type StudyProgress,
} from "@sumus/client";
import type { HpkeKeyPair } from "@sumus/crypto";
import type { Collection } from "@sumus/dap";
import type { ProgressStep } from "@sumus/lab";
import { type CompleteStudy, studyId, studyTasks, type TaskCourse } from "@sumus/study";
import { CliError, EXIT } from "../cli-error.ts";
import { inWords } from "../tasks/ask-operator.ts";
import type { Output } from "../terminal/output.ts";
import { createProgressBar } from "../terminal/progress-bar.ts";
import { describeStudyProgress } from "./describe-progress.ts";

/** How often the leader is asked how far it is, while reports are verified and while people come. */
const VERIFYING_MS = 1_000;
const PEOPLE_MS = 5_000;

/** Who collects what. */
export interface Asking {
  readonly study: CompleteStudy;
  readonly keyPair: HpkeKeyPair;
  readonly token: Secret<string>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/**
 * Resolves when every task can be collected.
 *
 * @param patience `wait`: until the window closes; `now`: not even that
 * @throws {CliError} with code 2 when there is no answer yet, or never will be
 */
export async function waitUntilReady(
  asking: Asking,
  patience: { readonly wait: boolean; readonly now: boolean },
): Promise<void> {
  const http = createHttp(asking);
  const people = createPeopleProgress(asking);
  try {
    for (;;) {
      const progress = await lookAt(asking, http);
      const pauseMs = pauseBefore(progress, patience);
      if (pauseMs === null) return;
      people.hear(progress);
      await sleep(pauseMs, undefined, { signal: asking.signal });
    }
  } finally {
    people.end();
  }
}

/** All tasks in order. The same question finds the same answer, whoever was interrupted. */
export async function collectTasks(asking: Asking): Promise<Collection[]> {
  const { study, output } = asking;
  const http = createHttp(asking);
  const tasks = studyTasks(study);
  const step = createProgressBar(output, () => performance.now()).begin(
    "tasks",
    tasks.length,
    "tasks",
  );
  try {
    const collections: Collection[] = [];
    for (const task of tasks) {
      collections.push(await collectStudyTask({ ...asking, http, task }));
      step.advance(1);
    }
    return collections;
  } catch (error) {
    throw explain(error, study);
  } finally {
    step.end();
  }
}

/** What happened to the study's reports until now. */
export async function courseOf(asking: Asking): Promise<readonly TaskCourse[]> {
  return (await lookAt(asking, createHttp(asking))).tasks;
}

/** How long to wait before the next look; null: it can be collected. @throws {CliError} */
function pauseBefore(
  progress: StudyProgress,
  { wait, now }: { readonly wait: boolean; readonly now: boolean },
): number | null {
  const { state, people, peopleMin } = progress;
  const words = describeStudyProgress(progress, Date.now() / 1000);
  if (state === "cancelled") throw noAnswer(`The study was ${words}.`, "Ask anew.");
  if (state === "collected") return null;
  const isOpen = state !== "closed";
  if (isOpen && !now) {
    if (wait) return PEOPLE_MS;
    const remedy = "Wait until then, or give --wait. --now collects at once and ends the study.";
    throw noAnswer(`The study is still to be answered: ${words}.`, remedy);
  }
  if (pendingOf(progress) > 0) return VERIFYING_MS;
  if (people >= peopleMin) return null;
  if (isOpen && wait) return PEOPLE_MS;
  const remedy = isOpen
    ? "Wait until more people took part, or give --wait."
    : "Ask more people, under another window.";
  throw noAnswer(`There are too few people to answer: ${words}.`, remedy);
}

function noAnswer(message: string, remedy: string): CliError {
  return new CliError(message, remedy, EXIT.noAnswer);
}

function createHttp({ study, signal, output }: Asking): PatientHttp {
  const { leader } = study.combine;
  return createPatientHttp({
    signal,
    onTrouble: (trouble) => output.say(`${leader} ${trouble}`),
  });
}

async function lookAt({ study }: Asking, http: PatientHttp): Promise<StudyProgress> {
  const { leader } = study.combine;
  try {
    return await fetchStudyProgress(http, leader, studyId(study));
  } catch (error) {
    throw inWords(error, leader);
  }
}

function explain(error: unknown, study: CompleteStudy): unknown {
  if (error instanceof NodeError && error.type === "batchOverlap") {
    const remedy = "A study is collected once; whoever did has its answer.";
    return noAnswer(`The study was collected before: ${error.reason}.`, remedy);
  }
  return inWords(error, study.combine.leader);
}

/** A bar of the people that a study needs, and what its leader waits for. */
function createPeopleProgress({ output }: Asking): {
  hear(progress: StudyProgress): void;
  end(): void;
} {
  const bar = createProgressBar(output, () => performance.now());
  let step: ProgressStep | undefined;
  let shown = 0;
  let told: string | null = null;
  return {
    hear({ people, peopleMin, trouble }) {
      step ??= bar.begin("people", peopleMin, "people");
      step.advance(people - shown);
      shown = people;
      if (trouble !== null && told === null) bar.note(`The leader waits: ${trouble}.`);
      told = trouble;
    },
    end: () => step?.end(),
  };
}
