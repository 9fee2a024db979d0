/**
 * The person's side: collections and their import, and the vault that decides, charges and
 * contributes.
 *
 * @module
 */
export {
  type Collection,
  CollectionError,
  type Column,
  type Row,
  splitByPerson,
  type Table,
} from "./collection.ts";
export type { ContributionContext } from "./contribute.ts";
export { type CsvImport, type CsvImportOptions, importCsv, type RowProblem } from "./import-csv.ts";
export type { JournalEntry, JournalEvent } from "./journal.ts";
export type { MapRunner } from "./measure.ts";
export { VaultStateError } from "./state-reader.ts";
export type { NodesSay, StudyFate } from "./study-fate.ts";
export { type OpenedTerms, openStudyTerms, type StudyTerms, studyTerms } from "./study-terms.ts";
export {
  type Consideration,
  type Contribution,
  createVault,
  type Preview,
  restoreVault,
  type StoredContribution,
  type Vault,
  type VaultOptions,
  type VaultState,
} from "./vault.ts";
export { decodeVaultState, encodeVaultState } from "./vault-state.ts";
