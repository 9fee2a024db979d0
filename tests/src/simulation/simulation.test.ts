/**
 * Storms that fast-check makes up lose nothing and count nothing twice, on both stores; scenarios that
 * once found a fault find none any more; and nodes that are broken on purpose are found out.
 *
 * The seed is printed. `SIMULATION_SEED` and `SIMULATION_RUNS` choose others; a failure is kept in
 * `tests/reproductions`.
 */
import { openStores, STORE_KINDS, type StoreKind, type Stores } from "@sumus/aggregator/testing";
import type { Store } from "@sumus/storage";
import type { StoreFault } from "@sumus/storage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Role } from "../node-process.ts";
import { forgetfulOfAnswers, forgetfulOfReports, withoutAtomicity } from "./mutants.ts";
import type { LinkName, NetworkFault, Op, Replica, Scenario } from "./operations.ts";
import { keepReproduction, readReproductions } from "./reproductions.ts";
import { simulate } from "./simulate.ts";

const RUNS = Number(process.env["SIMULATION_RUNS"] ?? 30);
const SEED = Number(process.env["SIMULATION_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const STORM_MS_MAX = 600_000;

const OPS_MAX = 40;
const LATE_OPS_MAX = 14;
/** No transaction of a node has more statements that write. */
const STATEMENTS_MAX = 8;

/** Transactions that change something; any other may be struck as well, without its name. */
const WRITES: Readonly<Record<Role, readonly string[]>> = {
  leader: ["upload", "lease aggregation job", "gather", "prepare", "commit", "rotate HPKE key"],
  helper: ["aggregate", "rotate HPKE key"],
};
const LATE_WRITES: Readonly<Record<Role, readonly string[]>> = {
  leader: ["create collection job", "lease collection job", "collect", "answer"],
  helper: ["share"],
};

const role = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Role>("leader") },
  { weight: 2, arbitrary: fc.constant<Role>("helper") },
);
const replica = fc.constantFrom<Replica>(0, 1);
const link = fc.constantFrom<LinkName>("helper", "helper", "uploads");

const when: fc.Arbitrary<StoreFault["when"]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant("before" as const) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: STATEMENTS_MAX }) },
  { weight: 3, arbitrary: fc.constant("after" as const) },
  { weight: 2, arbitrary: fc.constantFrom("doubt, done" as const, "doubt, undone" as const) },
);

function storeFault(writes: Readonly<Record<Role, readonly string[]>>): fc.Arbitrary<Op> {
  return role.chain((of) =>
    fc.record({
      kind: fc.constant("store" as const),
      role: fc.constant(of),
      replica,
      fault: fc.oneof(
        { weight: 4, arbitrary: fc.record({ name: fc.constantFrom(...writes[of]), when }) },
        { weight: 1, arbitrary: fc.record({ when }) },
      ),
    }),
  );
}

const workers = fc.integer({ min: 0, max: 2 });
const step: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("step" as const),
  workers: fc.tuple(workers, workers),
});
const network: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("network" as const),
  link,
  fault: fc.constantFrom<NetworkFault>("request lost", "answer lost", "twice", "late", "slow"),
});
const deliver: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("deliver" as const),
  link,
  which: fc.constantFrom("oldest" as const, "newest" as const),
});
const restart: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("restart" as const),
  role,
  replica,
});
/** Up to beyond the end of a lease. */
const wait: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("wait" as const),
  seconds: fc.integer({ min: 1, max: 400 }),
});
const upload: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("upload" as const),
  count: fc.integer({ min: 1, max: 4 }),
  corrupt: fc.boolean(),
});
const again: fc.Arbitrary<Op> = fc.record({ kind: fc.constant("send again" as const) });

const rotate: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("rotate" as const),
  role,
  replica,
});

const always = [
  { weight: 6, arbitrary: step },
  { weight: 4, arbitrary: network },
  { weight: 2, arbitrary: deliver },
  { weight: 1, arbitrary: restart },
  { weight: 2, arbitrary: wait },
];
const op = fc.oneof(
  ...always,
  { weight: 5, arbitrary: upload },
  { weight: 2, arbitrary: again },
  { weight: 1, arbitrary: rotate },
  { weight: 5, arbitrary: storeFault(WRITES) },
);
const lateOp = fc.oneof(
  ...always,
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("collect" as const) }) },
  { weight: 5, arbitrary: storeFault(LATE_WRITES) },
);

const scenario: fc.Arbitrary<Scenario> = fc.record({
  batchMode: fc.constantFrom("time_interval" as const, "leader_selected" as const),
  ops: fc.array(op, { minLength: 5, maxLength: OPS_MAX, size: "max" }),
  lateOps: fc.array(lateOp, { maxLength: LATE_OPS_MAX, size: "max" }),
});

let stores: Stores;

describe.each(STORE_KINDS)("on %s", (kind: StoreKind) => {
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test(
    `${RUNS} storms lose nothing and count nothing twice, seed ${SEED}`,
    async () => {
      process.stdout.write(`${RUNS} simulated storms on ${kind}, seed ${SEED}\n`);
      const storm = fc.asyncProperty(scenario, async (chosen) => {
        try {
          await simulate(stores, chosen);
        } catch (error) {
          const path = keepReproduction(SEED, String(error), chosen);
          throw new Error(`${String(error)}; kept in ${path}`, { cause: error });
        }
      });
      await fc.assert(storm, { numRuns: RUNS, seed: SEED });
    },
    STORM_MS_MAX,
  );

  test.each(readReproductions())("%s finds nothing any more", async (_, reproduction) => {
    await simulate(stores, reproduction.scenario);
  });
});

describe("a node that is broken on purpose is found out:", () => {
  const SEED_OF_MUTANTS = 20_261_122;
  const RUNS_OF_MUTANTS = 200;

  test.each<[string, "leader" | "helper", (store: Store) => Store]>([
    ["a leader that forgets report ids", "leader", forgetfulOfReports],
    ["a helper that forgets what it answered", "helper", forgetfulOfAnswers],
    ["a leader whose transactions come apart", "leader", withoutAtomicity],
    ["a helper whose transactions come apart", "helper", withoutAtomicity],
  ])(
    "%s",
    async (_, role, breakIt) => {
      await using sound = await openStores("PGlite");
      const broken = { ...sound, [role]: breakIt(sound[role]) };
      const storm = fc.asyncProperty(scenario, (chosen: Scenario) => simulate(broken, chosen));
      const details = await fc.check(storm, {
        numRuns: RUNS_OF_MUTANTS,
        seed: SEED_OF_MUTANTS,
        endOnFailure: true,
      });
      expect(details.failed).toBe(true);
      // Found by counting, or because there is no batch of what was counted.
      const found = /cell \d+: expected|reports in (each|the) sum|the batch is released: 4/;
      expect(String(details.errorInstance)).toMatch(found);
    },
    STORM_MS_MAX,
  );
});
