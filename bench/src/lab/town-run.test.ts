/** A small town as the bench runs it: real nodes and stores, everybody counted. */
import { localPostgresMissing } from "@sumus/storage/local-postgres";
import { expect, test } from "vitest";
import { runTown } from "./town-run.ts";

test.skipIf(localPostgresMissing() !== undefined)(
  "every part of a town has its CPU time, and all of it its memory",
  async () => {
    const result = await runTown({ people: 200, warmUpPeople: 100, store: "postgres" });
    expect(result.tasks).toBe(3);
    for (const milliseconds of Object.values(result.cpuMsPerPerson)) {
      expect(milliseconds).toBeGreaterThan(0.01);
    }
    // Lab, two nodes and two servers do not fit into less.
    expect(Math.max(...result.rssMb)).toBeGreaterThan(300);
  },
);
