/**
 * A person of the town with their vault, as the lab plays them: it answers for the owner, and it
 * may look over the wall for the truth, which nobody outside a lab can.
 */

import type { BudgetPolicy } from "@sumus/consent";
import { cryptoRandomBytes } from "@sumus/crypto";
import { systemClock } from "@sumus/runtime";
import {
  type Collection,
  createVault,
  type MapRunner,
  type StudyTerms,
  type Vault,
} from "@sumus/vault";
import { type Measured, measure, selectTables } from "@sumus/vault/testing";
import type { Person } from "./population.ts";

/** What the owner says when a study asks; `nothing` is no rule, and no rule means no. */
type OwnersAnswer = "yes" | "no" | "nothing";

export interface Resident {
  readonly vault: Vault;
  /** Whether standing rules answer for the owner. */
  readonly isRuled: boolean;
  /** Whether the study admits this person, by the rows they hold. */
  isEligible(terms: StudyTerms): boolean;
  /** Answers for the owner. True when the vault would take part. */
  answer(terms: StudyTerms, says: OwnersAnswer): boolean;
  /** What the map makes of this person's rows, empty tables included. For the truth only. */
  truth(terms: StudyTerms, sandbox: MapRunner): Promise<Measured>;
}

/** Columns of the town's tables: a person who lacks a table has an empty one of that shape. */
export type Schemas = ReadonlyMap<string, Pick<Collection, "columns" | "personColumn">>;

class TownResident implements Resident {
  readonly vault: Vault;
  readonly isRuled: boolean;
  readonly #collections: ReadonlyMap<string, Collection>;
  readonly #schemas: Schemas;

  constructor(person: Person, schemas: Schemas, budget: BudgetPolicy) {
    this.isRuled = person.rules !== undefined;
    this.#collections = person.collections;
    this.#schemas = schemas;
    this.vault = createVault({
      owner: person.id,
      collections: [...person.collections.values()],
      rules: person.rules ?? [],
      budget,
      clock: systemClock,
      randomBytes: cryptoRandomBytes,
    });
  }

  isEligible(terms: StudyTerms): boolean {
    return this.vault.whyNotEligible(terms) === null;
  }

  answer(terms: StudyTerms, says: OwnersAnswer): boolean {
    if (says !== "nothing") this.vault.answer(terms, says);
    return this.vault.consider(terms).decision === "take part";
  }

  async truth(terms: StudyTerms, sandbox: MapRunner): Promise<Measured> {
    const { needs } = terms.study;
    // A vault without rows of a table takes no part, so its tables are chosen as if it had one …
    const lent = needs.map(({ collection: name }): Collection => {
      const own = this.#collections.get(name);
      if (own !== undefined) return own;
      const schema = this.#schemas.get(name);
      if (schema === undefined) throw new RangeError(`expected the columns of ${name}, got none`);
      return { name, ...schema, rows: [[]] };
    });
    const selection = selectTables(needs, lent);
    if (!selection.ok) throw new RangeError(selection.reason);
    // … and emptied again.
    const tables = Object.entries(selection.tables).map(([name, table]) => {
      return [name, this.#collections.has(name) ? table : { ...table, rows: [] }] as const;
    });
    return await measure(terms, Object.fromEntries(tables), sandbox);
  }
}

/** Gives a person a vault. */
export function createResident(person: Person, schemas: Schemas, budget: BudgetPolicy): Resident {
  return new TownResident(person, schemas, budget);
}
