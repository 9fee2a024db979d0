/**
 * Asks one study of everybody in a quarter of the town: each vault considers, agrees or not, and
 * contributes; some drop out, some lie. What was honestly sent is added up in clear beside it: the
 * lab's truth.
 */

import { cryptoRandomBytes } from "@sumus/crypto";
import type { TaskMeasurement } from "@sumus/dap";
import type { HpkeConfig } from "@sumus/dap/messages";
import { threadCpuMs } from "@sumus/runtime";
import { createTally } from "@sumus/study";
import type { StudyTerms } from "@sumus/vault";
import type { LabFailure } from "../result.ts";
import { type Asked, type AskedSoFar, addFailure } from "./asked.ts";
import { type Casting, partAt } from "./behaviour.ts";
import type { MapMeter } from "./cpu-meter.ts";
import { createLie } from "./liar.ts";
import type { Resident } from "./resident.ts";
import type { Uploader } from "./uploader.ts";

export interface AskOptions {
  readonly terms: StudyTerms;
  /** One for everybody in the quarter. */
  readonly casting: Casting;
  /** Who lives at a place of the quarter. */
  readonly residentAt: (index: number) => Resident;
  readonly hpkeConfigs: { readonly leader: HpkeConfig; readonly helper: HpkeConfig };
  /** Where liars claim: an index into the first task's aggregate. */
  readonly claimedIndex: number;
  readonly maps: MapMeter;
  readonly uploader: Uploader;
  readonly nowSeconds: number;
  readonly hear: (soFar: AskedSoFar) => void;
  /** Resolves when people may be asked: nodes are close behind. False when nobody else is asked. */
  readonly mayGoOn: () => Promise<boolean>;
}

/** Vaults that are asked at once: while one encodes, the maps of others run. */
const LANES = 8;
/** People between two breaths, in which requests are sent and Ctrl-C is heard. */
const BREATH_PEOPLE = 25;

class Round {
  readonly #options: AskOptions;
  readonly #counted;
  readonly #everybody;
  readonly #failures = new Map<string, number>();
  readonly #mapMsBefore: number;
  #next = 0;
  #people = 0;
  #reports = 0;
  #sent = 0;
  #failed = 0;
  #consented = 0;
  #denied = 0;
  #dropped = 0;
  #liars = 0;
  #silent: LabFailure | null = null;
  #encodeMs = 0;

  constructor(options: AskOptions) {
    this.#options = options;
    this.#counted = createTally(options.terms.plan);
    this.#everybody = createTally(options.terms.plan);
    this.#mapMsBefore = options.maps.contributionsMs;
  }

  /** Asks one after the other until nobody is left. */
  async lane(): Promise<void> {
    const { casting, hear, mayGoOn } = this.#options;
    while (this.#next < casting.length) {
      const index = this.#next++;
      if (index % BREATH_PEOPLE === 0) {
        hear(this.soFar());
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (!(await mayGoOn())) return;
      await this.#ask(index);
      this.#people++;
    }
  }

  soFar(): AskedSoFar {
    return {
      people: this.#people,
      reports: this.#reports,
      sent: this.#sent,
      failed: this.#failed,
      silent: this.#silent?.people ?? 0,
    };
  }

  asked(): Asked {
    return {
      consented: this.#consented,
      denied: this.#denied,
      dropped: this.#dropped,
      liars: this.#liars,
      sent: this.#sent,
      failures: this.#failures,
      silent: this.#silent,
      counted: this.#counted.aggregates(),
      everybody: this.#everybody.aggregates(),
      refused: this.#options.uploader.refused,
      mapMs: this.#options.maps.contributionsMs - this.#mapMsBefore,
      encodeMs: this.#encodeMs,
    };
  }

  async #ask(index: number): Promise<void> {
    const { casting, residentAt, terms } = this.#options;
    const part = partAt(casting, index);
    const resident = residentAt(index);
    if (part === "notInvited") return this.#countRows(resident);
    if (part === "sayNo" || part === "sayNothing") {
      this.#denied++;
      resident.answer(terms, part === "sayNo" ? "no" : "nothing");
      return this.#countRows(resident);
    }
    if (resident.isRuled && !resident.answer(terms, "nothing")) {
      this.#denied++;
      return this.#countRows(resident);
    }
    this.#consented++;
    if (!resident.isRuled && !resident.answer(terms, "yes")) {
      this.#fail(resident.vault.consider(terms).reason);
      return this.#countRows(resident);
    }
    if (part !== "lie") return this.#contribute(resident, part === "drop");
    await this.#countRows(resident);
    await this.#lie();
  }

  /** Adds the rows of somebody who does not contribute to what everybody's would have been. */
  async #countRows(resident: Resident): Promise<void> {
    const { maps, terms } = this.#options;
    if (!resident.isEligible(terms)) return;
    this.#everybody.add((await resident.truth(terms, maps.truth)).measurements);
  }

  async #contribute(resident: Resident, drops: boolean): Promise<void> {
    const { terms, hpkeConfigs, maps } = this.#options;
    const begin = threadCpuMs();
    const sandbox = maps.forContribution();
    const contribution = await resident.vault.contribute(terms, {
      sandbox,
      leaderHpkeConfig: hpkeConfigs.leader,
      helperHpkeConfig: hpkeConfigs.helper,
    });
    this.#encodeMs += threadCpuMs() - begin - sandbox.awayMs;
    if (!contribution.ok) {
      this.#fail(contribution.reason);
      return this.#countRows(resident);
    }
    const { mapProblem, measurements, reports } = contribution;
    if (measurements === null) throw new TypeError("expected a first contribution, got another");
    if (mapProblem !== null) {
      this.#silent = addFailure(this.#silent, { reason: mapProblem, people: 1 });
    }
    this.#everybody.add(measurements);
    if (drops) {
      this.#dropped++;
      return;
    }
    await this.#send(resident, measurements, reports);
  }

  async #send(
    { vault }: Resident,
    measurements: readonly TaskMeasurement[],
    reports: readonly Uint8Array[],
  ): Promise<void> {
    const { terms, uploader } = this.#options;
    this.#counted.add(measurements);
    this.#sent++;
    let left = reports.length;
    const onSent = (): void => {
      if (--left === 0) vault.markSent(terms);
    };
    for (const [index, task] of terms.tasks.entries()) {
      const report = reports[index];
      if (report !== undefined) await uploader.add(task, report, onSent);
      this.#reports++;
    }
  }

  async #lie(): Promise<void> {
    const { claimedIndex, terms, hpkeConfigs, nowSeconds, uploader } = this.#options;
    this.#liars++;
    for (const task of terms.tasks) {
      const input = {
        timeSeconds: nowSeconds,
        leaderHpkeConfig: hpkeConfigs.leader,
        helperHpkeConfig: hpkeConfigs.helper,
      };
      await uploader.add(task, createLie(task, claimedIndex, input, cryptoRandomBytes));
      this.#reports++;
    }
  }

  #fail(reason: string): void {
    this.#failed++;
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1);
  }
}

/** Asks everybody, some at once, and brings what they send to the leader. */
export async function ask(options: AskOptions): Promise<Asked> {
  const round = new Round(options);
  await Promise.all(Array.from({ length: LANES }, () => round.lane()));
  await options.uploader.flush();
  options.hear(round.soFar());
  return round.asked();
}
