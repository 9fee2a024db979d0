/**
 * The node's HPKE keys, for its operator: which there are, and rotation. Private halves never leave.
 *
 * @module
 */
import { ProblemError, plainProblem } from "@sumus/http";
import type { Handler } from "../app.ts";
import type { HpkeKeyLife, HpkeKeyState } from "../hpke-keys/key-life.ts";
import {
  listHpkeKeys,
  type RotationServices,
  rotateHpkeKey,
  TooManyKeysError,
} from "../hpke-keys/rotation.ts";
import { jsonResponse } from "./respond.ts";

interface Services extends RotationServices {
  readonly requireOperator: (request: Request) => void;
}

/** As the operator sees it; times in ISO 8601. */
export interface HpkeKeyStatus {
  readonly id: number;
  readonly state: HpkeKeyState;
  /** From when on clients are given it; null when that was before times were kept. */
  readonly advertisedAt: string | null;
  /** When its successor is advertised; null while it has none. */
  readonly retiredAt: string | null;
  /** From when on it takes no reports; it is deleted when none of them waits any more. */
  readonly closedAt: string | null;
}

export function listHpkeKeysHandler(services: Services): Handler {
  return async (request) => {
    services.requireOperator(request);
    return jsonResponse({ keys: (await listHpkeKeys(services)).map(statusOf) });
  };
}

/** 201 with a new key; 200 while one is pending, which is then the answer. */
export function rotateHpkeKeysHandler(services: Services): Handler {
  return async (request) => {
    services.requireOperator(request);
    try {
      const { isNew, keys } = await rotateHpkeKey(services);
      return jsonResponse({ rotated: isNew, keys: keys.map(statusOf) }, isNew ? 201 : 200);
    } catch (error) {
      if (!(error instanceof TooManyKeysError)) throw error;
      throw new ProblemError(plainProblem(409, "Too many HPKE keys", error.message));
    }
  };
}

function statusOf({ configId, state, ...times }: HpkeKeyLife): HpkeKeyStatus {
  return {
    id: configId,
    state,
    advertisedAt: times.advertisedAt === 0 ? null : formatTime(times.advertisedAt),
    retiredAt: times.retiredAt === undefined ? null : formatTime(times.retiredAt),
    closedAt: times.closedAt === undefined ? null : formatTime(times.closedAt),
  };
}

function formatTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}
