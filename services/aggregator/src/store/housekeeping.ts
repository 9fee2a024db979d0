/** Whose turn it is to keep house: one row, leased like a job. */
import type { Transaction } from "@sumus/storage";
import { LEASE_SECONDS } from "./lease.ts";

/** Takes the turn when it is due; tells whether this caller has it. */
export async function leaseHousekeeping(
  transaction: Transaction,
  lease: { readonly token: Uint8Array; readonly nowSeconds: number },
): Promise<boolean> {
  const rows = await transaction.query(
    `UPDATE housekeeping SET lease_token = $1, available_at = $2
     WHERE available_at <= $3 RETURNING is_only`,
    [lease.token, lease.nowSeconds + LEASE_SECONDS, lease.nowSeconds],
  );
  return rows.length > 0;
}

/** Gives the turn back; whoever took it over meanwhile keeps it. */
export async function finishHousekeeping(
  transaction: Transaction,
  token: Uint8Array,
  availableAt: number,
): Promise<void> {
  await transaction.query(
    "UPDATE housekeeping SET lease_token = NULL, available_at = $2 WHERE lease_token = $1",
    [token, availableAt],
  );
}
