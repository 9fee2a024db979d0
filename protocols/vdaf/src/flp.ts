/**
 * The fully linear proof of each circuit [VDAF-20, Section 7.3] on vectors in the arena. Outputs are
 * those of the draft, byte for byte; the ways to them are shorter (see the README).
 */
import type { Address, Kernel } from "@sumus/kernels";
import type { Circuit } from "./circuit.ts";
import type { ResolvedPrio3Config } from "./config.ts";
import { createBitsFlp } from "./flp-bits.ts";
import { createCubicFlp } from "./flp-cubic.ts";
import { createParallelSumFlp } from "./flp-parallel-sum.ts";
import { createSquareFlp } from "./flp-square.ts";

/** What is known of an encoded measurement: the more, the less a proof costs. */
export type MeasurementForm =
  | { readonly kind: "any" }
  /** Zeros and ones. */
  | { readonly kind: "bits" }
  /** Zeros, and a one at index `hot`. */
  | { readonly kind: "oneHot"; readonly hot: number };

export interface Flp {
  /** Writes a proof that `measurement`, which has the form `form`, is valid. */
  prove(
    proof: Address,
    measurement: Address,
    proveRand: Address,
    jointRand: Address,
    form: MeasurementForm,
  ): void;
  /** Writes a share of the verifier. @throws {VdafError} when the test point is a root of unity */
  query(
    verifier: Address,
    measurement: Address,
    outShare: Address,
    proof: Address,
    queryRand: Address,
    jointRand: Address,
  ): void;
  /** Whether the sum of all verifier shares accepts. */
  decide(verifier: Address): boolean;
  /** Writes the output that the measurement is aggregated as. */
  truncate(outShare: Address, measurement: Address): void;
}

export function createFlp(
  kernel: Kernel,
  circuit: Circuit,
  config: ResolvedPrio3Config,
  shares: number,
): Flp {
  switch (circuit.gadget.kind) {
    case "square":
      return createSquareFlp(kernel);
    case "bits":
      return createBitsFlp(kernel, circuit);
    case "cubic":
      return createCubicFlp(kernel);
    case "parallelSum":
      return createParallelSumFlp(kernel, circuit, circuit.gadget.chunkLength, config, shares);
  }
}
