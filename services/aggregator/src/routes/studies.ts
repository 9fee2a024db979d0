/**
 * Opening and cancelling studies, and telling about them. A study is opened by its manifest alone: every parameter
 * of its tasks is derived, so leader, helper, vault and collector cannot disagree about one.
 *
 * @module
 */
import { encodeBase64url, encodeHex, encodeUtf8 } from "@sumus/bytes";
import { sha256 } from "@sumus/crypto";
import { formatTimestamp } from "@sumus/document";
import { ProblemError, plainProblem, readText } from "@sumus/http";
import type { Store } from "@sumus/storage";
import { type CompleteStudy, decodeStudy, StudyError, studyTasks } from "@sumus/study";
import type { Clock } from "@sumus/time";
import type { Handler } from "../app.ts";
import {
  SMALL_REQUEST_BYTES_MAX,
  STUDIES_BYTES_MAX,
  STUDIES_MAX,
  STUDY_BYTES_MAX,
} from "../limits.ts";
import type { ServedTasks } from "../served-tasks.ts";
import { readStatus } from "../status.ts";
import { lockAllForCollection } from "../store/batches.ts";
import { endTask } from "../store/garbage.ts";
import { lockPopulation } from "../store/populations.ts";
import { insertStudy, markCancelled, selectStudies, selectStudy } from "../store/studies.ts";
import { type Addresses, requireOurNodes } from "./our-nodes.ts";
import { reserveBudget } from "./populations.ts";
import { jsonResponse, missingItem } from "./respond.ts";

interface Services extends Addresses {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly clock: Clock;
  readonly requireOperator: (request: Request) => void;
}

export function openStudyHandler(services: Services): Handler {
  const { store, clock, requireOperator } = services;
  return async (request) => {
    requireOperator(request);
    const manifest = await readText(request, STUDY_BYTES_MAX);
    const study = readManifest(manifest);
    requireOurNodes(services, study.combine, "combine.");
    // The text is canonical, so its digest is the study's id.
    const id = sha256(encodeUtf8(manifest));
    const taskIds = studyTasks(study).map((task) => task.id);
    const nowSeconds = clock.nowSeconds();
    const isNew = await store.transaction("open study", async (transaction) => {
      const population = await lockPopulation(transaction, study.privacy.population);
      const existing = await selectStudy(transaction, id);
      if (existing !== undefined && existing.cancelledAtSeconds !== null) throw wasCancelled();
      if (existing !== undefined) return false;
      const row = { id, manifest, openedAtSeconds: nowSeconds };
      const charge = await reserveBudget(transaction, population, study, nowSeconds);
      await insertStudy(transaction, row, taskIds, charge);
      return true;
    });
    const body = { id: encodeHex(id), tasks: taskIds.map((taskId) => encodeBase64url(taskId)) };
    return jsonResponse(body, isNew ? 201 : 200);
  };
}

/** Each study with its manifest as the very text that was signed and hashed. */
export function listStudiesHandler({ store }: Services): Handler {
  return async () => {
    const rows = await store.transaction("list studies", (transaction) =>
      selectStudies(transaction, STUDIES_MAX, STUDIES_BYTES_MAX),
    );
    return jsonResponse(
      rows.map(({ id, manifest, cancelledAtSeconds, releasedAtSeconds }) => ({
        id: encodeHex(id),
        study: manifest,
        cancelledAt: timestampOf(cancelledAtSeconds),
        releasedAt: timestampOf(releasedAtSeconds),
      })),
    );
  };
}

function timestampOf(seconds: number | null): string | null {
  return seconds === null ? null : formatTimestamp(seconds);
}

export function studyStatusHandler(services: Services): Handler {
  return async (_, target) => {
    const served = await services.tasks.study(target.id);
    if (served === undefined) throw missingItem("study", target.id);
    return jsonResponse(await readStatus(services, served));
  };
}

/**
 * Takes `{"state": "cancelled"}`, for good: from then on the node takes no reports for the study and
 * releases nothing of it. Either node alone is enough. Refused once anything was collected: whoever
 * contributed then may not get the charge back.
 */
export function cancelStudyHandler(services: Services): Handler {
  const { store, tasks, clock, requireOperator } = services;
  return async (request, target) => {
    requireOperator(request);
    requireCancelled(await readText(request, SMALL_REQUEST_BYTES_MAX));
    const served = await tasks.study(target.id);
    if (served === undefined) throw missingItem("study", target.id);
    const numbers = served.tasks.map(({ number }) => number);
    await store.transaction("cancel study", async (transaction) => {
      await lockAllForCollection(transaction, numbers);
      const row = await selectStudy(transaction, target.id);
      if (row === undefined || row.cancelledAtSeconds !== null) return;
      if (row.releasedAtSeconds !== null) throw wasCollected();
      for (const number of numbers) await endTask(transaction, number);
      await markCancelled(transaction, target.id, clock.nowSeconds());
    });
    return jsonResponse({ state: "cancelled" });
  };
}

/** @throws {ProblemError} 400 */
function requireCancelled(text: string): void {
  if (text.replaceAll(/\s/g, "") === '{"state":"cancelled"}') return;
  const detail = 'expected {"state":"cancelled"}, got something else';
  throw new ProblemError(plainProblem(400, "Malformed body", detail));
}

function wasCancelled(): ProblemError {
  const detail =
    "expected a new study, got one that was cancelled here. Ask anew, under another window";
  return new ProblemError(plainProblem(409, "The study cannot be opened", detail));
}

function wasCollected(): ProblemError {
  const detail = "expected a study of which nothing was collected, got one that is being released";
  return new ProblemError(plainProblem(409, "The study stays as it is", detail));
}

function readManifest(manifest: string): CompleteStudy {
  try {
    return decodeStudy(manifest);
  } catch (error) {
    if (!(error instanceof StudyError)) throw error;
    throw new ProblemError({
      ...plainProblem(400, "The study cannot be opened", error.message),
      members: { problems: error.problems },
    });
  }
}
