import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { cpuMsOf, cpuMsOfFamily, rssBytesOf } from "./process-books.ts";

test("the kernel's books agree with our own", () => {
  const { user, system } = process.cpuUsage();
  const ours = (user + system) / 1000;
  // Ticks are hundredths of a second, and reading takes time as well.
  expect(Math.abs(cpuMsOf(process.pid) - ours)).toBeLessThan(0.1 * ours + 50);
  expect(rssBytesOf(process.pid) / process.memoryUsage.rss()).toBeCloseTo(1, 0);
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
  child.kill();
  await once(child, "exit");
  const dead = cpuMsOfFamily(process.pid) - cpuMsOf(process.pid) - before;
  expect(living).toBeGreaterThan(50);
  expect(dead).toBeGreaterThanOrEqual(living);
});

test("a process that is gone has no books", () => {
  expect([cpuMsOf(2 ** 30), rssBytesOf(2 ** 30)]).toEqual([0, 0]);
});
