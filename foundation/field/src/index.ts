/**
 * Field64 and Field128 of draft-irtf-cfrg-vdaf-20 as BigInt arithmetic.
 *
 * @module
 */
export type { Field } from "./field.ts";
export {
  decodeVector,
  encodeVector,
  FIELD64,
  FIELD128,
  inverse,
  power,
  reduce,
  rootOfUnity,
} from "./field.ts";
