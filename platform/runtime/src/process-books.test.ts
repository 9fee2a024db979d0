import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { cpuMsOf, cpuMsOfFamily, processesOf, rssBytesOf, shareBytesOf } from "./process-books.ts";

test("the kernel's books agree with our own", () => {
  const { user, system } = process.cpuUsage();
  const ours = (user + system) / 1000;
  // Ticks are hundredths of a second, and reading takes time as well.
  expect(Math.abs(cpuMsOf(process.pid) - ours)).toBeLessThan(0.1 * ours + 50);
  expect(rssBytesOf(process.pid) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
  const share = shareBytesOf(process.pid);
  expect(share).toBeGreaterThan(process.memoryUsage().heapUsed);
  expect(share).toBeLessThan(1.1 * process.memoryUsage.rss());
});

test("a family is a process with its children, dead ones too", async () => {
  const work = "while (process.cpuUsage().user < 200_000);";
  const before = cpuMsOfFamily(process.pid) - cpuMsOf(process.pid);
  const child = spawn(process.execPath, [
    "-e",
    `${work} process.stdout.write("x"); setTimeout(() => {}, 60000)`,
  ]);
  await once(child.stdout, "data");
  const living = cpuMsOfFamily(process.pid) - cpuMsOf(process.pid) - before;
  expect(processesOf(process.pid)).toContain(child.pid);
  expect(processesOf(Number(child.pid))).toEqual([child.pid]);
  child.kill();
  await once(child, "exit");
  const dead = cpuMsOfFamily(process.pid) - cpuMsOf(process.pid) - before;
  expect(living).toBeGreaterThan(50);
  expect(dead).toBeGreaterThanOrEqual(living);
});

test("a process that is gone has no books", () => {
  expect([cpuMsOf, rssBytesOf, shareBytesOf].map((read) => read(2 ** 30))).toEqual([0, 0, 0]);
});
