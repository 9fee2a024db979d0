import type { BodyBudget } from "@sumus/http";
import type { Sealer, Store } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import { type Access, createAccess } from "../access.ts";
import type { Handler, Routes } from "../app.ts";
import type { AggregatorRole, NodeTokens } from "../config.ts";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import { AGGREGATION_JOBS_AT_ONCE_MAX, COLLECTION_REQUESTS_PER_SECOND } from "../limits.ts";
import type { ServedTasks } from "../served-tasks.ts";
import type { Verifier } from "../verifier.ts";
import {
  createAggregateShareHandler,
  deleteAggregateShareHandler,
  getAggregateShareHandler,
} from "./aggregate-shares.ts";
import {
  continueAggregationJobHandler,
  createAggregationJobHandler,
  deleteAggregationJobHandler,
  getAggregationJobHandler,
} from "./aggregation-jobs.ts";
import {
  createCollectionJobHandler,
  deleteCollectionJobHandler,
  getCollectionJobHandler,
} from "./collection-jobs.ts";
import { createTaskHandler } from "./create-task.ts";
import { hpkeConfigHandler } from "./hpke-config.ts";
import { listHpkeKeysHandler, rotateHpkeKeysHandler } from "./hpke-keys.ts";
import { registerPopulationHandler, showPopulationHandler } from "./populations.ts";
import { type UploadQueue, uploadHandler } from "./reports.ts";
import { limitAtOnce, limitPerTask, limitSenders } from "./request-limits.ts";
import {
  cancelStudyHandler,
  listStudiesHandler,
  openStudyHandler,
  studyStatusHandler,
} from "./studies.ts";
import {
  changeTaskHandler,
  deleteTaskHandler,
  listTasksHandler,
  showTaskHandler,
} from "./tasks.ts";
import type { UploadLimits } from "./upload-limits.ts";

/** Everything that handlers use. */
export interface RouteServices {
  readonly role: AggregatorRole;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  /** For how long a retired HPKE key takes reports. */
  readonly keepSeconds: number;
  readonly tokens: NodeTokens;
  readonly uploads: UploadQueue;
  readonly uploadBodies: BodyBudget;
  readonly uploadLimits: UploadLimits;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly verifier: Verifier;
  readonly addresses: () => { readonly own: string; readonly peer: string | undefined };
  /** A helper puts requests aside, and the job loop answers them. */
  readonly answersLater: boolean;
  readonly wake: () => void;
}

/** What a node of this role serves. */
export function routesOf(services: RouteServices): Routes {
  const guarded = { ...services, ...createAccess(services.tokens) };
  const anybody = (handler: Handler): Handler => limitSenders(handler, services);
  return {
    "GET hpkeConfig": anybody(hpkeConfigHandler(services.keys)),
    "GET hpkeKeys": listHpkeKeysHandler(guarded),
    "POST hpkeKeys": rotateHpkeKeysHandler(guarded),
    "POST studies": openStudyHandler(guarded),
    "GET studies": anybody(listStudiesHandler(guarded)),
    "GET studies/id": anybody(studyStatusHandler(guarded)),
    "PATCH studies/id": cancelStudyHandler(guarded),
    "POST populations": registerPopulationHandler(guarded),
    "GET populations/id": anybody(showPopulationHandler(guarded)),
    "POST tasks": createTaskHandler(guarded),
    "GET tasks": listTasksHandler(guarded),
    "GET tasks/id": showTaskHandler(guarded),
    "PATCH tasks/id": changeTaskHandler(guarded),
    "DELETE tasks/id": deleteTaskHandler(guarded),
    ...(services.role === "leader" ? leaderRoutes(guarded) : helperRoutes(guarded)),
  };
}

function leaderRoutes(services: RouteServices & Access): Routes {
  const collectors = limitPerTask(COLLECTION_REQUESTS_PER_SECOND, services.clock);
  return {
    "POST reports": uploadHandler(services),
    "POST collectionJobs": collectors(createCollectionJobHandler(services)),
    "GET collectionJobs/id": collectors(getCollectionJobHandler(services)),
    "DELETE collectionJobs/id": collectors(deleteCollectionJobHandler(services)),
  };
}

function helperRoutes(services: RouteServices & Access): Routes {
  return {
    "POST aggregationJobs": limitAtOnce(
      createAggregationJobHandler(services),
      AGGREGATION_JOBS_AT_ONCE_MAX,
    ),
    "POST aggregationJobs/id": limitAtOnce(
      continueAggregationJobHandler(services),
      AGGREGATION_JOBS_AT_ONCE_MAX,
    ),
    "GET aggregationJobs/id": getAggregationJobHandler(services),
    "DELETE aggregationJobs/id": deleteAggregationJobHandler(services),
    "POST aggregateShares": createAggregateShareHandler(services),
    "GET aggregateShares/id": getAggregateShareHandler(services),
    "DELETE aggregateShares/id": deleteAggregateShareHandler(services),
  };
}
