/**
 * Rounds one after the other on the same nodes and databases, which thus die hundreds of times. A
 * round that fails leaves its evidence, and the next one begins with new nodes.
 *
 * @module
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chance } from "../chance.ts";
import { Deployment, type StoreName } from "./deployment.ts";
import { Load } from "./load.ts";
import { describeFault, type Plan, planRound } from "./plan.ts";
import { type Evidence, runRound } from "./round.ts";

const LOAD_PROCESSES = 2;
const ROUND_MS_MAX = 240_000;

/** What became of a round. */
export interface RoundResult {
  readonly round: number;
  readonly store: StoreName;
  readonly ok: boolean;
  /** What was done to the nodes, in order. */
  readonly faults: readonly string[];
  readonly reports: { readonly sent: number; readonly counted: number };
  readonly seconds: number;
  /** What is wrong, when something is. */
  readonly wrong: readonly string[];
  /** Where its logs, its ledger and its plan are, when something is wrong. */
  readonly evidence?: string;
}

interface Session extends AsyncDisposable {
  readonly folder: string;
  readonly deployment: Deployment;
  readonly load: Load;
}

/** @param tell hears of each round when it is over */
export async function runRounds(
  options: { readonly rounds: number; readonly store: StoreName; readonly seed: string },
  tell: (result: RoundResult) => void = () => {},
): Promise<RoundResult[]> {
  const { rounds, store, seed } = options;
  const results: RoundResult[] = [];
  let session: Session | undefined;
  try {
    for (let round = 1; round <= rounds; round++) {
      session ??= await openSession(store);
      const result = await runOne(session, store, new Chance(`${seed}/${round}`), round);
      results.push(result);
      tell(result);
      if (result.ok) continue;
      await session[Symbol.asyncDispose]();
      session = undefined;
    }
    if (session !== undefined) {
      await session[Symbol.asyncDispose]();
      await rm(session.folder, { recursive: true, force: true });
      session = undefined;
    }
  } finally {
    await session?.[Symbol.asyncDispose]();
  }
  return results;
}

async function openSession(store: StoreName): Promise<Session> {
  const folder = mkdtempSync(join(tmpdir(), "sumus-crash-"));
  const deployment = await Deployment.start(store, folder);
  const load = new Load(LOAD_PROCESSES);
  return {
    folder,
    deployment,
    load,
    async [Symbol.asyncDispose]() {
      await load.stop();
      await deployment.stop();
    },
  };
}

async function runOne(
  session: Session,
  store: StoreName,
  chance: Chance,
  round: number,
): Promise<RoundResult> {
  const plan = planRound(chance, store, [...session.deployment.nodes.keys()]);
  const evidence: Evidence = { ledger: [] };
  const startMs = performance.now();
  const signal = AbortSignal.timeout(ROUND_MS_MAX);
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () =>
    reject(new Error(`expected the round to end within ${ROUND_MS_MAX / 1000} s`)),
  );
  let wrong: readonly string[];
  try {
    wrong = await Promise.race([runRound(session, plan, evidence, signal), tooLate]);
  } catch (error) {
    wrong = [error instanceof Error ? error.message : String(error)];
  }
  const ok = wrong.length === 0;
  if (!ok) keepEvidence(session, plan, evidence, wrong);
  return {
    round,
    store,
    ok,
    faults: [...plan.faults, ...plan.lateFaults].map(describeFault),
    reports: {
      sent: evidence.ledger.length,
      counted: evidence.tally?.reportCount ?? 0,
    },
    seconds: Math.round((performance.now() - startMs) / 100) / 10,
    wrong,
    ...(!ok && { evidence: session.folder }),
  };
}

/** Beside the logs, the configurations and the embedded databases of the nodes. */
function keepEvidence(
  { folder }: Session,
  plan: Plan,
  { ledger, tally }: Evidence,
  wrong: readonly string[],
): void {
  const text = JSON.stringify(
    { wrong, plan, ledger, tally },
    (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value),
    1,
  );
  writeFileSync(join(folder, "round.json"), text);
}
