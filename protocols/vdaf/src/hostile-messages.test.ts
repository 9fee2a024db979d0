/** Every message of a report changed, cut short, extended, or given to the wrong party. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createPrio3,
  type Measurement,
  type Prio3,
  type Prio3Config,
  pingPongHelperInit,
  pingPongLeaderContinued,
  pingPongLeaderInit,
} from "./index.ts";

interface Inputs {
  readonly verifyKey: Uint8Array;
  readonly ctx: Uint8Array;
  readonly nonce: Uint8Array;
  readonly publicShare: Uint8Array;
  readonly leaderShare: Uint8Array;
  readonly helperShare: Uint8Array;
}

const bytes = (length: number, start: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (start + 3 * i) & 0xff);

function honest(prio3: Prio3, measurement: Measurement): Inputs {
  const [verifyKey, ctx, nonce] = [bytes(32, 1), bytes(7, 2), bytes(16, 3)];
  const report = prio3.shard(ctx, measurement, nonce, bytes(prio3.randSize, 4));
  const [leaderShare, helperShare] = report.inputShares as [Uint8Array, Uint8Array];
  return { verifyKey, ctx, nonce, publicShare: report.publicShare, leaderShare, helperShare };
}

interface Change {
  readonly toHelper?: (message: Uint8Array) => Uint8Array;
  readonly toLeader?: (message: Uint8Array) => Uint8Array;
  readonly helper?: Partial<Inputs>;
}

/** The whole ping-pong; the helper may be given other inputs, and messages may change on the way. */
function play(prio3: Prio3, leader: Inputs, change: Change = {}): bigint[] {
  const helper = { ...leader, ...change.helper };
  const init = pingPongLeaderInit(
    ...([prio3, leader.verifyKey, leader.ctx, leader.nonce, leader.publicShare] as const),
    leader.leaderShare,
  );
  const stored = prio3.decodeState(prio3.encodeState(init.state));
  const answer = pingPongHelperInit(
    ...([prio3, helper.verifyKey, helper.ctx, helper.nonce, helper.publicShare] as const),
    ...([helper.helperShare, (change.toHelper ?? same)(init.message)] as const),
  );
  const message = (change.toLeader ?? same)(answer.message);
  const { outShare } = pingPongLeaderContinued(prio3, leader.ctx, stored, message);
  return prio3.unshard([outShare, answer.outShare], 1);
}

const same = (message: Uint8Array): Uint8Array => message;
const refusal = expect.objectContaining({ name: "VdafError" });

const EXAMPLES: readonly [Prio3Config, Measurement, readonly bigint[]][] = [
  [{ kind: "count" }, 1, [1n]],
  [{ kind: "sum", maxMeasurement: 9 }, 7, [7n]],
  [{ kind: "histogram", length: 5 }, 1, [0n, 1n, 0n, 0n, 0n]],
  [{ kind: "sumVec", length: 2, maxMeasurement: 3 }, [3, 1], [3n, 1n]],
  [{ kind: "multihotCountVec", length: 3, maxWeight: 2 }, [1, 0, 1], [1n, 0n, 1n]],
  [{ kind: "l1BoundSum", length: 2, maxValue: 4 }, [1, 3], [1n, 3n]],
];

describe.each(EXAMPLES)("%j", (config, measurement, result) => {
  const prio3 = createPrio3(config);
  const inputs = honest(prio3, measurement);

  test("an untouched report is accepted", () => {
    expect(play(prio3, inputs)).toEqual(result);
  });

  const fields = (Object.keys(inputs) as (keyof Inputs)[]).filter(
    (name) => inputs[name].length > 0,
  );

  test.each(fields)("a changed %s is refused", (name) => {
    fc.assert(
      fc.property(fc.nat(inputs[name].length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = inputs[name].slice();
        changed[at] = (changed[at] ?? 0) ^ bits;
        const report = { ...inputs, [name]: changed };
        // Of the verify key, nonce and context, both parties may hold the same wrong one.
        const own = ["verifyKey", "nonce", "ctx"].includes(name);
        expect(() => play(prio3, own ? inputs : report, { helper: report })).toThrow(refusal);
      }),
      { numRuns: 12 },
    );
  });

  test.each(fields.filter((name) => name !== "ctx"))("a cut or extended %s is refused", (name) => {
    const whole = inputs[name];
    const wrong = [whole.slice(1), new Uint8Array(), Uint8Array.of(...whole, 0), bytes(9999, 0)];
    for (const changed of wrong) {
      expect(() => play(prio3, { ...inputs, [name]: changed })).toThrow(
        expect.objectContaining({ code: "vdafInputError" }),
      );
    }
  });

  test("changed, cut and extended messages are refused", () => {
    const change = (at: number, bits: number) => (message: Uint8Array) =>
      message.map((byte, i) => (i === at % message.length ? byte ^ bits : byte));
    const cut = (length: number) => (message: Uint8Array) =>
      message.slice(0, length % message.length);
    const extend = (tail: Uint8Array) => (message: Uint8Array) =>
      Uint8Array.of(...message, ...tail);
    const replace = (other: Uint8Array) => () => other;
    const edits: fc.Arbitrary<(message: Uint8Array) => Uint8Array> = fc.oneof(
      fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => change(at, bits)),
      fc.nat().map(cut),
      fc.uint8Array({ minLength: 1, maxLength: 40 }).map(extend),
      fc.uint8Array({ maxLength: 80 }).map(replace),
    );
    fc.assert(
      fc.property(edits, (edit) => {
        expect(() => play(prio3, inputs, { toHelper: edit })).toThrow(refusal);
        expect(() => play(prio3, inputs, { toLeader: edit })).toThrow(refusal);
      }),
      { numRuns: 40 },
    );
  });

  test("elements that are not canonical are refused", () => {
    const leaderShare = inputs.leaderShare.slice().fill(255, 0, 16);
    expect(() => play(prio3, { ...inputs, leaderShare })).toThrow(/canonical .* input share/);
    const toHelper = (message: Uint8Array): Uint8Array => message.slice().fill(255, 5, 21);
    expect(() => play(prio3, inputs, { toHelper })).toThrow(/canonical .* verifier share/);
  });

  test("shares given to the wrong party are refused", () => {
    const { verifyKey, ctx, nonce, publicShare, leaderShare, helperShare } = inputs;
    const asLeader = [verifyKey, ctx, 0, nonce, publicShare, helperShare] as const;
    const asHelper = [verifyKey, ctx, 1, nonce, publicShare, leaderShare] as const;
    expect(() => prio3.verifyInit(...asLeader)).toThrow("bytes of input share");
    expect(() => prio3.verifyInit(...asHelper)).toThrow("bytes of input share");
    for (const id of [-1, 2, 0.5, Number.NaN]) {
      expect(() => prio3.verifyInit(verifyKey, ctx, id, nonce, publicShare, helperShare)).toThrow(
        "aggregator id",
      );
    }
  });
});

test("a helper refuses a false part of its own before it finishes", () => {
  const prio3 = createPrio3({ kind: "histogram", length: 5 });
  const inputs = honest(prio3, 1);
  const { verifyKey, ctx, nonce } = inputs;
  const publicShare = inputs.publicShare.slice();
  publicShare[40] = (publicShare[40] ?? 0) ^ 1;
  // The leader's proof check follows from the false part, so that only the helper can tell.
  const leader = pingPongLeaderInit(prio3, verifyKey, ctx, nonce, publicShare, inputs.leaderShare);
  expect(() =>
    pingPongHelperInit(
      ...([prio3, verifyKey, ctx, nonce, publicShare, inputs.helperShare] as const),
      leader.message,
    ),
  ).toThrow("joint randomness part");
});

test("ping-pong is for two aggregators", () => {
  const prio3 = createPrio3({ kind: "count" }, { shares: 3 });
  const nothing = new Uint8Array();
  expect(() => pingPongLeaderInit(prio3, nothing, nothing, nothing, nothing, nothing)).toThrow(
    expect.objectContaining({ code: "vdafParameterError" }),
  );
});
