import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { threadCpuMs } from "./index.ts";

test("moments of half a millisecond add up to what the process says", async () => {
  let [sum, expected] = [0, 0];
  for (let moment = 0; moment < 200; moment++) {
    const [before, process0] = [threadCpuMs(), process.cpuUsage()];
    for (const until = performance.now() + 0.5; performance.now() < until; );
    sum += threadCpuMs() - before;
    const { user, system } = process.cpuUsage(process0);
    expected += (user + system) / 1000;
    await sleep(1);
  }
  // Other threads of the process, such as the compiler's, spend as well.
  expect(sum).toBeGreaterThan(0.5 * expected);
  expect(sum).toBeLessThan(1.01 * expected + 1);
});
