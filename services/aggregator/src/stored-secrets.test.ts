/** Secrets at rest: what whoever has the database finds, and what a node without the key says. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBase64url, Secret } from "@sumus/bytes";
import { cryptoRandomBytes, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import { decodeHpkeConfigList } from "@sumus/dap/messages";
import { openStore, SealError, type Store, type StoreKeys } from "@sumus/storage";
import { ManualClock } from "@sumus/time";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import { AGGREGATOR_MIGRATIONS } from "./store/schema.ts";
import {
  ask,
  createClient,
  createTrial,
  firstTask,
  OPERATOR_TOKEN,
  openStores,
  openStudy,
  START_SECONDS,
  STORE_KINDS,
  type Stores,
  settle,
  startNode,
  statusOf,
  upload,
} from "./testing.ts";
import { createTask, createTaskTrial } from "./testing-task.ts";

const key = (byte: number): Secret<Uint8Array> => new Secret(new Uint8Array(32).fill(byte));
const keys = (current: number, ...others: number[]): StoreKeys => ({
  current: key(current),
  others: others.map(key),
});

const TASK_SECRETS = {
  verifyKey: encodeBase64url(new Uint8Array(32).fill(201)),
  peerToken: "a-token-that-both-operators-agreed-on",
  collectorToken: "a-token-for-collectors-of-this-task",
};

/** Everything that stands in the columns of secrets. */
async function stored(store: Store): Promise<Buffer[]> {
  const rows = await store.transaction("look", (transaction) =>
    transaction.query<{ value: Uint8Array }>(
      `SELECT private_key AS value FROM hpke_keys
       UNION ALL SELECT secrets FROM tasks WHERE secrets IS NOT NULL`,
    ),
  );
  return rows.map(({ value }) => Buffer.from(value));
}

describe.each(STORE_KINDS)("on %s", (kind) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test("secrets come under the store key, follow its rotation, and open without the old", async () => {
    const trial = createTrial();
    const { clock } = trial;
    const helper = await startNode("helper", stores.helper, { clock });
    const start = (storeKeys?: StoreKeys): Promise<Aggregator> =>
      startNode("leader", stores.leader, {
        clock,
        peerFetch: helper.fetch,
        ...(storeKeys && { storeKeys }),
      });
    const plain = await start();
    for (const node of [plain, helper]) await openStudy(node, trial);
    const own = createTaskTrial();
    await createTask(plain, own, TASK_SECRETS);
    const report = await createClient(trial, plain, helper);
    await upload(plain, firstTask(trial), [report(0)]);
    const before = await stored(stores.leader);
    expect(before).toHaveLength(2);
    expect(before.every((value) => value[0] === 0)).toBe(true);
    expect(before.some((value) => value.includes(TASK_SECRETS.peerToken))).toBe(true);

    for (const storeKeys of [keys(1), keys(2, 1), keys(2)]) {
      const node = await start(storeKeys);
      const after = await stored(stores.leader);
      expect(after).toHaveLength(2);
      expect(after.every((value) => value[0] === 1)).toBe(true);
      for (const secret of [...Object.values(TASK_SECRETS), ...before.map((v) => v.subarray(1))]) {
        expect(after.some((value) => value.includes(secret))).toBe(false);
      }
      await upload(node, firstTask(trial), [report(1)]);
      // The task is the same still, also by its secrets.
      await createTask(node, own, TASK_SECRETS);
    }
    const node = await start(keys(2));
    await ask(node, "POST", "/hpke_keys", { token: OPERATOR_TOKEN });
    expect((await stored(stores.leader)).map((value) => value[0])).toEqual([1, 1, 1]);
    await settle(node, clock);
    expect(await statusOf(node, trial)).toMatchObject({ people: 4 });
    const ready = await node.operatorFetch(new Request("http://127.0.0.1/ready"));
    expect(await ready.json()).toMatchObject({ ready: true, secrets: "sealed" });

    for (const storeKeys of [undefined, keys(1), keys(3, 1)]) {
      const error = await start(storeKeys).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(SealError);
      expect(error).toMatchObject({ code: "unknownKey" });
      expect(String(error)).toMatch(/expected the store key [0-9a-f]{16}, which a secret in /);
    }
    expect((await stored(stores.leader)).map((value) => value[0])).toEqual([1, 1, 1]);
  });
});

test("a node of before keeps its HPKE key, and it comes under the store key", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sumus-sealing-"));
  try {
    const sealing = AGGREGATOR_MIGRATIONS.findIndex(({ name }) =>
      name.startsWith("secrets sealed"),
    );
    const pair = hpkeGenerateKeyPair(hpkeSuite(0x0020, 0x0001, 0x0001), cryptoRandomBytes);
    const old = await openStore(folder, AGGREGATOR_MIGRATIONS.slice(0, sealing));
    await old.transaction("create HPKE key", (transaction) =>
      transaction.query("INSERT INTO hpke_keys VALUES (77, 32, 1, 1, $1, 0)", [
        pair.privateKey.reveal(),
      ]),
    );
    await old.close();
    const store = await openStore(folder, AGGREGATOR_MIGRATIONS);
    const clock = new ManualClock(START_SECONDS);
    const node = await startNode("helper", store, { clock, storeKeys: keys(1) });
    const response = await ask(node, "GET", { kind: "hpkeConfig" });
    const [config] = decodeHpkeConfigList(new Uint8Array(await response.arrayBuffer()));
    expect(config).toMatchObject({ id: 77, publicKey: pair.publicKey.bytes });
    expect((await stored(store)).map((value) => value[0])).toEqual([1]);
    await store.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
