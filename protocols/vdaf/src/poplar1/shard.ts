/**
 * The client's part of Poplar1 [VDAF-20, "Sharding"]: an IDPF that is (1, k) on the path of the
 * measurement, k random for each level, and for each level shares of
 *
 *     A = k - 2 a        B = a^2 + b - k a + c
 *
 * for (a, b, c) that each aggregator expands from its own seed. With them the aggregators check
 * that what they hold is one-hot, and learn nothing else.
 */
import { FIELD64_VECTORS, FIELD255_VECTORS, type FieldVectors } from "@sumus/kernels";
import { SEED_SIZE } from "../xof.ts";
import { expandInnerTriples, expandLeafTriple, expandShardSeed } from "./correlation.ts";
import { IDPF_RAND_SIZE, idpfGen, KEY_SIZE } from "./idpf.ts";
import { encodeInputShare } from "./input-share.ts";
import { encodePublicShare } from "./public-share.ts";

export const RAND_SIZE: number = IDPF_RAND_SIZE + 3 * SEED_SIZE;

/**
 * @param alpha a byte a bit, 0 or 1
 * @param rand {@link RAND_SIZE} bytes
 * @param claim what stands on the path: 1, or what a liar of a test would have counted for it
 */
export function shardIndex(
  alpha: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  rand: Uint8Array,
  claim = 1,
): { publicShare: Uint8Array; inputShares: readonly [Uint8Array, Uint8Array] } {
  const bits = alpha.length;
  const idpfRand = rand.subarray(0, IDPF_RAND_SIZE);
  const [corrSeed0, corrSeed1, shardSeed] = [0, 1, 2].map((index) => {
    const at = IDPF_RAND_SIZE + index * SEED_SIZE;
    return rand.subarray(at, at + SEED_SIZE);
  }) as [Uint8Array, Uint8Array, Uint8Array];

  const random = expandShardSeed(bits, shardSeed, ctx, nonce);
  const program = {
    alpha,
    betaInner: authenticate(FIELD64_VECTORS, claim, random.innerAuthenticators),
    betaLeaf: authenticate(FIELD255_VECTORS, claim, random.leafAuthenticator),
  };
  const publicShare = encodePublicShare(idpfGen(program, ctx, nonce, idpfRand));

  const innerTriples = FIELD64_VECTORS.add(
    expandInnerTriples(bits - 1, corrSeed0, 0, ctx, nonce),
    expandInnerTriples(bits - 1, corrSeed1, 1, ctx, nonce),
  );
  const leafTriple = FIELD255_VECTORS.add(
    expandLeafTriple(corrSeed0, 0, ctx, nonce),
    expandLeafTriple(corrSeed1, 1, ctx, nonce),
  );
  const inner = correlate(FIELD64_VECTORS, random.innerAuthenticators, innerTriples);
  const leaf = correlate(FIELD255_VECTORS, random.leafAuthenticator, leafTriple);
  const leader = encodeInputShare({
    key: idpfRand.subarray(0, KEY_SIZE),
    corrSeed: corrSeed0,
    corrInner: FIELD64_VECTORS.sub(inner, random.innerPairs),
    corrLeaf: FIELD255_VECTORS.sub(leaf, random.leafPair),
  });
  const helper = encodeInputShare({
    key: idpfRand.subarray(KEY_SIZE),
    corrSeed: corrSeed1,
    corrInner: random.innerPairs,
    corrLeaf: random.leafPair,
  });
  return { publicShare, inputShares: [leader, helper] };
}

/** (A, B) of each level, from its authenticator k and its (a, b, c). */
function correlate(field: FieldVectors, k: Uint8Array, triples: Uint8Array): Uint8Array {
  const { add, sub, mul, encodedSize } = field;
  const [a, b, c] = [0, 1, 2].map((index) => column(triples, encodedSize, index, 3)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const A = sub(sub(k, a), a);
  const B = add(sub(add(mul(a, a), b), mul(k, a)), c);
  return interleave(A, B, encodedSize);
}

/** (claim, claim k) for each k. */
function authenticate(field: FieldVectors, claim: number, keys: Uint8Array): Uint8Array {
  const { encodedSize, mul } = field;
  const claims = new Uint8Array(keys.length);
  const view = new DataView(claims.buffer);
  for (let at = 0; at < claims.length; at += encodedSize) view.setUint16(at, claim, true);
  return interleave(claims, mul(claims, keys), encodedSize);
}

/** Element `index` of each group of `width`. */
function column(vector: Uint8Array, size: number, index: number, width: number): Uint8Array {
  const taken = new Uint8Array(vector.length / width);
  for (let to = 0, at = index * size; to < taken.length; to += size, at += width * size) {
    taken.set(vector.subarray(at, at + size), to);
  }
  return taken;
}

/** Elements of both vectors in turn. */
function interleave(left: Uint8Array, right: Uint8Array, size: number): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  for (let at = 0; at < left.length; at += size) {
    both.set(left.subarray(at, at + size), 2 * at);
    both.set(right.subarray(at, at + size), 2 * at + size);
  }
  return both;
}
