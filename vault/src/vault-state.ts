/**
 * A vault's state as text, to be stored or moved to another device. It holds everything, in clear:
 * whoever stores it encrypts it.
 *
 * @module
 */
import { decodeBase64, encodeBase64 } from "@sumus/bytes";
import type { BudgetPolicy, ConsentRule, Ledger, LedgerEntry } from "@sumus/consent";
import type { CellValue } from "@sumus/sandbox";
import type { Collection } from "./collection.ts";
import type { JournalEntry } from "./journal.ts";
import {
  fields,
  finite,
  list,
  nullable,
  oneOf,
  optional,
  type Reader,
  recordOf,
  text,
  VaultStateError,
} from "./state-reader.ts";
import type { StoredContribution, VaultState } from "./vault.ts";

const FORMAT = "sumus vault 1";

export function encodeVaultState(state: VaultState): string {
  const contributions = state.contributions.map(({ reports, ...rest }) => {
    return { ...rest, reports: reports.map(encodeBase64) };
  });
  return JSON.stringify({ format: FORMAT, ...state, contributions });
}

/** @throws {VaultStateError} when the text is not a state of this version */
export function decodeVaultState(json: string): VaultState {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new VaultStateError("$", "JSON", "something else", { cause });
  }
  const { format: _, ...state } = readState(value, "$");
  return state;
}

const cell: Reader<CellValue> = (value, path) => {
  if (value === null || typeof value === "string") return value;
  return finite(value, path);
};

const bytes: Reader<Uint8Array> = (value, path) => {
  try {
    return decodeBase64(text(value, path));
  } catch (cause) {
    if (cause instanceof VaultStateError) throw cause;
    throw new VaultStateError(path, "base64", "another text", { cause });
  }
};

const readCollection: Reader<Collection> = fields({
  name: text,
  personColumn: nullable(text),
  columns: list(fields({ name: text, type: oneOf("INTEGER", "REAL", "TEXT") })),
  rows: list(list(cell)),
});

const all: Reader<"*"> = oneOf("*");
const columnsRead: Reader<readonly string[] | "*"> = (value, path) =>
  value === "*" ? all(value, path) : list(text)(value, path);

const scope = {
  name: text,
  studies: optional(list(text)),
  commissioners: optional(list(text)),
  purposes: optional(list(text)),
  reads: optional(recordOf(columnsRead)),
} as const;
const readDenying = fields({ ...scope, effect: oneOf("deny") });
const readAllowing = fields({
  ...scope,
  effect: oneOf("allow", "ask"),
  tells: optional(recordOf(columnsRead)),
  epsilonMax: optional(finite),
  peopleMin: optional(finite),
});
const readRule: Reader<ConsentRule> = (value, path) => {
  const denies = typeof value === "object" && value !== null && "effect" in value;
  return denies && value.effect === "deny" ? readDenying(value, path) : readAllowing(value, path);
};

const readPolicy: Reader<BudgetPolicy> = fields({
  periodSeconds: finite,
  totalRho: finite,
  collectionRho: recordOf(finite),
  otherRho: finite,
});
const readLedgerEntry: Reader<LedgerEntry> = fields({
  study: text,
  chargedSeconds: finite,
  nanoRho: finite,
  collections: list(text),
  state: oneOf("charged", "released", "refunded"),
});
const readLedger: Reader<Ledger> = fields({ policy: readPolicy, entries: list(readLedgerEntry) });

const readContribution: Reader<StoredContribution> = fields({
  study: text,
  title: text,
  preparedSeconds: finite,
  rho: finite,
  nodes: optional(fields({ leader: text, helper: text })),
  state: oneOf("prepared", "sent", "cancelled"),
  reports: list(bytes),
});

const readJournalEntry: Reader<JournalEntry> = fields({
  timeSeconds: finite,
  event: oneOf("declined", "prepared", "sent", "refunded", "released", "ruled"),
  study: nullable(text),
  title: nullable(text),
  reason: text,
  reports: finite,
  bytes: finite,
  rho: finite,
});

const readState: Reader<VaultState & { readonly format: string }> = fields({
  format: oneOf(FORMAT),
  owner: text,
  collections: list(readCollection),
  rules: list(readRule),
  ledger: readLedger,
  contributions: list(readContribution),
  journal: list(readJournalEntry),
});
