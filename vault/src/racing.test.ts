/**
 * Goal: however many studies race through one vault, and wherever its process dies, what the leader has never
 * costs more than any account allows, and says the same whenever it is sent again. Method: a scheduler of
 * fast-check puts maps, storing, sending, refunds and crashes into any order; the sums are taken from what
 * the leader received, without the ledger's own code.
 */
import type { BudgetPolicy, ConsentRule } from "@sumus/consent";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createParties, NOW_SECONDS } from "@sumus/dap/testing";
import { createSandbox, type MapRequest } from "@sumus/sandbox";
import { completeStudy, parseStudy } from "@sumus/study";
import { manifestWith } from "@sumus/study/testing";
import { ManualClock } from "@sumus/time";
import {
  array,
  assert,
  asyncProperty,
  constantFrom,
  integer,
  record,
  type Scheduler,
  scheduler,
  uniqueArray,
} from "fast-check";
import { expect, test } from "vitest";
import {
  type Collection,
  createVault,
  type NodesSay,
  restoreVault,
  type StudyTerms,
  studyTerms,
  type Vault,
  type VaultState,
} from "./index.ts";

const sandbox = await createSandbox();
const parties = createParties({ kind: "count" });

/** A study of one measure, about people whose rows are in `needs`. */
function termsOf(title: string, needs: string): StudyTerms {
  const reading = parseStudy(
    manifestWith({
      title,
      needs,
      map: "{ language: sql, source: SELECT 1 AS present }",
      result: "{ measures: { people: count } }",
    }),
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  const window = { opens: NOW_SECONDS - 3600, closes: NOW_SECONDS + 3600 };
  const nodes = { leader: "https://leader.example/", helper: "https://helper.example/" };
  const rest = { collector: "A".repeat(43), population: "test", window };
  return studyTerms(completeStudy(reading.study, { ...nodes, ...rest }));
}

const NEEDS = [
  "{ home: [a] }",
  "{ work: [a] }",
  "{ home: [a], work: [a] }",
  "{ home: [a] }",
  "{ work: [a] }",
  "{ home: [a], work: [a] }",
];
const STUDIES = NEEDS.map((needs, index) => termsOf(`Race ${index}`, needs));
const COST = STUDIES[0]?.plan.rho ?? 0;
const COLLECTIONS = ["home", "work"].map(
  (name): Collection => ({
    name,
    personColumn: null,
    columns: [{ name: "a", type: "INTEGER" }],
    rows: [[1]],
  }),
);
const RULES: readonly ConsentRule[] = [{ name: "anything", effect: "allow" }];

/** The person's device: a disk that outlives the process, and a process that may die. */
class Device {
  readonly received = new Map<string, string>();
  readonly cancelled = new Set<string>();
  readonly #clock = new ManualClock(NOW_SECONDS);
  readonly #scheduler: Scheduler;
  #vault: Vault;
  #disk: VaultState;

  constructor(budget: BudgetPolicy, scheduler: Scheduler) {
    const options = { owner: "1", collections: COLLECTIONS, rules: RULES, budget };
    const chance = { clock: this.#clock, randomBytes: cryptoRandomBytes };
    this.#vault = createVault({ ...options, ...chance });
    this.#disk = this.#vault.exportState();
    this.#scheduler = scheduler;
  }

  /** As a process takes part: whatever comes after it died does not happen. */
  async contribute(terms: StudyTerms): Promise<void> {
    const vault = this.#vault;
    const isAlive = async (what: string): Promise<boolean> => {
      await this.#scheduler.schedule(Promise.resolve(), what);
      return vault === this.#vault;
    };
    const run = async (request: MapRequest): Promise<ReturnType<typeof sandbox.run>> => {
      await this.#scheduler.schedule(Promise.resolve(), `map of ${terms.study.title}`);
      return sandbox.run(request);
    };
    const made = await vault.contribute(terms, {
      sandbox: { run },
      leaderHpkeConfig: parties.leaderConfig,
      helperHpkeConfig: parties.helperConfig,
    });
    if (!made.ok || made.reports.length === 0) return;
    if (!(await isAlive("store"))) return;
    this.#disk = vault.exportState();
    if (!(await isAlive("send"))) return;
    this.#receive(terms, made.reports);
    if (!(await isAlive("acknowledge"))) return;
    vault.markSent(terms);
    this.#disk = vault.exportState();
  }

  #receive({ id }: StudyTerms, reports: readonly Uint8Array[]): void {
    // The nodes have dropped what they had of a cancelled study, and take no more.
    if (this.cancelled.has(id)) return;
    const bytes = reports.map((report) => report.join()).join("|");
    expect(this.received.get(id) ?? bytes).toBe(bytes);
    this.received.set(id, bytes);
  }

  async crash(): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), "crash");
    this.#vault = restoreVault(this.#disk, this.#clock, cryptoRandomBytes);
  }

  /** Both nodes cancel the study, and the vault hears of it. */
  async cancel({ id }: StudyTerms): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), "cancel");
    this.cancelled.add(id);
    this.received.delete(id);
    const vault = this.#vault;
    await this.#scheduler.schedule(Promise.resolve(), "hear");
    if (vault !== this.#vault) return;
    const said = new Map([...this.cancelled].map((each) => [each, "cancelled" as const]));
    const nodes = ["https://leader.example", "https://helper.example"];
    vault.settle(new Map(nodes.map((node) => [node, said])) satisfies NodesSay);
    this.#disk = vault.exportState();
  }
}

/** What the leader has of studies that read a collection, or of all. */
function spentOn(device: Device, collection: string | null): number {
  return STUDIES.filter(({ id }) => device.received.has(id))
    .filter(({ study }) => {
      return collection === null || study.needs.some((need) => need.collection === collection);
    })
    .reduce((sum, { plan }) => sum + plan.rho, 0);
}

test("racing contributions never overspend any account, wherever the process dies", async () => {
  const which = integer({ min: 0, max: STUDIES.length - 1 });
  const moment = record({
    asked: uniqueArray(which, { minLength: 1, maxLength: STUDIES.length }),
    deeds: array(constantFrom("crash", "cancel", "again"), { maxLength: 3 }),
    cancelled: which,
  });
  // So many studies fit into each account.
  const fits = integer({ min: 0, max: 4 });
  const accounts = record({ total: fits, home: fits, work: fits });
  await assert(
    asyncProperty(
      scheduler(),
      array(moment, { minLength: 1, maxLength: 3 }),
      accounts,
      async (schedule, moments, { total, home, work }) => {
        const limit = (count: number): number => COST * count + 1e-8 * (count > 0 ? 1 : 0);
        const collectionRho = { home: limit(home), work: limit(work) };
        const policy = {
          periodSeconds: 86_400,
          totalRho: limit(total),
          collectionRho,
          otherRho: 0,
        };
        const device = new Device(policy, schedule);
        for (const { asked, deeds, cancelled } of moments) {
          const chosen = asked.flatMap((index) => STUDIES[index] ?? []);
          const done = Promise.all([
            ...chosen.map((terms) => device.contribute(terms)),
            ...deeds.map((deed) => {
              const terms = STUDIES[cancelled];
              if (deed === "crash") return device.crash();
              if (terms === undefined) return undefined;
              return deed === "cancel" ? device.cancel(terms) : device.contribute(terms);
            }),
          ]);
          await schedule.waitFor(done);
          expect(spentOn(device, null)).toBeLessThanOrEqual(policy.totalRho);
          expect(spentOn(device, "home")).toBeLessThanOrEqual(collectionRho.home);
          expect(spentOn(device, "work")).toBeLessThanOrEqual(collectionRho.work);
        }
      },
    ),
    { numRuns: 150 },
  );
});
