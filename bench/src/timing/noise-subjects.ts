/** The discrete Gaussian: rejection sampling on BigInts, so that its time follows its outcome. */
import { cryptoRandomBytes } from "@sumus/crypto";
import { rational, sampleDiscreteGaussian } from "@sumus/dp";
import type { Subject } from "./subject.ts";

const SIGMA = 1000n;
const SIGMA_SQUARED = rational(SIGMA * SIGMA);

/** What a sampler drew, to draw it again. */
type Tape = readonly Uint8Array[];

export function* noiseSubjects(): Iterable<Subject> {
  yield {
    name: "discrete Gaussian, sigma 1000",
    kind: "limit",
    classes: ["below sigma / 2", "beyond sigma"],
    prepare: (secretClass) => {
      const tape = tapeOf(secretClass === 0 ? (size) => 2n * size < SIGMA : (size) => size > SIGMA);
      const replay = replaying(tape);
      return () => sampleDiscreteGaussian(SIGMA_SQUARED, replay);
    },
  };
}

/** Randomness from which the sampler makes noise of a wanted size. */
function tapeOf(isWanted: (size: bigint) => boolean): Tape {
  for (;;) {
    const tape: Uint8Array[] = [];
    const noise = sampleDiscreteGaussian(SIGMA_SQUARED, (length) => {
      const bytes = cryptoRandomBytes(length);
      tape.push(bytes.slice());
      return bytes;
    });
    if (isWanted(noise < 0n ? -noise : noise)) return tape;
  }
}

function replaying(tape: Tape): (length: number) => Uint8Array {
  let next = 0;
  return () => tape[next++] ?? new Uint8Array();
}
