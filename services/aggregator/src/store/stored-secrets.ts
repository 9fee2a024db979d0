/**
 * The columns that hold secrets, and how they come under the node's present store key: when it gets
 * its first key, and when that is rotated.
 *
 * @module
 */
import type { SealedPlace, Sealer, Store } from "@sumus/storage";

/** Values that one transaction seals anew. */
const VALUES_MAX = 100;

/** A column, and its row's key in words, as SQL writes it. */
interface SecretColumn {
  readonly table: string;
  readonly column: string;
  readonly row: string;
}

const SECRET_COLUMNS: readonly SecretColumn[] = [
  { table: "hpke_keys", column: "private_key", row: "config_id::text" },
  { table: "tasks", column: "secrets", row: "encode(id, 'hex')" },
];

/** Where the private key of an HPKE configuration stands. */
export function hpkeKeyPlace(configId: number): SealedPlace {
  return { table: "hpke_keys", column: "private_key", row: String(configId) };
}

/** Where the secrets of a task stand. */
export function taskSecretsPlace(taskId: string): SealedPlace {
  return { table: "tasks", column: "secrets", row: taskId };
}

/**
 * Seals under the present key whatever is not. Replicas may do it at the same time.
 *
 * @returns how many values that were
 * @throws {SealError} when one was sealed under a key that this node was not given
 */
export async function sealStoredSecrets(store: Store, sealer: Sealer): Promise<number> {
  let count = 0;
  for (const column of SECRET_COLUMNS) {
    for (;;) {
      const sealed = await sealSome(store, sealer, column);
      count += sealed;
      if (sealed < VALUES_MAX) break;
    }
  }
  return count;
}

function sealSome(
  store: Store,
  sealer: Sealer,
  { table, column, row }: SecretColumn,
): Promise<number> {
  const { prefix } = sealer;
  return store.transaction("seal secrets", async (transaction) => {
    const stale = await transaction.query<{ row: string; value: Uint8Array }>(
      `SELECT ${row} AS row, ${column} AS value FROM ${table}
       WHERE ${column} IS NOT NULL AND substring(${column} FROM 1 FOR $1::integer) <> $2
       ORDER BY 1 LIMIT $3 FOR UPDATE`,
      [prefix.length, prefix, VALUES_MAX],
    );
    for (const each of stale) {
      const place = { table, column, row: each.row };
      await transaction.query(`UPDATE ${table} SET ${column} = $2 WHERE ${row} = $1`, [
        each.row,
        sealer.seal(place, sealer.open(place, each.value)),
      ]);
    }
    return stale.length;
  });
}
