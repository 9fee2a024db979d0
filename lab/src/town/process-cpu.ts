/** CPU time of another process, from the kernel's books. Linux only; elsewhere nothing is known. */

import { readFileSync } from "node:fs";

/** Linux counts in hundredths of a second for user space, whatever the kernel's own tick. */
const MS_PER_TICK = 10;
/** Fields of /proc/PID/stat after the name in parentheses, counted from the state (field 3). */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** User and system time in milliseconds, undefined when the process is gone or unknown. */
export function cpuMsOf(pid: number): number | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    // Gone, or no such books on this system: readFileSync says so with a code.
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
  // The name may contain spaces and parentheses; the last parenthesis ends it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
  return Number.isFinite(ticks) ? ticks * MS_PER_TICK : undefined;
}
