/**
 * Field arithmetic, polynomials, TurboSHAKE128 and the inner loops of Prio3 in WebAssembly. No other
 * package touches WASM memory.
 *
 * @module
 */
export type { Kernel } from "./kernel.ts";
export { createKernel } from "./kernel.ts";
export type { Address, FieldExports, SpongeExports } from "./module.ts";
