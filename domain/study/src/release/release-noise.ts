import { defined } from "@sumus/assert";
import { NOISE_NODES, sampleNoise } from "@sumus/dp";
import type { StudyPlan } from "../lower/study-plan.ts";

/**
 * Exact sums with the noise of all nodes, drawn here as each node draws its own: what a commissioner
 * would open, for rehearsals.
 *
 * @param sums per task, as a tally has them
 */
export function withNodesNoise(
  { tasks }: StudyPlan,
  sums: readonly (readonly number[])[],
  randomBytes: Parameters<typeof sampleNoise>[2],
): readonly (readonly bigint[])[] {
  return tasks.map(({ noise }, index) => {
    const exact = defined(sums[index], "every task has its sums");
    const nodes = Array.from({ length: NOISE_NODES }, () =>
      sampleNoise(noise, exact.length, randomBytes),
    );
    return exact.map((sum, at) =>
      nodes.reduce((total, noises) => total + (noises[at] ?? 0n), BigInt(sum)),
    );
  });
}
