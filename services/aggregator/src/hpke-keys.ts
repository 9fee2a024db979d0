import { hpkeGenerateKeyPair, hpkeImportKeyPair, hpkeSuite } from "@sumus/crypto";
import { createHpkeKeys, type HpkeKeys } from "@sumus/dap";
import type { Store } from "@sumus/storage";
import type { RandomBytes } from "@sumus/time";
import { insertHpkeKey, lockHpkeKeys, selectHpkeKeys } from "./store/hpke-keys.ts";

/** DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM: what every client can do. */
const SUITE = hpkeSuite(0x0020, 0x0001, 0x0001);

/** This node's key pairs for clients, from the store; the first start, of whichever replica, makes one. */
export async function loadHpkeKeys(store: Store, randomBytes: RandomBytes): Promise<HpkeKeys> {
  // Why: a random id tells clients of a node that was set up anew that their copy is outdated.
  const configId = randomBytes(1)[0] ?? 0;
  const privateKey = hpkeGenerateKeyPair(SUITE, randomBytes).privateKey.reveal();
  const rows = await store.transaction("create HPKE key", async (transaction) => {
    await lockHpkeKeys(transaction);
    const existing = await selectHpkeKeys(transaction);
    if (existing.length > 0) return existing;
    await insertHpkeKey(transaction, { configId, ...SUITE, privateKey });
    return selectHpkeKeys(transaction);
  });
  return createHpkeKeys(
    rows.map((row) => ({
      id: row.configId,
      keyPair: hpkeImportKeyPair(hpkeSuite(row.kemId, row.kdfId, row.aeadId), row.privateKey),
    })),
  );
}
