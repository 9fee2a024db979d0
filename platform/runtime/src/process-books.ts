/** CPU time and memory of other processes, from the kernel's books. Linux only. */
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second for user space, whatever the kernel's own tick. */
const MS_PER_TICK = 10;
const BYTES_PER_KIB = 1024;

/** Places of fields in /proc/PID/stat behind the name in parentheses, from the state (field 3) on. */
const PARENT = 1;
const CPU_TICKS = [11, 12];
const CPU_TICKS_OF_DEAD_CHILDREN = [13, 14];

/** CPU time of a process and of all its threads, in milliseconds. */
export function cpuMsOf(processId: number): number {
  return sumTicks(readStat(processId), CPU_TICKS);
}

/** CPU time of a process, of its children that live, and of those that are gone. */
export function cpuMsOfFamily(processId: number): number {
  const own = sumTicks(readStat(processId), [...CPU_TICKS, ...CPU_TICKS_OF_DEAD_CHILDREN]);
  return childrenOf(processId).reduce((sum, child) => sum + cpuMsOf(child), own);
}

/** A process and all that descend from it. */
export function processesOf(processId: number): number[] {
  const parents = readParents();
  const family = [processId];
  // It grows while it is gone through.
  for (const member of family) {
    for (const [id, parent] of parents) if (parent === member) family.push(id);
  }
  return family;
}

function childrenOf(processId: number): number[] {
  return [...readParents()].flatMap(([id, parent]) => (parent === processId ? [id] : []));
}

function readParents(): ReadonlyMap<number, number> {
  const ids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(ids.map((id) => [Number(id), Number(readStat(Number(id))[PARENT])]));
}

/** Resident memory in bytes. */
export function rssBytesOf(processId: number): number {
  const status = readBook(processId, "status");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * BYTES_PER_KIB;
}

/** Resident memory in bytes, of what several processes share only this one's part. */
export function shareBytesOf(processId: number): number {
  const rollup = readBook(processId, "smaps_rollup");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * BYTES_PER_KIB;
}

function readStat(processId: number): readonly string[] {
  const stat = readBook(processId, "stat");
  // The name may contain spaces and parentheses; the last parenthesis ends it.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function sumTicks(fields: readonly string[], places: readonly number[]): number {
  return places.reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) * MS_PER_TICK;
}

/** Nothing for a process that is gone. */
function readBook(processId: number, book: "stat" | "status" | "smaps_rollup"): string {
  try {
    return readFileSync(`/proc/${processId}/${book}`, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error) return "";
    throw error;
  }
}
