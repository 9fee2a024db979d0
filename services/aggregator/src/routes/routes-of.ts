import { defined } from "@sumus/assert";
import type { HpkeKeys } from "@sumus/dap";
import { type BodyBudget, createBearerCheck } from "@sumus/http";
import type { Store } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import type { Handler, Routes } from "../app.ts";
import type { AggregatorRole, NodeTokens } from "../config.ts";
import { AGGREGATION_JOBS_AT_ONCE_MAX, COLLECTION_REQUESTS_PER_SECOND } from "../limits.ts";
import type { ServedTasks } from "../served-tasks.ts";
import type { Verifier } from "../verifier.ts";
import {
  createAggregateShareHandler,
  deleteAggregateShareHandler,
  getAggregateShareHandler,
} from "./aggregate-shares.ts";
import {
  createAggregationJobHandler,
  deleteAggregationJobHandler,
  getAggregationJobHandler,
} from "./aggregation-jobs.ts";
import {
  createCollectionJobHandler,
  deleteCollectionJobHandler,
  getCollectionJobHandler,
} from "./collection-jobs.ts";
import { hpkeConfigHandler } from "./hpke-config.ts";
import { type UploadQueue, uploadHandler } from "./reports.ts";
import { limitAtOnce, limitPerTask, limitSenders } from "./request-limits.ts";
import { listStudiesHandler, openStudyHandler, studyStatusHandler } from "./studies.ts";
import type { UploadLimits } from "./upload-limits.ts";

/** Everything that handlers use. */
export interface RouteServices {
  readonly role: AggregatorRole;
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeys;
  readonly tokens: NodeTokens;
  readonly uploads: UploadQueue;
  readonly uploadBodies: BodyBudget;
  readonly uploadLimits: UploadLimits;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly verifier: Verifier;
  readonly addresses: () => { readonly own: string; readonly peer: string | undefined };
  readonly wake: () => void;
}

/** What a node of this role serves. */
export function routesOf(services: RouteServices): Routes {
  const requireOperator = createBearerCheck(services.tokens.operator, "the operator");
  const studies = { ...services, requireOperator };
  const anybody = (handler: Handler): Handler => limitSenders(handler, services);
  return {
    "GET hpkeConfig": anybody(hpkeConfigHandler(services.keys)),
    "POST studies": openStudyHandler(studies),
    "GET studies": anybody(listStudiesHandler(studies)),
    "GET studies/id": anybody(studyStatusHandler(studies)),
    ...(services.role === "leader" ? leaderRoutes(services) : helperRoutes(services)),
  };
}

function leaderRoutes(services: RouteServices): Routes {
  const token = defined(services.tokens.collector, "a leader has a collector token");
  const requireCollector = createBearerCheck(token, "the collector");
  const collection = { ...services, requireCollector };
  const collectors = limitPerTask(COLLECTION_REQUESTS_PER_SECOND, services.clock);
  return {
    "POST reports": uploadHandler(services),
    "POST collectionJobs": collectors(createCollectionJobHandler(collection)),
    "GET collectionJobs/id": collectors(getCollectionJobHandler(collection)),
    "DELETE collectionJobs/id": collectors(deleteCollectionJobHandler(collection)),
  };
}

function helperRoutes(services: RouteServices): Routes {
  const requirePeer = createBearerCheck(services.tokens.peer, "the leader");
  const peer = { ...services, requirePeer };
  return {
    "POST aggregationJobs": limitAtOnce(
      createAggregationJobHandler(peer),
      AGGREGATION_JOBS_AT_ONCE_MAX,
    ),
    "GET aggregationJobs/id": getAggregationJobHandler(peer),
    "DELETE aggregationJobs/id": deleteAggregationJobHandler(peer),
    "POST aggregateShares": createAggregateShareHandler(peer),
    "GET aggregateShares/id": getAggregateShareHandler(peer),
    "DELETE aggregateShares/id": deleteAggregateShareHandler(peer),
  };
}
