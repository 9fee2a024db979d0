/** The vectors of what VDAFs are built from: the XOFs and the IDPF, each compared byte for byte. */
import { concat } from "@sumus/bytes";
import { encodeVector, FIELD128 } from "@sumus/field";
import { nextVector, type Xof } from "@sumus/xof";
import { encodeResidues, MODULUS_64, MODULUS_255 } from "./poplar1/field-residues.ts";
import { idpfGen, KEY_SIZE } from "./poplar1/idpf.ts";
import { decodePublicShare, encodePublicShare } from "./poplar1/public-share.ts";
import { VectorError, type VectorObject } from "./vector-file.ts";
import { compare } from "./vector-run.ts";

type CreateXof = (seed: Uint8Array, dst: Uint8Array, binder: Uint8Array) => Xof;

const VECTOR_LENGTH_MAX = 1_000_000;
const DST_BYTES_MAX = 65_535;
const BITS_MAX = 65_536;
const SHARES = 2;

/** One seed, tag and binder, expanded to a seed and to a vector. */
export function runXofVector(file: VectorObject, create: CreateXof, seedBytes: number): void {
  const [seed, dst, binder] = [file.bytes("seed"), file.bytes("dst"), file.bytes("binder")];
  if (seed.length !== seedBytes) throw new VectorError(`seed: expected ${seedBytes} bytes`);
  if (dst.length > DST_BYTES_MAX) throw new VectorError("dst: expected at most 65535 bytes");
  const length = file.integer("length");
  if (length < 1 || length > VECTOR_LENGTH_MAX) {
    throw new VectorError(`length: expected 1 to ${VECTOR_LENGTH_MAX}, got ${length}`);
  }
  compare("derived_seed", create(seed, dst, binder).next(seedBytes), file.bytes("derived_seed"));
  const vector = encodeVector(FIELD128, nextVector(create(seed, dst, binder), FIELD128, length));
  compare("expanded_vec_field128", vector, file.bytes("expanded_vec_field128"));
}

/** One programmed point, and the public share that `gen` makes of it. */
export function runIdpfVector(file: VectorObject): void {
  const bits = file.integer("bits");
  const alpha = Uint8Array.from(file.list("alpha"), (bit) => {
    if (typeof bit !== "boolean") throw new VectorError("alpha: expected truth values");
    return Number(bit);
  });
  const betaInner = file.list("beta_inner").map((pair) => residuesOf(pair, MODULUS_64, 8));
  if (bits < 1 || bits > BITS_MAX || alpha.length !== bits || betaInner.length !== bits - 1) {
    throw new VectorError("bits: expected as many as alpha has, and values for each level");
  }
  const keys = file.bytesList("keys");
  if (keys.length !== SHARES || keys.some((key) => key.length !== KEY_SIZE)) {
    throw new VectorError(`keys: expected ${SHARES} of ${KEY_SIZE} bytes`);
  }
  const nonce = file.bytes("nonce");
  if (nonce.length !== KEY_SIZE) throw new VectorError("nonce: expected 16 bytes");
  const program = {
    alpha,
    betaInner: concat(...betaInner),
    betaLeaf: residuesOf(file.value("beta_leaf"), MODULUS_255, 32),
  };
  const publicShare = file.bytes("public_share");
  const corrections = idpfGen(program, file.bytes("ctx"), nonce, concat(...keys));
  compare("public_share", encodePublicShare(corrections), publicShare);
  compare("public_share", encodePublicShare(decodePublicShare(publicShare, bits)), publicShare);
}

/** A pair of decimal integers. */
function residuesOf(pair: unknown, modulus: bigint, encodedSize: number): Uint8Array {
  if (!Array.isArray(pair) || pair.length !== 2) throw new VectorError("beta: expected pairs");
  const values = pair.map((text: unknown) => {
    if (typeof text !== "string" || !/^\d{1,80}$/.test(text)) {
      throw new VectorError("beta: expected decimal integers");
    }
    return BigInt(text);
  });
  if (values.some((value) => value >= modulus)) throw new VectorError("beta: expected residues");
  return encodeResidues(values, modulus, encodedSize);
}
