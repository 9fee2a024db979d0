/**
 * Operations per second of CPU time, ours and a peer's in turn: a slow second of a shared machine
 * meets both. CPU time counts every thread of the process, and so also what a peer's asynchronous
 * calls do in Node's thread pool and what the garbage collector does beside.
 */
import { defined } from "@sumus/assert";

export interface Contender {
  /** Does the operation `count` times. */
  run(count: number): void | Promise<void>;
}

/** An operation that is done at once. */
export function times(operation: () => unknown): Contender {
  return {
    run: (count) => {
      for (let index = 0; index < count; index++) operation();
    },
  };
}

export interface SpeedOptions {
  readonly rounds: number;
  /** CPU time of one contender in one round. */
  readonly roundMilliseconds: number;
}

export const WHOLE_RUN: SpeedOptions = { rounds: 7, roundMilliseconds: 400 };
export const QUICK_RUN: SpeedOptions = { rounds: 3, roundMilliseconds: 60 };

/** The median of each contender's rounds. */
export async function measureSpeeds(
  contenders: readonly Contender[],
  { rounds, roundMilliseconds }: SpeedOptions,
): Promise<number[]> {
  const counts: number[] = [];
  for (const contender of contenders) counts.push(await countFor(contender, roundMilliseconds));
  const speeds: number[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const count = defined(counts[index], "every contender is calibrated");
      const milliseconds = await cpuMilliseconds(contender, count);
      speeds[index]?.push((count / milliseconds) * 1000);
    }
  }
  return speeds.map(median);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = defined(sorted[middle], "a median is of at least one value");
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** How often to run in a round; finding out warms the code up. */
async function countFor(contender: Contender, roundMilliseconds: number): Promise<number> {
  for (let count = 1; ; count *= 2) {
    const milliseconds = await cpuMilliseconds(contender, count);
    if (milliseconds >= roundMilliseconds / 2) {
      return Math.max(1, Math.round((count * roundMilliseconds) / milliseconds));
    }
  }
}

async function cpuMilliseconds(contender: Contender, count: number): Promise<number> {
  const before = process.cpuUsage();
  await contender.run(count);
  const { user, system } = process.cpuUsage(before);
  // A clock of microseconds may stand still during the first, shortest runs.
  return Math.max(user + system, 1) / 1000;
}
