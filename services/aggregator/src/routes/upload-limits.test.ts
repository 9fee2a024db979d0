import { concat } from "@sumus/bytes";
import { resourcePath } from "@sumus/dap";
import { mediaType } from "@sumus/dap/messages";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createScene,
  firstTask,
  openStores,
  type Scene,
  type Stores,
  startNode,
} from "../testing.ts";
import type { UploadRates } from "./upload-limits.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** A leader with these rates, and what it answers to reports from an address. */
async function leaderWith(uploadRates: UploadRates): Promise<{
  scene: Scene;
  send: (count: number, address: string, headers?: Record<string, string>) => Promise<Response>;
  ask: (path: string, address: string) => Promise<Response>;
}> {
  const scene = await createScene(stores);
  const { trial, helper, report } = scene;
  const leader = await startNode("leader", stores.leader, {
    clock: trial.clock,
    peerFetch: helper.fetch,
    uploadRates,
  });
  const path = resourcePath({ kind: "reports", taskId: firstTask(trial).id });
  return {
    scene,
    async ask(path, address) {
      return await leader.fetch(new Request(`http://leader${path}`), { address });
    },
    async send(count, address, headers = {}) {
      const body = concat(...Array.from({ length: count }, () => report(0)));
      const request = new Request(`http://leader${path}`, {
        method: "POST",
        headers: { "content-type": mediaType("upload-req"), ...headers },
        body,
      });
      return await leader.fetch(request, { address });
    },
  };
}

const PLENTY = 1_000_000;

test("an address that sends too much is told when to come back, and others are not", async () => {
  const { scene, send } = await leaderWith({
    reportsPerSecondPerAddress: 1,
    reportsPerSecondPerTask: PLENTY,
    addressHeader: undefined,
  });
  expect((await send(23, "192.0.2.1")).status).toBe(200);
  const refused = await send(1, "192.0.2.1");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "4"]);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("again in 4 s") });
  // A header that nobody was told to trust changes nothing.
  expect((await send(1, "192.0.2.1", { "x-forwarded-for": "192.0.2.9" })).status).toBe(429);
  expect((await send(1, "192.0.2.2")).status).toBe(200);
  scene.trial.clock.advance(4);
  expect((await send(1, "192.0.2.1")).status).toBe(200);
  expect((await send(1, "192.0.2.1")).status).toBe(429);
});

test("whoever has a whole IPv6 network has one rate, for whatever he asks", async () => {
  const { send, ask } = await leaderWith({
    reportsPerSecondPerAddress: 1,
    reportsPerSecondPerTask: PLENTY,
    addressHeader: undefined,
  });
  expect((await send(18, "2001:db8:1:2::1")).status).toBe(200);
  expect((await ask("/studies", "2001:db8:1:2:ffff::1")).status).toBe(200);
  expect((await ask("/hpke_config", "2001:db8:1:2:8::8")).status).toBe(200);
  expect((await ask("/hpke_config", "2001:db8:1:2:9::9")).status).toBe(429);
  expect((await send(1, "2001:db8:1:2:3:4:5:6")).status).toBe(429);
  expect((await ask("/hpke_config", "2001:db8:1:3::1")).status).toBe(200);
});

test("behind a proxy the last entry of its header is the address", async () => {
  const { send } = await leaderWith({
    reportsPerSecondPerAddress: 1,
    reportsPerSecondPerTask: PLENTY,
    addressHeader: "x-forwarded-for",
  });
  const from = (entries: string) => send(20, "127.0.0.1", { "x-forwarded-for": entries });
  expect((await from("192.0.2.1")).status).toBe(200);
  expect((await from("203.0.113.5, 192.0.2.1")).status).toBe(429);
  expect((await from("192.0.2.1, 203.0.113.5")).status).toBe(200);
});

test("a task has a rate of its own, whoever sends", async () => {
  const { send } = await leaderWith({
    reportsPerSecondPerAddress: PLENTY,
    reportsPerSecondPerTask: 1,
    addressHeader: undefined,
  });
  expect((await send(20, "192.0.2.1")).status).toBe(200);
  const refused = await send(1, "192.0.2.2");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
});
