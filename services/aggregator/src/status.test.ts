/** A crowd that waits costs those who look no more than a few. */

import { cryptoRandomBytes } from "@sumus/crypto";
import type { Transaction } from "@sumus/storage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PENDING_COUNTED_MAX, PENDING_MEASURED_MAX } from "./limits.ts";
import { createScene, openStores, type Stores, statusOf } from "./testing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** As many as if so many people had uploaded. */
async function crowd(transaction: Transaction, count: number): Promise<void> {
  await transaction.query(
    `INSERT INTO pending_reports (task, bucket, report_id, config_id, report)
     SELECT (SELECT max(number) FROM tasks), 0, $2::bytea || int4send(n), 0, ''
     FROM generate_series(1, $1::integer) AS n`,
    [count, cryptoRandomBytes(12)],
  );
}

test("reports that wait are counted up to a bound, which is said", async () => {
  const { leader, trial } = await createScene(stores);
  const add = (count: number) =>
    stores.leader.transaction("crowd", (transaction) => crowd(transaction, count));
  const metric = async (): Promise<string> => {
    const response = await leader.operatorFetch(new Request("http://127.0.0.1/metrics"));
    return /^sumus_pending_reports \d+$/m.exec(await response.text())?.[0] ?? "none";
  };
  await add(PENDING_COUNTED_MAX - 1);
  expect(await statusOf(leader, trial)).toMatchObject({
    status: "0 of 2 people so far; 9999 reports are being verified",
    tasks: [{ pending: 9999 }],
  });
  await add(2);
  expect(await statusOf(leader, trial)).toMatchObject({
    status: "0 of 2 people so far; 10000 or more reports are being verified",
    tasks: [{ pending: PENDING_COUNTED_MAX }],
  });
  expect(await metric()).toBe("sumus_pending_reports 10001");
  await add(PENDING_MEASURED_MAX);
  expect(await metric()).toBe(`sumus_pending_reports ${PENDING_MEASURED_MAX}`);
});
