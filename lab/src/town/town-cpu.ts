/** CPU time of everything in the town, from the kernel's books. */

import type { LabCost } from "../result.ts";
import type { Asked } from "./asked.ts";
import type { Nodes, NodesCpu } from "./nodes.ts";

/** In milliseconds since each began. */
export interface TownCpu extends NodesCpu {
  /** This process with all its threads. */
  readonly lab: number;
}

export async function readTownCpu(nodes: Nodes): Promise<TownCpu> {
  const { user, system } = process.cpuUsage();
  return { lab: (user + system) / 1000, ...(await nodes.cpuMs()) };
}

/** What a study cost for each person counted; of the lab's own process the client is the rest. */
export function costPerPerson(before: TownCpu, after: TownCpu, asked: Asked): LabCost {
  const each = (milliseconds: number): number => milliseconds / Math.max(1, asked.sent);
  return {
    map: each(asked.mapMs),
    encode: each(asked.encodeMs),
    client: each(Math.max(0, after.lab - before.lab - asked.mapMs - asked.encodeMs)),
    leader: each(after.leader - before.leader),
    helper: each(after.helper - before.helper),
    // A node that was started again has forgotten what its embedded database took.
    storage: each(Math.max(0, after.storage - before.storage)),
  };
}
