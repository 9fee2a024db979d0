import type { Transaction } from "@sumus/storage";

/** An HPKE key pair that clients seal to. */
export interface HpkeKeyRow {
  readonly configId: number;
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  /** Sealed. */
  readonly privateKey: Uint8Array;
  /** From when on clients are given it, in seconds since 1970. */
  readonly advertisedAt: number;
}

/** Keeps other replicas from changing keys until this transaction ends; its first statement. */
export async function lockHpkeKeys(transaction: Transaction): Promise<void> {
  await transaction.query("LOCK TABLE hpke_keys IN SHARE ROW EXCLUSIVE MODE");
}

/** The newest first. */
export function selectHpkeKeys(transaction: Transaction): Promise<HpkeKeyRow[]> {
  return transaction.query<HpkeKeyRow>(
    `SELECT config_id AS "configId", kem_id AS "kemId", kdf_id AS "kdfId", aead_id AS "aeadId",
       private_key AS "privateKey", advertised_at AS "advertisedAt"
     FROM hpke_keys ORDER BY advertised_at DESC, config_id DESC`,
  );
}

export async function insertHpkeKey(transaction: Transaction, key: HpkeKeyRow): Promise<void> {
  await transaction.query(
    `INSERT INTO hpke_keys (config_id, kem_id, kdf_id, aead_id, private_key, advertised_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [key.configId, key.kemId, key.kdfId, key.aeadId, key.privateKey, key.advertisedAt],
  );
}

/** Deletes the keys that no pending report is sealed to; returns those that are gone. */
export async function deleteUnusedHpkeKeys(
  transaction: Transaction,
  configIds: readonly number[],
): Promise<number[]> {
  const rows = await transaction.query<{ configId: number }>(
    `DELETE FROM hpke_keys WHERE config_id = ANY($1::smallint[]) AND NOT EXISTS (
       SELECT 1 FROM pending_reports
       WHERE pending_reports.config_id IS NULL OR pending_reports.config_id = hpke_keys.config_id
     ) RETURNING config_id AS "configId"`,
    [configIds],
  );
  return rows.map(({ configId }) => configId);
}
