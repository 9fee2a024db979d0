import { createLogger } from "@sumus/runtime";
import { expect, test } from "vitest";
import { type JobLoop, startJobLoop } from "./job-loop.ts";

const silent = createLogger({ level: "error", write: () => {} });

test("works while there is work, on several units at a time, and stops in order", async () => {
  let left = 10;
  let running = 0;
  let runningMax = 0;
  const loop = startJobLoop(
    async () => {
      if (left === 0) return false;
      left--;
      running++;
      runningMax = Math.max(runningMax, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      return true;
    },
    { workerCount: 2, log: silent },
  );
  await expect.poll(() => left + running).toBe(0);
  await loop.stop();
  expect(runningMax).toBe(2);
});

test("wakes at once for work that comes while it looks", async () => {
  let work = 0;
  let done = 0;
  const { promise: looking, resolve: look } = Promise.withResolvers<void>();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const loop = startJobLoop(
    async () => {
      const found = work > 0;
      look();
      await gate;
      if (!found) return false;
      work--;
      done++;
      return true;
    },
    { workerCount: 1, log: silent },
  );
  await looking;
  work++;
  loop.wake();
  open();
  // Far less than the half second after which it would look by itself.
  await expect.poll(() => done, { timeout: 200, interval: 5 }).toBe(1);
  await loop.stop();
});

test("an error is logged and ends nothing", async () => {
  const lines: string[] = [];
  const log = createLogger({ level: "error", write: (line) => void lines.push(line) });
  let tries = 0;
  const loop = startJobLoop(
    () => {
      if (++tries === 1) throw new Error("the disk is full");
      return Promise.resolve(false);
    },
    { workerCount: 1, log },
  );
  await expect.poll(() => tries, { timeout: 3000 }).toBeGreaterThan(1);
  await loop.stop();
  expect(lines.join()).toContain("the disk is full");
});

test("another worker takes the place of one that waits aside, and goes when it comes back", async () => {
  let running = 0;
  let runningMax = 0;
  let asideMax = 0;
  let aside = 0;
  let left = 200;
  const loop: JobLoop = startJobLoop(
    async () => {
      if (left === 0) return false;
      const isSlow = left-- % 4 === 0;
      runningMax = Math.max(runningMax, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
      if (isSlow) {
        asideMax = Math.max(asideMax, ++aside);
        await loop.aside(new Promise((resolve) => setTimeout(resolve, 30)));
        aside--;
      }
      return true;
    },
    { workerCount: 2, log: silent },
  );
  await expect.poll(() => left + running + aside).toBe(0);
  await loop.stop();
  expect(asideMax).toBeGreaterThan(2);
  expect(runningMax).toBe(2);
});
