/**
 * The star topology for two aggregators or more [VDAF-20, Section 5.7.2]: in each round the leader
 * asks every helper for its verifier share, combines them with its own, and sends the message to
 * all. The draft gives these requests no encoding: verifier shares and messages are already bytes.
 *
 *     every aggregator    starInit      ──share──▶  leader
 *     leader              starCombine   ─message─▶  every aggregator
 *     every aggregator    starContinue  ──share──▶  leader, and so on, or an output share
 *
 * The draft's state Rejected is a thrown `VdafError`.
 */
import type { VerifiableVdaf, VerifyRound } from "./ping-pong.ts";

/**
 * An aggregator's first step, the leader's id being 0. It refuses a report that names another joint
 * randomness part than this aggregator's own: with such a report some would finish and some reject.
 *
 * @throws {VdafError} when the report is malformed or names a false part
 */
export function starInit<State>(
  vdaf: VerifiableVdaf<State>,
  aggregatorId: number,
  verifyKey: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  publicShare: Uint8Array,
  inputShare: Uint8Array,
): VerifyRound<State> {
  const round = vdaf.verifyInit(
    ...([verifyKey, ctx, aggregatorId, nonce, publicShare, inputShare] as const),
  );
  vdaf.requireOwnPart?.(aggregatorId, publicShare, round.verifierShare);
  return round;
}

/**
 * The leader's combination of a round's verifier shares, in the order of aggregator ids.
 *
 * @throws {VdafError} when the report is invalid or a share malformed
 */
export function starCombine<State>(
  vdaf: VerifiableVdaf<State>,
  ctx: Uint8Array,
  verifierShares: readonly Uint8Array[],
): Uint8Array {
  return vdaf.verifierSharesToMessage(ctx, verifierShares);
}

/** Where an aggregator stands after a message. */
export type StarState<State> =
  | ({ readonly kind: "continued" } & VerifyRound<State>)
  | { readonly kind: "finished"; readonly outShare: Uint8Array };

/**
 * An aggregator's next step: the share for another round, or the output share.
 *
 * @throws {VdafError} when the report is invalid or the message malformed
 */
export function starContinue<State>(
  vdaf: VerifiableVdaf<State>,
  ctx: Uint8Array,
  state: State,
  message: Uint8Array,
): StarState<State> {
  const next = vdaf.verifyNext(ctx, state, message);
  return next instanceof Uint8Array
    ? { kind: "finished", outShare: next }
    : { kind: "continued", ...next };
}
