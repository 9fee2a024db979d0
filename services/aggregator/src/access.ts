/**
 * Who may do what: each check lets pass who presents the token, and throws a problem document for
 * everybody else.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import { createBearerCheck } from "@sumus/http";
import type { NodeTokens } from "./config.ts";
import type { ServedTask } from "./served-tasks.ts";

export interface Access {
  readonly requireOperator: (request: Request) => void;
  /** The other node of a task. */
  readonly requirePeer: (request: Request, served: ServedTask) => void;
  readonly requireCollector: (request: Request, served: ServedTask) => void;
}

export function createAccess(tokens: NodeTokens): Access {
  return {
    requireOperator: createBearerCheck(tokens.operator, "the operator"),
    requirePeer: (request, { peer }) => createBearerCheck(peer.token, "the leader")(request),
    requireCollector: (request, { collectorToken }) =>
      createBearerCheck(
        defined(collectorToken, "a leader has a collector token"),
        "the collector",
      )(request),
  };
}
