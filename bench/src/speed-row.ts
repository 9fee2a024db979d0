/** Our speed beside a peer's: the row that the benches of speed share. */
import type { Column } from "./bench.ts";
import { formatNumber } from "./table.ts";

export interface SpeedRow {
  readonly bench: string;
  readonly case: string;
  readonly op: string;
  /** Operations per second of CPU time. */
  readonly perCpuSecond: number;
  /** Name and version. */
  readonly peer: string;
  readonly peerPerCpuSecond: number;
  /** How many times the peer's speed ours is. */
  readonly ratio: number;
}

export function speedRow(
  names: Pick<SpeedRow, "bench" | "case" | "op" | "peer">,
  perCpuSecond: number,
  peerPerCpuSecond: number,
): SpeedRow {
  return {
    bench: names.bench,
    case: names.case,
    op: names.op,
    perCpuSecond: roundSpeed(perCpuSecond),
    peer: names.peer,
    peerPerCpuSecond: roundSpeed(peerPerCpuSecond),
    ratio: Number((perCpuSecond / peerPerCpuSecond).toPrecision(3)),
  };
}

export const SPEED_COLUMNS: readonly Column<SpeedRow>[] = [
  { title: "case", width: 38, text: (row) => row.case },
  { title: "op", width: 6, text: (row) => row.op },
  { title: "per CPU-second", width: 14, text: (row) => formatNumber(row.perCpuSecond) },
  { title: "peer", width: 21, text: (row) => row.peer },
  { title: "per CPU-second", width: 14, text: (row) => formatNumber(row.peerPerCpuSecond) },
  { title: "ratio", width: 7, text: (row) => `${formatNumber(row.ratio)}x` },
];

/** Four digits: more would be noise. */
function roundSpeed(perSecond: number): number {
  return Number(perSecond.toPrecision(4));
}
