/**
 * The ping-pong topology for a leader and one helper [VDAF-20, Section 5.7.1]: Prio3 has one round,
 * so the leader asks once and the helper answers once. States of the draft that Prio3 never reaches
 * do not exist here.
 *
 * The helper compares its joint randomness part with its entry in the public share before it
 * finishes. By the draft alone a client could name a false part there, upon which the helper would
 * finish, the leader would reject, and their batches would no longer match.
 */
import { equalConstantTime } from "@sumus/bytes";
import { DecodeError, decode, Writer } from "@sumus/codec";
import type { Prio3, VerifyState } from "./prio3.ts";
import { VdafError } from "./vdaf-error.ts";
import { SEED_SIZE } from "./xof.ts";

const TYPE_INITIALIZE = 0;
const TYPE_FINISH = 2;
const FIELD_BYTES_MAX = 0xffff_ffff;
const LEADER_ID = 0;
const HELPER_ID = 1;

/** The leader's first step: what it keeps, and the message to the helper. */
export function pingPongLeaderInit(
  prio3: Prio3,
  verifyKey: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  publicShare: Uint8Array,
  inputShare: Uint8Array,
): { readonly state: VerifyState; readonly message: Uint8Array } {
  requireTwo(prio3);
  const { state, verifierShare } = prio3.verifyInit(
    ...([verifyKey, ctx, LEADER_ID, nonce, publicShare, inputShare] as const),
  );
  return { state, message: encodeMessage(TYPE_INITIALIZE, verifierShare) };
}

/**
 * The helper's only step: its output share, and the message to the leader.
 *
 * @throws {VdafError} when the report is invalid or a message malformed
 */
export function pingPongHelperInit(
  prio3: Prio3,
  verifyKey: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  publicShare: Uint8Array,
  inputShare: Uint8Array,
  leaderMessage: Uint8Array,
): { readonly outShare: Uint8Array; readonly message: Uint8Array } {
  requireTwo(prio3);
  const leaderShare = decodeMessage(TYPE_INITIALIZE, leaderMessage, prio3.verifierShareSize);
  const { state, verifierShare } = prio3.verifyInit(
    ...([verifyKey, ctx, HELPER_ID, nonce, publicShare, inputShare] as const),
  );
  requireOwnPart(prio3, publicShare, verifierShare);
  const message = prio3.verifierSharesToMessage(ctx, [leaderShare, verifierShare]);
  const outShare = prio3.verifyNext(ctx, state, message);
  return { outShare, message: encodeMessage(TYPE_FINISH, message) };
}

/**
 * The leader's last step: its output share.
 *
 * @throws {VdafError} when the report is invalid or the message malformed
 */
export function pingPongLeaderContinued(
  prio3: Prio3,
  ctx: Uint8Array,
  state: VerifyState,
  helperMessage: Uint8Array,
): { readonly outShare: Uint8Array } {
  const message = decodeMessage(TYPE_FINISH, helperMessage, prio3.verifierMessageSize);
  return { outShare: prio3.verifyNext(ctx, state, message) };
}

function requireTwo(prio3: Prio3): void {
  if (prio3.shares !== 2) {
    throw new VdafError("vdafParameterError", `expected two aggregators, got ${prio3.shares}`);
  }
}

function requireOwnPart(prio3: Prio3, publicShare: Uint8Array, verifierShare: Uint8Array): void {
  if (prio3.publicShareSize === 0) return;
  const claimed = publicShare.subarray(HELPER_ID * SEED_SIZE, (HELPER_ID + 1) * SEED_SIZE);
  const own = verifierShare.subarray(verifierShare.length - SEED_SIZE);
  if (!equalConstantTime(claimed, own)) {
    throw new VdafError(
      "vdafVerifyError",
      "expected the public share to name the helper's joint randomness part",
    );
  }
}

function encodeMessage(type: number, field: Uint8Array): Uint8Array {
  return Writer.encode((writer) => writer.u8(type).opaque(field, { max: FIELD_BYTES_MAX }));
}

function decodeMessage(type: number, bytes: Uint8Array, fieldLength: number): Uint8Array {
  try {
    return decode("pingPongMessage", bytes, (reader) => {
      const got = reader.u8("type");
      if (got !== type) reader.fail("type", `expected ${type}, got ${got}`);
      const field = reader.opaque("field", { max: FIELD_BYTES_MAX });
      if (field.length !== fieldLength) {
        reader.fail("field", `expected ${fieldLength} bytes, got ${field.length}`);
      }
      return field;
    });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new VdafError("vdafInputError", error.message, { cause: error });
  }
}
