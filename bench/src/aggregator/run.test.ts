/** A whole run, small: real processes, sockets and stores, every report counted by both nodes. */
import { localPostgresMissing } from "@sumus/storage/local-postgres";
import { expect, test } from "vitest";
import { COUNT, SUM } from "./bench-task.ts";
import { type RunResult, runOnce } from "./run.ts";

function expectMeasured(result: RunResult): void {
  const { uploadsPerSecond, reportsPerSecond, makingCpuMs, uploadingCpuMs, cpuMs } = result;
  expect(uploadsPerSecond).toBeGreaterThan(reportsPerSecond);
  for (const value of [reportsPerSecond, makingCpuMs, uploadingCpuMs, cpuMs.leader]) {
    expect(value).toBeGreaterThan(0);
  }
  expect(result.rssMb.length).toBeGreaterThan(0);
  expect(result.rssMb.every((megabytes) => megabytes > 10)).toBe(true);
}

test("on the embedded database, whose CPU time nobody can tell apart", async () => {
  const run = {
    taskCase: COUNT,
    store: "pglite",
    replicas: 1,
    reports: 150,
    warmUpReports: 70,
  } as const;
  const result = await runOnce(run);
  expectMeasured(result);
  expect(result.cpuMs.database).toBeNull();
});

test.skipIf(localPostgresMissing() !== undefined)("on a server, two of each node", async () => {
  const run = {
    taskCase: SUM,
    store: "postgres",
    replicas: 2,
    reports: 151,
    warmUpReports: 0,
  } as const;
  const result = await runOnce(run);
  expectMeasured(result);
  expect(result.cpuMs.database).toBeGreaterThan(0);
});
