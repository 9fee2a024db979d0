/**
 * The extendable output functions of draft-irtf-cfrg-vdaf-20.
 *
 * @module
 */
export { nextVector, type Xof } from "./xof.ts";
export { createXofFixedKeyAes128, expandFixedKey } from "./xof-fixed-key-aes128.ts";
export {
  createXofTurboShake128,
  expandIntoFieldVectors,
  frameTurboShake128Prefix,
} from "./xof-turbo-shake128.ts";
