/**
 * Populations and what their studies hold of their budgets. Whoever opens a study locks its population's row
 * first, so that two studies never take the same rho.
 *
 * @module
 */
import type { PopulationCharge } from "@sumus/consent";
import type { Transaction } from "@sumus/storage";

/** Returns whether it is new; another document takes the place of the one before. */
export async function upsertPopulation(
  transaction: Transaction,
  id: string,
  document: string,
): Promise<boolean> {
  const updated = await transaction.query(
    "UPDATE populations SET document = $2 WHERE id = $1 RETURNING id",
    [id, document],
  );
  if (updated.length > 0) return false;
  await transaction.query("INSERT INTO populations (id, document) VALUES ($1, $2)", [id, document]);
  return true;
}

/** Canonical JSON; undefined when the population is not registered. */
export async function selectPopulation(
  transaction: Transaction,
  id: string,
): Promise<string | undefined> {
  const [row] = await transaction.query<{ document: string }>(
    "SELECT document FROM populations WHERE id = $1",
    [id],
  );
  return row?.document;
}

/**
 * The same, and no other study of it is opened until this transaction ends. The first thing that a transaction
 * does: READ COMMITTED lets it see the studies that were opened while it waited.
 */
export async function lockPopulation(
  transaction: Transaction,
  id: string,
): Promise<string | undefined> {
  await transaction.query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
  const [row] = await transaction.query<{ document: string }>(
    "SELECT document FROM populations WHERE id = $1 FOR UPDATE",
    [id],
  );
  return row?.document;
}

export async function hasPopulations(transaction: Transaction): Promise<boolean> {
  const rows = await transaction.query("SELECT FROM populations LIMIT 1");
  return rows.length > 0;
}

/** Studies that were not cancelled, nor released before a time. */
export function selectCharges(
  transaction: Transaction,
  population: string,
  releasedAfterSeconds: number,
): Promise<PopulationCharge[]> {
  return transaction.query<PopulationCharge & object>(
    `SELECT encode(id, 'hex') AS study, nano_rho AS "nanoRho", released_at AS "releasedSeconds"
     FROM studies WHERE population = $1 AND cancelled_at IS NULL
       AND (released_at IS NULL OR released_at > $2)`,
    [population, releasedAfterSeconds],
  );
}
