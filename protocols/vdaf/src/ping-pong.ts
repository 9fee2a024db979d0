/**
 * The ping-pong topology for a leader and one helper [VDAF-20, Section 5.7.1], for any number of
 * rounds: both take turns, and each message carries what the other needs for its next step.
 *
 *     Prio3, one round                      Poplar1, two rounds
 *     leader    initialize ▶     helper     leader    initialize ▶     helper
 *     leader     ◀ finish        helper     leader     ◀ continue      helper
 *                                           leader       finish ▶      helper
 *
 * The draft's state Rejected is a thrown {@link VdafError}. Its count of rounds is not kept: the
 * VDAF's own state knows whether another round follows.
 */
import { DecodeError, decode, Writer } from "@sumus/codec";
import type { Prio3, VerifyState } from "./prio3.ts";
import { VdafError } from "./vdaf-error.ts";

const TYPE_INITIALIZE = 0;
const TYPE_CONTINUE = 1;
const TYPE_FINISH = 2;
const FIELD_BYTES_MAX = 0xffff_ffff;
const LEADER_ID = 0;
const HELPER_ID = 1;

/** What an aggregator holds before each round: its state, and its share for the others. */
export interface VerifyRound<State> {
  readonly state: State;
  readonly verifierShare: Uint8Array;
}

/** A VDAF under one aggregation parameter, as a topology runs it: Prio3, or `poplar1.at(..)`. */
export interface VerifiableVdaf<State> {
  /** Number of aggregators. */
  readonly shares: number;
  verifyInit(
    verifyKey: Uint8Array,
    ctx: Uint8Array,
    aggregatorId: number,
    nonce: Uint8Array,
    publicShare: Uint8Array,
    inputShare: Uint8Array,
  ): VerifyRound<State>;
  verifierSharesToMessage(ctx: Uint8Array, verifierShares: readonly Uint8Array[]): Uint8Array;
  /** The next round, or after the last one the encoded output share. */
  verifyNext(ctx: Uint8Array, state: State, message: Uint8Array): VerifyRound<State> | Uint8Array;
  /**
   * Throws when the public share names another part than this aggregator's own. Without it, such a
   * report can make one aggregator finish and the other reject.
   */
  requireOwnPart?(aggregatorId: number, publicShare: Uint8Array, verifierShare: Uint8Array): void;
}

/** Waits for the peer after sending `message`; `state` is secret. */
export interface PingPongContinued<State> {
  readonly kind: "continued";
  readonly state: State;
  readonly message: Uint8Array;
}

/** Has the output share; the peer needs `message` to have its own. */
export interface PingPongFinishedWithOutbound {
  readonly kind: "finishedWithOutbound";
  readonly outShare: Uint8Array;
  readonly message: Uint8Array;
}

/** Has the output share, and so has the peer. */
export interface PingPongFinished {
  readonly kind: "finished";
  readonly outShare: Uint8Array;
}

/** Where an aggregator stands after a message came in. */
export type PingPongState<State> =
  | PingPongContinued<State>
  | PingPongFinishedWithOutbound
  | PingPongFinished;

/** The leader's first step: what it keeps, and the message to the helper. */
export function pingPongLeaderInit<State>(
  vdaf: VerifiableVdaf<State>,
  verifyKey: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  publicShare: Uint8Array,
  inputShare: Uint8Array,
): PingPongContinued<State> {
  requireTwo(vdaf);
  const { state, verifierShare } = vdaf.verifyInit(
    ...([verifyKey, ctx, LEADER_ID, nonce, publicShare, inputShare] as const),
  );
  return { kind: "continued", state, message: encodeMessage(TYPE_INITIALIZE, verifierShare) };
}

/**
 * The helper's first step, in answer to the leader's; with Prio3 its only one. Before it finishes it
 * compares its own joint randomness part with its entry in the public share: by the draft alone a
 * client could name a false one, upon which the helper would finish, the leader would reject, and
 * their batches would no longer match.
 *
 * @throws {VdafError} when the report is invalid or the message malformed
 */
export function pingPongHelperInit(
  vdaf: Prio3,
  verifyKey: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  publicShare: Uint8Array,
  inputShare: Uint8Array,
  leaderMessage: Uint8Array,
): PingPongFinishedWithOutbound;
export function pingPongHelperInit<State>(
  vdaf: VerifiableVdaf<State>,
  verifyKey: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  publicShare: Uint8Array,
  inputShare: Uint8Array,
  leaderMessage: Uint8Array,
): PingPongContinued<State> | PingPongFinishedWithOutbound;
export function pingPongHelperInit<State>(
  vdaf: VerifiableVdaf<State>,
  verifyKey: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  publicShare: Uint8Array,
  inputShare: Uint8Array,
  leaderMessage: Uint8Array,
): PingPongContinued<State> | PingPongFinishedWithOutbound {
  requireTwo(vdaf);
  const { type, verifierShare: leaderShare } = decodeMessage(leaderMessage);
  if (type !== TYPE_INITIALIZE) throw inputError(`expected type ${TYPE_INITIALIZE}, got ${type}`);
  const { state, verifierShare } = vdaf.verifyInit(
    ...([verifyKey, ctx, HELPER_ID, nonce, publicShare, inputShare] as const),
  );
  vdaf.requireOwnPart?.(HELPER_ID, publicShare, verifierShare);
  return transition(vdaf, ctx, state, [leaderShare, verifierShare]);
}

/**
 * The leader's next step; with Prio3 its last.
 *
 * @throws {VdafError} when the report is invalid or the message malformed
 */
export function pingPongLeaderContinued(
  vdaf: Prio3,
  ctx: Uint8Array,
  state: VerifyState,
  helperMessage: Uint8Array,
): PingPongFinished;
export function pingPongLeaderContinued<State>(
  vdaf: VerifiableVdaf<State>,
  ctx: Uint8Array,
  state: State,
  helperMessage: Uint8Array,
): PingPongState<State>;
export function pingPongLeaderContinued<State>(
  vdaf: VerifiableVdaf<State>,
  ctx: Uint8Array,
  state: State,
  helperMessage: Uint8Array,
): PingPongState<State> {
  return continued(vdaf, ctx, LEADER_ID, state, helperMessage);
}

/**
 * The helper's next step, which Prio3 has none of.
 *
 * @throws {VdafError} when the report is invalid or the message malformed
 */
export function pingPongHelperContinued<State>(
  vdaf: VerifiableVdaf<State>,
  ctx: Uint8Array,
  state: State,
  leaderMessage: Uint8Array,
): PingPongState<State> {
  return continued(vdaf, ctx, HELPER_ID, state, leaderMessage);
}

function continued<State>(
  vdaf: VerifiableVdaf<State>,
  ctx: Uint8Array,
  aggregatorId: number,
  state: State,
  inbound: Uint8Array,
): PingPongState<State> {
  const { type, verifierMessage, verifierShare: peerShare } = decodeMessage(inbound);
  if (type === TYPE_INITIALIZE) throw inputError("expected another message than the first, got it");
  const next = vdaf.verifyNext(ctx, state, verifierMessage);
  const expected = next instanceof Uint8Array ? TYPE_FINISH : TYPE_CONTINUE;
  if (type !== expected) throw inputError(`expected type ${expected}, got ${type}`);
  if (next instanceof Uint8Array) return { kind: "finished", outShare: next };
  const { verifierShare } = next;
  const both = aggregatorId === LEADER_ID ? [verifierShare, peerShare] : [peerShare, verifierShare];
  return transition(vdaf, ctx, next.state, both);
}

/** From both verifier shares of a round to the next round, or to the end. */
function transition<State>(
  vdaf: VerifiableVdaf<State>,
  ctx: Uint8Array,
  state: State,
  verifierShares: readonly Uint8Array[],
): PingPongContinued<State> | PingPongFinishedWithOutbound {
  const message = vdaf.verifierSharesToMessage(ctx, verifierShares);
  const next = vdaf.verifyNext(ctx, state, message);
  return next instanceof Uint8Array
    ? { kind: "finishedWithOutbound", outShare: next, message: encodeMessage(TYPE_FINISH, message) }
    : {
        kind: "continued",
        state: next.state,
        message: encodeMessage(TYPE_CONTINUE, message, next.verifierShare),
      };
}

function requireTwo({ shares }: { readonly shares: number }): void {
  if (shares !== 2) {
    throw new VdafError("vdafParameterError", `expected two aggregators, got ${shares}`);
  }
}

function encodeMessage(type: number, ...fields: readonly Uint8Array[]): Uint8Array {
  return Writer.encode((writer) => {
    writer.u8(type);
    for (const field of fields) writer.opaque(field, { max: FIELD_BYTES_MAX });
  });
}

interface PingPongMessage {
  readonly type: number;
  /** Empty in the first message. */
  readonly verifierMessage: Uint8Array;
  /** Empty in the last message. */
  readonly verifierShare: Uint8Array;
}

/** Lengths are the VDAF's to check: no field is longer than the message that came. */
function decodeMessage(bytes: Uint8Array): PingPongMessage {
  try {
    return decode("pingPongMessage", bytes, (reader) => {
      const type = reader.u8("type");
      if (type > TYPE_FINISH) reader.fail("type", `expected 0 to ${TYPE_FINISH}, got ${type}`);
      const field = (name: string): Uint8Array => reader.opaque(name, { max: FIELD_BYTES_MAX });
      const empty = new Uint8Array();
      return {
        type,
        verifierMessage: type === TYPE_INITIALIZE ? empty : field("verifier_message"),
        verifierShare: type === TYPE_FINISH ? empty : field("verifier_share"),
      };
    });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new VdafError("vdafInputError", error.message, { cause: error });
  }
}

function inputError(message: string): VdafError {
  return new VdafError("vdafInputError", `pingPongMessage: ${message}`);
}
