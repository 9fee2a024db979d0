/**
 * Times one subject: batches of inputs made beforehand, their classes drawn by lot, each timed on
 * its own. Nothing but the operation stands between the two readings of the clock.
 */
import { cryptoRandomBytes } from "@sumus/crypto";
import { type Batch, createCroppedTest, type Verdict } from "./cropped-test.ts";
import type { SecretClass, Subject } from "./subject.ts";

const BATCH_SIZE = 256;
/** Batches before the first that counts: until the engine has compiled and settled. */
const WARM_UP_SHARE = 0.15;
const NANOSECONDS_PER_MILLISECOND = 1e6;

/** Keeps results alive, so that no engine leaves their making out. */
const sink: { last: unknown } = { last: undefined };

/** @param milliseconds how long to go on, warm-up included; at least one batch counts */
export function runExperiment(subject: Subject, milliseconds: number): Verdict {
  const begin = performance.now();
  const warmUpEnd = begin + milliseconds * WARM_UP_SHARE;
  do timeBatch(subject);
  while (performance.now() < warmUpEnd);

  const test = createCroppedTest();
  do test.add(timeBatch(subject));
  while (performance.now() < begin + milliseconds);
  return test.verdict();
}

function timeBatch(subject: Subject): Batch {
  const classes = Array.from(
    cryptoRandomBytes(BATCH_SIZE),
    (byte): SecretClass => ((byte & 1) === 0 ? 0 : 1),
  );
  const operations = classes.map((secretClass) => subject.prepare(secretClass));
  const nanoseconds = new Float64Array(BATCH_SIZE);
  // Rubbish of the preparation is swept before the clock runs, where Node lets us ask for it.
  globalThis.gc?.({ type: "minor" });
  for (const [index, operation] of operations.entries()) {
    const start = performance.now();
    sink.last = operation();
    nanoseconds[index] = (performance.now() - start) * NANOSECONDS_PER_MILLISECOND;
  }
  return { classes, nanoseconds };
}
