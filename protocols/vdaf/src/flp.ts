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

export interface Flp {
  /**
   * Writes a proof that `measurement` is valid.
   *
   * @param hot the index of the only one in a one-hot measurement, if it is known to be one-hot
   */
  prove(
    proof: Address,
    measurement: Address,
    proveRand: Address,
    jointRand: Address,
    hot: number | undefined,
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
