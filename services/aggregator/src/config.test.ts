import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { encodeBase64url } from "@sumus/bytes";
import { afterAll, expect, test } from "vitest";
import { readNodeConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "sumus-node-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = encodeBase64url(new Uint8Array(32).fill(7));
const LEADER = {
  role: "leader",
  listen: { hostname: "127.0.0.1", port: 0 },
  folder: "/tmp/leader",
  nodeKey: KEY,
  operatorToken: "operator-token-1",
  peerToken: "peer-token-12345",
  collectorToken: "collector-token-",
  peer: { url: "http://127.0.0.1:9000/", publicKey: KEY },
};

function read(document: object): ReturnType<typeof readNodeConfig> {
  const path = join(folder, "node.json");
  writeFileSync(path, JSON.stringify(document));
  return readNodeConfig(path);
}

test("reads a leader's and a helper's configuration", () => {
  const leader = read(LEADER);
  expect(leader.peerUrl).toBe("http://127.0.0.1:9000");
  expect(leader.keys.own.reveal()).toEqual(new Uint8Array(32).fill(7));
  expect(leader.tokens.collector?.reveal()).toBe("collector-token-");
  expect(leader.workers).toBe(availableParallelism() - 1);
  expect(read({ ...LEADER, workers: 0 }).workers).toBe(0);
  expect(inspect(leader, { depth: 9 })).not.toMatch(/token-/);
  const { collectorToken: _, ...helper } = { ...LEADER, role: "helper", peer: { publicKey: KEY } };
  expect(read(helper)).toMatchObject({ role: "helper", peerUrl: undefined, logLevel: "info" });
});

test("reads where the state is kept, and never says the database's password", () => {
  expect(read(LEADER).store).toEqual({ kind: "folder", folder: "/tmp/leader" });
  const { folder: _, ...leader } = LEADER;
  const url = "postgres://sumus:pa55word@db.example/leader";
  const inline = read({ ...leader, store: { postgres: url } });
  writeFileSync(join(folder, "url"), `${url}\n`);
  const fromFile = read({ ...leader, store: { postgresFile: join(folder, "url") } });
  for (const { store } of [inline, fromFile]) {
    expect(store.kind === "postgres" && store.url.reveal()).toBe(url);
    expect(inspect(store, { depth: 9 })).not.toContain("pa55word");
  }
  expect(() => read({ ...leader, store: { postgres: "pa55word@db" } })).toThrow(
    /^store\.postgres: expected a URL such as \S+, got another text$/,
  );
  expect(() => read({ ...LEADER, store: { postgres: url } })).toThrow(
    /^folder: expected no such field/,
  );
});

test("reads store keys, several old ones at once, and when HPKE keys come and go", () => {
  expect(read(LEADER).storeKeys).toEqual({ current: undefined, others: [] });
  const other = encodeBase64url(new Uint8Array(32).fill(8));
  const { storeKeys } = read({ ...LEADER, storeKey: KEY, oldStoreKeys: `${other}\n ${KEY}` });
  expect(storeKeys.current?.reveal()).toEqual(new Uint8Array(32).fill(7));
  expect(storeKeys.others.map((key) => key.reveal()[0])).toEqual([8, 7]);
  expect(inspect(storeKeys, { depth: 9 })).not.toContain("7, 7");
  expect(() => read({ ...LEADER, oldStoreKeys: KEY })).toThrow(
    /^oldStoreKeys: expected them beside a storeKey, got them alone$/,
  );
  expect(() => read({ ...LEADER, storeKey: "short" })).toThrow(
    /^storeKey: expected a store key: 32 bytes in base64url, got/,
  );
  expect(read(LEADER).hpkeKeys).toEqual({
    keepSeconds: 28 * 86_400,
    rotateAfterSeconds: undefined,
  });
  const hpkeKeys = { rotateAfterDays: 90, keepDays: 2 };
  expect(read({ ...LEADER, hpkeKeys }).hpkeKeys).toEqual({
    keepSeconds: 2 * 86_400,
    rotateAfterSeconds: 90 * 86_400,
  });
  // Less than twice the time for which clients may remember a key.
  expect(() => read({ ...LEADER, hpkeKeys: { keepDays: 1 } })).toThrow(/^hpkeKeys\.keepDays: /);
});

test("a process is named by its machine and port, unless it has a name of its own", () => {
  expect(read(LEADER).replica).toBeUndefined();
  const listen = { hostname: "127.0.0.1", port: 8080 };
  expect(read({ ...LEADER, listen }).replica).toMatch(/:8080$/);
  expect(read({ ...LEADER, listen, replica: "blue" }).replica).toBe("blue");
});

test("takes the role from elsewhere, and refuses another", () => {
  const path = join(folder, "role.yaml");
  const { role: _, ...rest } = LEADER;
  writeFileSync(path, JSON.stringify(rest));
  expect(readNodeConfig(path, "leader").role).toBe("leader");
  writeFileSync(path, JSON.stringify(LEADER, undefined, 2));
  expect(() => readNodeConfig(path, "helper")).toThrow('role: expected helper, got "leader"');
});

test.each([
  [{ role: "relay" }, 'role: expected leader or helper, got "relay"'],
  [
    { peer: { ...LEADER.peer, publicKey: "A".repeat(43) } },
    "peer.publicKey: expected the public key that the other organisation's node has, got the example's",
  ],
  [{ nodeKey: "AAAA" }, "nodeKey: expected an X25519 key: 32 bytes in base64url, got 3 bytes"],
  [{ nodeKey: "no key!" }, "nodeKey: expected an X25519 key"],
  [{ peerToken: "short" }, "peerToken: expected at least 16 printable ASCII characters"],
  [{ collectorToken: undefined }, "expected either collectorToken or collectorTokenFile"],
  [{ peer: { publicKey: KEY } }, "peer.url: expected a text, got nothing"],
  [{ workers: -1 }, "workers: expected a whole number from 0 to 256, got -1"],
  [{ listen: { hostname: "::1", port: -1 } }, "listen.port: expected a whole number from 0"],
  [{ colour: "blue" }, "colour: expected no such field"],
])("refuses %o", (change, message) => {
  expect(() => read({ ...LEADER, ...change })).toThrow(message);
});
