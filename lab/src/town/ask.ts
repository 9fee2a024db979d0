/**
 * Asks one study of everybody in the town: each vault considers, agrees or not, and contributes;
 * some drop out, some lie. What was honestly sent is added up in clear beside it: the lab's truth.
 */

import { cryptoRandomBytes } from "@sumus/crypto";
import type { HpkeConfig } from "@sumus/dap/messages";
import type { MapPool } from "@sumus/sandbox";
import { createTally, type Tally } from "@sumus/study";
import type { StudyTerms } from "@sumus/vault";
import type { Measurement } from "@sumus/vdaf";
import type { ProgressStep } from "../progress.ts";
import type { LabFailure } from "../result.ts";
import type { Conduct } from "./behaviour.ts";
import { claimedNumber } from "./census.ts";
import { cpuMs, type MeteredMaps, meteredMaps } from "./cpu-meter.ts";
import { createLie } from "./liar.ts";
import type { Resident } from "./resident.ts";
import type { Uploader } from "./uploader.ts";

export interface AskOptions {
  readonly terms: StudyTerms;
  readonly residents: readonly Resident[];
  /** Of those who are invited. */
  readonly conducts: ReadonlyMap<Resident, Conduct>;
  readonly hpkeConfigs: { readonly leader: HpkeConfig; readonly helper: HpkeConfig };
  readonly maps: MapPool;
  readonly uploader: Uploader;
  readonly nowSeconds: number;
  readonly step: ProgressStep;
  readonly signal: AbortSignal;
}

/** What became of everybody. */
export interface Asked {
  readonly consented: number;
  readonly denied: number;
  readonly dropped: number;
  readonly liars: number;
  /** Whose honest reports the leader has. */
  readonly sent: readonly Resident[];
  /** Why vaults that agreed sent nothing. */
  readonly failures: readonly LabFailure[];
  /** Vaults on whose rows the map failed; they are counted as absent, as the protocol has it. */
  readonly silent: LabFailure | null;
  /** Over those whose honest reports were sent. */
  readonly counted: Tally;
  /** Over the rows of everybody whom the study admits. */
  readonly everybody: Tally;
  /** Where liars claim: an index into the first task's aggregate. */
  readonly claimedIndex: number;
  /** CPU time in the vaults of those who agreed. */
  readonly mapMs: number;
  readonly vaultMs: number;
}

/** After so many vaults it shows whether the study is at fault; then nobody else is asked. */
const FAILURES_MIN = 100;
/** People between two breaths, in which requests are sent and Ctrl-C is heard. */
const BREATH_PEOPLE = 25;

/** The first place in the first task's aggregate that a measurement adds to. */
function firstIndex(measurements: readonly Measurement[]): number {
  const [measurement] = measurements;
  if (typeof measurement === "number") return measurement;
  return Math.max(0, measurement?.findIndex((value) => value > 0) ?? 0);
}

class Round {
  readonly counted: Tally;
  readonly everybody: Tally;
  readonly sent: Resident[] = [];
  readonly #failures = new Map<string, number>();
  readonly #options: AskOptions;
  readonly #maps: MeteredMaps;
  consented = 0;
  denied = 0;
  dropped = 0;
  liars = 0;
  silent: LabFailure | null = null;
  claimedIndex: number | null = null;
  vaultMs = 0;

  constructor(options: AskOptions) {
    this.#options = options;
    this.counted = createTally(options.terms.plan);
    this.everybody = createTally(options.terms.plan);
    this.#maps = meteredMaps(options.maps);
  }

  get mapMs(): number {
    return this.#maps.mapMs();
  }

  get failures(): LabFailure[] {
    return Array.from(this.#failures, ([reason, people]) => ({ reason, people }));
  }

  /** Nobody has managed to contribute anything: the study itself is at fault. */
  get isHopeless(): boolean {
    const silent = this.silent?.people ?? 0;
    const failed = this.failures.reduce((sum, { people }) => sum + people, silent);
    return failed >= FAILURES_MIN && this.sent.length <= silent;
  }

  async ask(resident: Resident, conduct: Conduct | undefined): Promise<void> {
    const { terms } = this.#options;
    if (conduct === undefined) return this.#countRows(resident);
    if (conduct === "deny") {
      // Every second one says no; the others say nothing, and no rule means no.
      this.denied++;
      resident.answer(terms, this.denied % 2 === 0 ? "no" : "nothing");
      return this.#countRows(resident);
    }
    this.consented++;
    if (!resident.answer(terms, "yes")) {
      this.#fail(resident.vault.consider(terms).reason);
      return this.#countRows(resident);
    }
    if (conduct !== "lie") return this.#contribute(resident, conduct === "drop");
    await this.#countRows(resident);
    await this.#lie();
  }

  /** Adds the rows of somebody who does not contribute to what everybody's would have been. */
  async #countRows(resident: Resident): Promise<void> {
    const { maps, terms } = this.#options;
    if (!resident.isEligible(terms)) return;
    this.#countEverybody((await resident.truth(terms, maps)).measurements);
  }

  #countEverybody(measurements: readonly Measurement[]): void {
    this.everybody.add(measurements);
    // Liars all claim to be where the first person is that anybody reads about.
    const index = firstIndex(measurements);
    if (claimedNumber(this.#options.terms.plan, index) !== null) this.claimedIndex ??= index;
  }

  async #contribute(resident: Resident, drops: boolean): Promise<void> {
    const { terms, hpkeConfigs, uploader } = this.#options;
    const begin = cpuMs() - this.#maps.meanwhileMs();
    const contribution = await resident.vault.contribute(terms, {
      sandbox: this.#maps,
      leaderHpkeConfig: hpkeConfigs.leader,
      helperHpkeConfig: hpkeConfigs.helper,
    });
    this.vaultMs += cpuMs() - this.#maps.meanwhileMs() - begin;
    if (!contribution.ok) {
      this.#fail(contribution.reason);
      return this.#countRows(resident);
    }
    const { mapProblem, measurements, reports } = contribution;
    if (measurements === null) throw new TypeError("expected a first contribution, got another");
    if (mapProblem !== null) this.#noteSilence(mapProblem);
    this.#countEverybody(measurements);
    if (drops) {
      this.dropped++;
      return;
    }
    this.counted.add(measurements);
    this.sent.push(resident);
    for (const [index, task] of terms.tasks.entries()) {
      const report = reports[index];
      if (report !== undefined) await uploader.add(task, report);
    }
  }

  async #lie(): Promise<void> {
    const { terms, hpkeConfigs, nowSeconds, uploader } = this.#options;
    this.liars++;
    for (const task of terms.tasks) {
      const input = {
        timeSeconds: nowSeconds,
        leaderHpkeConfig: hpkeConfigs.leader,
        helperHpkeConfig: hpkeConfigs.helper,
      };
      await uploader.add(task, createLie(task, this.claimedIndex ?? 0, input, cryptoRandomBytes));
    }
  }

  #fail(reason: string): void {
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
  }

  #noteSilence(reason: string): void {
    const people = (this.silent?.people ?? 0) + 1;
    this.silent = { reason: this.silent?.reason ?? reason, people };
  }
}

/** Asks everybody, in order. Ends early when nobody can answer; throws when aborted. */
export async function ask(options: AskOptions): Promise<Asked> {
  const round = new Round(options);
  const { residents, conducts, step, signal, terms, uploader } = options;
  for (const [index, resident] of residents.entries()) {
    if (index % BREATH_PEOPLE === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
    await round.ask(resident, conducts.get(resident));
    step.advance(1);
    if (round.isHopeless) break;
  }
  await uploader.flush();
  for (const { vault } of round.sent) vault.markSent(terms);
  const { mapMs, vaultMs } = round;
  return {
    consented: round.consented,
    denied: round.denied,
    dropped: round.dropped,
    liars: round.liars,
    sent: round.sent,
    failures: round.failures,
    silent: round.silent,
    counted: round.counted,
    everybody: round.everybody,
    claimedIndex: round.claimedIndex ?? 0,
    mapMs,
    vaultMs,
  };
}
