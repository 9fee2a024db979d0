import type { StudyProgress } from "@sumus/client";
import type { CompleteStudy } from "@sumus/study";
import { expect, test, vi } from "vitest";
import { type Asked, type AskedSoFar, NOBODY_ASKED } from "./asked.ts";
import { keepPace } from "./pace.ts";

const STUDY = {} as CompleteStudy;
const ASKED = {} as Asked;

/** A town in which the leader has verified what `verified` says, when it is asked. */
function town(verified: () => number): Parameters<typeof keepPace>[0] & { held: boolean[] } {
  const held: boolean[] = [];
  return {
    held,
    quarters: { hold: (isHeld: boolean) => void held.push(isHeld) },
    commissioner: {
      progress: () => {
        const task = { accepted: verified(), pending: 10_000, refused: {} };
        return Promise.resolve({ tasks: [task] } as unknown as StudyProgress);
      },
    },
    signal: new AbortController().signal,
    pollMs: 5,
  };
}

function sent(reports: number): AskedSoFar {
  return { ...NOBODY_ASKED, reports };
}

test("people wait while many reports do, and go on when the nodes have caught up", async () => {
  let [verified, looks] = [0, 0];
  const ours = town(() => {
    looks++;
    return verified;
  });
  const done = Promise.withResolvers<Asked>();
  let tell = (_soFar: AskedSoFar): void => {};
  const asked = keepPace(ours, STUDY, (hear) => {
    tell = hear;
    return done.promise;
  });
  tell(sent(50_000));
  expect(looks).toBe(0);
  tell(sent(60_000));
  await vi.waitUntil(() => looks >= 3);
  expect(new Set(ours.held)).toEqual(new Set([true]));
  verified = 59_000;
  await vi.waitUntil(() => ours.held.at(-1) === false);
  const before = looks;
  tell(sent(61_000));
  expect(looks).toBe(before);
  done.resolve(ASKED);
  expect(await asked).toBe(ASKED);
});

test("who waits for a leader that is gone hears of it", async () => {
  const ours = town(() => {
    throw new Error("the leader does not answer");
  });
  const asked = keepPace(ours, STUDY, (hear) => {
    hear(sent(60_000));
    return new Promise(() => {});
  });
  await expect(asked).rejects.toThrow("the leader does not answer");
});
