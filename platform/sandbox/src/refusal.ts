/** What ended a run, in words. */
import { MapStop, type RefusedMap } from "./map-run.ts";

export const NESTS_TOO_DEEPLY = "the map nests too deeply, or is too long a chain of operators";

/** @throws whatever the map cannot be blamed for */
export function refusalOf(error: unknown): RefusedMap {
  if (error instanceof MapStop) {
    return { ok: false, reason: error.reason, message: error.message };
  }
  if (error instanceof RangeError) {
    return { ok: false, reason: "outOfMemory", message: NESTS_TOO_DEEPLY };
  }
  if (error instanceof WebAssembly.RuntimeError) {
    const message = "the map broke the machine that it ran in, and was ended";
    return { ok: false, reason: "mapFailed", message };
  }
  throw error;
}

export function outOfFuel(fuelSteps: number): MapStop {
  const allowed = `${fuelSteps.toLocaleString("en")} steps allowed`;
  return new MapStop("outOfFuel", `the map ran too long: ${allowed}`);
}

export function outOfMemory(memoryBytes: number): MapStop {
  const allowed = `${(memoryBytes / (1 << 20)).toLocaleString("en")} MiB allowed`;
  return new MapStop("outOfMemory", `the map and its rows need too much memory: ${allowed}`);
}
