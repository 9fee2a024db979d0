/**
 * Runs a town as a process and watches the memory of everything in it: lab, nodes, databases. Each run
 * has a process of its own, so that none inherits what another left, and none takes another with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { LabCost, LabStudyResult, TownStore } from "@sumus/lab";
import { processesOf, shareBytesOf } from "@sumus/runtime";

/** What is asked of a town. */
export interface TownOrder {
  readonly people: number;
  readonly warmUpPeople: number;
  readonly store: TownStore;
}

export interface TownResult {
  readonly cpuMsPerPerson: LabCost;
  readonly peoplePerSecond: number;
  readonly tasks: number;
  /** Of all processes together, at each sample; what several share counts once. */
  readonly rssMb: readonly number[];
}

const MAIN = fileURLToPath(new URL("./town-main.ts", import.meta.url));

/** Reading the books takes time as well: in a long run they are read more rarely. */
const SAMPLE_MS = { early: 500, late: 5000, earlyUntil: 30_000 };

/** @throws {Error} when somebody was not counted */
export async function runTown(order: TownOrder): Promise<TownResult> {
  const child = spawn(process.execPath, [MAIN, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const memory = watchMemory(child);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  const rssMb = memory.stop();
  process.off("exit", killAtExit);
  const where = `${order.people} people on ${order.store}`;
  if (code !== 0) throw new Error(`expected a town of ${where} to end well, got exit code ${code}`);
  const result = JSON.parse(output) as LabStudyResult;
  if (result.state !== "answered" || result.accepted !== order.people) {
    const counted = `${result.accepted} counted (${result.state}: ${result.reason ?? ""})`;
    throw new Error(`expected an answer from ${where}, got ${counted}`);
  }
  return {
    cpuMsPerPerson: result.cpuMsPerPerson,
    peoplePerSecond: order.people / result.seconds,
    tasks: result.tasks.length,
    rssMb,
  };
}

function watchMemory({ pid = 0 }: ChildProcess): { stop(): number[] } {
  const samples: number[] = [];
  const beganMs = performance.now();
  let timer: NodeJS.Timeout;
  const sample = (): void => {
    const bytes = processesOf(pid).reduce((sum, id) => sum + shareBytesOf(id), 0);
    samples.push(Math.round(bytes / 1_000_000));
    const isEarly = performance.now() - beganMs < SAMPLE_MS.earlyUntil;
    timer = setTimeout(sample, isEarly ? SAMPLE_MS.early : SAMPLE_MS.late);
  };
  sample();
  return {
    stop() {
      clearTimeout(timer);
      return samples;
    },
  };
}
