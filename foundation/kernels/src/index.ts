/**
 * Field arithmetic, polynomials, TurboSHAKE128, AES-128, the inner loops of Prio3 and the IDPF of
 * Poplar1 in WebAssembly. No other package touches WASM memory.
 *
 * @module
 */

export {
  FIELD64_VECTORS,
  FIELD255_VECTORS,
  type FieldVectors,
  squeezeFieldVectors,
  type VectorRequest,
} from "./field-vectors.ts";
export { expandAesKey, hashAesBlocks } from "./fixed-key-aes128.ts";
export {
  evaluateIdpf,
  generateIdpf,
  type IdpfCorrections,
  type IdpfEvaluation,
  type IdpfNodes,
  type IdpfProgram,
  type IdpfStep,
  type IdpfStreams,
  type IdpfWalk,
} from "./idpf.ts";
export type { Kernel } from "./kernel.ts";
export { createKernel } from "./kernel.ts";
export type { Address, FieldExports, SpongeExports } from "./module.ts";
export { turboShake128 } from "./turbo-shake128.ts";
