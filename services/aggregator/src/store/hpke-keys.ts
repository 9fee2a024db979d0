import type { Transaction } from "@sumus/storage";

/** An HPKE key pair that clients seal to. */
export interface HpkeKeyRow {
  readonly configId: number;
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  readonly privateKey: Uint8Array;
}

/** Keeps other replicas from making keys until this transaction ends; its first statement. */
export async function lockHpkeKeys(transaction: Transaction): Promise<void> {
  await transaction.query("LOCK TABLE hpke_keys IN SHARE ROW EXCLUSIVE MODE");
}

/** The newest first. */
export function selectHpkeKeys(transaction: Transaction): Promise<HpkeKeyRow[]> {
  return transaction.query<HpkeKeyRow>(
    `SELECT config_id AS "configId", kem_id AS "kemId", kdf_id AS "kdfId", aead_id AS "aeadId",
       private_key AS "privateKey"
     FROM hpke_keys ORDER BY config_id DESC`,
  );
}

export async function insertHpkeKey(transaction: Transaction, key: HpkeKeyRow): Promise<void> {
  await transaction.query(
    `INSERT INTO hpke_keys (config_id, kem_id, kdf_id, aead_id, private_key)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [key.configId, key.kemId, key.kdfId, key.aeadId, key.privateKey],
  );
}
