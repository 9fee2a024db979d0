/**
 * A pool whose workers double, throw and die on command: what one job does must reach its
 * neighbours in no way but the time it takes.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { WorkerPool, type WorkerPoolOptions } from "./index.ts";

type Job =
  | { readonly kind: "double"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "throw" | "die" | "thread" }
  | { readonly kind: "dieOnce"; readonly flag: string };

const folder = mkdtempSync(join(tmpdir(), "sumus-pool-"));
afterAll(() => rmSync(folder, { recursive: true }));

const WORKER = `
import { existsSync, writeFileSync } from "node:fs";
import { threadId } from "node:worker_threads";
import { serveJobs } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
type Job = { kind: string; bytes?: Uint8Array; flag?: string };
serveJobs((job: Job) => {
  if (job.kind === "throw") throw new RangeError("expected a job, got a joke");
  if (job.kind === "die") process.exit(3);
  if (job.kind === "dieOnce" && !existsSync(job.flag ?? "")) {
    writeFileSync(job.flag ?? "", "");
    process.exit(3);
  }
  const bytes = Uint8Array.from(job.bytes ?? [threadId], (byte) => (job.bytes ? 2 * byte : byte));
  return { message: bytes, transfer: [bytes.buffer] };
});
`;

/** @param source what the workers run, by default that of above */
function createPool(
  options: Partial<WorkerPoolOptions> = {},
  source: string = WORKER,
): WorkerPool<Job, Uint8Array> {
  const path = join(folder, `worker-${Math.random()}.ts`);
  writeFileSync(path, source);
  return new WorkerPool({
    module: pathToFileURL(path),
    workerCount: 2,
    queueMax: 100,
    ...options,
  });
}

function double(pool: WorkerPool<Job, Uint8Array>, value: number): Promise<Uint8Array> {
  return pool.run(() => {
    const bytes = Uint8Array.of(value);
    return { message: { kind: "double", bytes }, transfer: [bytes.buffer] };
  });
}

function run(pool: WorkerPool<Job, Uint8Array>, message: Job): Promise<Uint8Array> {
  return pool.run(() => ({ message, transfer: [] }));
}

test("answers each job with its own result, on as many threads as it has", async () => {
  const pool = createPool();
  const values = Array.from({ length: 40 }, (_, index) => index);
  const answers = await Promise.all(values.map((value) => double(pool, value)));
  expect(answers.map(([byte]) => byte)).toEqual(values.map((value) => 2 * value));
  const threads = await Promise.all(values.map(() => run(pool, { kind: "thread" })));
  expect(new Set(threads.map(([id]) => id)).size).toBe(2);
  await pool.close();
});

test("a job that throws or kills its workers fails alone", async () => {
  const pool = createPool();
  const results = await Promise.allSettled([
    double(pool, 1),
    run(pool, { kind: "throw" }),
    double(pool, 2),
    run(pool, { kind: "die" }),
    double(pool, 3),
  ]);
  expect(results).toMatchObject([
    { value: Uint8Array.of(2) },
    { reason: { code: "jobFailed", message: "RangeError: expected a job, got a joke" } },
    { value: Uint8Array.of(4) },
    { reason: { code: "workerDied" } },
    { value: Uint8Array.of(6) },
  ]);
  expect(await double(pool, 4)).toEqual(Uint8Array.of(8));
  await pool.close();
});

test("a job whose worker dies is given to a fresh one", async () => {
  const pool = createPool({ workerCount: 1 });
  const before = await run(pool, { kind: "thread" });
  const flag = join(folder, "died");
  const [after] = await run(pool, { kind: "dieOnce", flag });
  expect(after).toBeGreaterThan(before[0] ?? Number.POSITIVE_INFINITY);
  await pool.close();
});

test("workers that cannot start fail their jobs instead of being started for ever", async () => {
  const pool = createPool({}, 'throw new Error("no engine");');
  await expect(double(pool, 1)).rejects.toMatchObject({
    code: "workerDied",
    cause: { message: "no engine" },
  });
  await pool.close();
});

test("a message that cannot be sent fails alone", async () => {
  const pool = createPool({ workerCount: 1 });
  const unclonable = { kind: "thread", why: () => {} } as Job;
  await expect(run(pool, unclonable)).rejects.toThrow(/could not be cloned/);
  expect(await double(pool, 1)).toEqual(Uint8Array.of(2));
  await pool.close();
});

test("refuses what would wait too long, drains when it closes, takes nothing afterwards", async () => {
  const pool = createPool({ workerCount: 1, queueMax: 2 });
  const running = double(pool, 1);
  const waiting = [double(pool, 2), double(pool, 3)];
  expect(pool.queueLength).toBe(2);
  await expect(double(pool, 4)).rejects.toMatchObject({ code: "queueFull" });
  let isClosed = false;
  const closed = pool.close().then(() => {
    isClosed = true;
  });
  await expect(double(pool, 5)).rejects.toMatchObject({ code: "closed" });
  expect(isClosed).toBe(false);
  expect(await Promise.all([running, ...waiting])).toEqual([2, 4, 6].map((x) => Uint8Array.of(x)));
  await closed;
});
