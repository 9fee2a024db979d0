/**
 * The helper's work between requests: what it answers later. Any replica may do it.
 *
 * @module
 */
import { DapProblem, problemDocument } from "@sumus/dap";
import { decodeAggregationJobContinueReq } from "@sumus/dap/messages";
import { describeError, type Logger } from "@sumus/runtime";
import type { Store } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { selectHelperJob } from "../store/helper-jobs.ts";
import { LeaseLostError } from "../store/lease.ts";
import {
  type AnswerKind,
  type DeferredRequest,
  failRequest,
  leaseRequest,
  postponeRequest,
} from "../store/stored-answers.ts";
import type { Verifier } from "../verifier.ts";
import { answerFirstStep, answerFurtherStep } from "./helper-aggregation.ts";
import { answerShare } from "./helper-share.ts";
import { OwedWrites } from "./owed-writes.ts";

export interface HelperServices {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** A new token for a lease. */
  readonly leaseToken: () => Uint8Array;
  readonly verifier: Verifier;
  readonly log: Logger;
}

/** One request that was put aside: for a share, or else about an aggregation job. */
export function createHelperStep(services: HelperServices): () => Promise<boolean> {
  const { log } = services;
  const owed = new OwedWrites();
  return async () => {
    try {
      await owed.settle();
      return (
        (await work(services, owed, "aggregate_shares", answerShareLater)) ||
        (await work(services, owed, "helper_jobs", answerJobLater))
      );
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      log.warn("a request was taken over by another worker", { why: error.message });
      return true;
    }
  };
}

/** Resolves to false when there was nothing to do. */
async function work(
  services: HelperServices,
  owed: OwedWrites,
  kind: AnswerKind,
  answer: (
    services: HelperServices,
    served: ServedTask,
    request: DeferredRequest,
  ) => Promise<unknown>,
): Promise<boolean> {
  const { store, tasks, clock, leaseToken, log } = services;
  const lease = { token: leaseToken(), nowSeconds: clock.nowSeconds() };
  const request = await store.transaction("lease request", (transaction) =>
    leaseRequest(transaction, kind, lease),
  );
  if (request === undefined) return false;
  const served = await tasks.byNumber(request.task);
  try {
    await answer(services, served, request);
  } catch (error) {
    if (error instanceof LeaseLostError) throw error;
    if (error instanceof DapProblem) {
      const problem = JSON.stringify(problemDocument(error, served.task.id));
      await store.transaction("fail request", (transaction) =>
        failRequest(transaction, kind, request, problem),
      );
      return true;
    }
    // Without this the request would wait for its lease to run out.
    log.error("a request must wait", { why: describeError(error) });
    await owed.write(() =>
      store.transaction("postpone request", (transaction) =>
        postponeRequest(transaction, kind, request, clock.nowSeconds()),
      ),
    );
  }
  return true;
}

async function answerShareLater(
  services: HelperServices,
  served: ServedTask,
  { id, request, leaseToken }: DeferredRequest,
): Promise<void> {
  await answerShare(services, served, { id, body: request, leaseToken });
}

async function answerJobLater(
  services: HelperServices,
  served: ServedTask,
  { task, id, request, receivedAtSeconds, leaseToken }: DeferredRequest,
): Promise<void> {
  const row = await services.store.transaction("find aggregation job", (transaction) =>
    selectHelperJob(transaction, task, id),
  );
  // The leader may have deleted it.
  if (row === undefined) throw new LeaseLostError();
  const body = request;
  if (row.step === 0) {
    await answerFirstStep(services, served, {
      id,
      body,
      nowSeconds: receivedAtSeconds,
      leaseToken,
    });
    return;
  }
  const message = decodeAggregationJobContinueReq(body);
  await answerFurtherStep(services, served, { id, body, message, leaseToken }, row);
}
