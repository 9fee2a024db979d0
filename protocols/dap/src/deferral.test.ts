import { assert as check, property, string } from "fast-check";
import { expect, test } from "vitest";
import { readResourceAnswer } from "./deferral.ts";
import { DapPeerError } from "./peer-error.ts";
import { resourcePath } from "./resource.ts";

const taskId = new Uint8Array(32).fill(5);
const collection = { kind: "aggregationJobs", taskId } as const;
const parent = resourcePath(collection);

function read(headers: Record<string, string>, body = new Uint8Array()) {
  const get = (name: string) => headers[name] ?? null;
  return readResourceAnswer(collection, { headers: { get }, body });
}

test("a body is the resource, no body a promise", () => {
  expect(read({}, Uint8Array.of(1)).body).toEqual(Uint8Array.of(1));
  expect(read({ "retry-after": "300" })).toEqual({
    body: undefined,
    path: undefined,
    retryAfterSeconds: 300,
  });
  for (const unread of ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1e9", "123456", ""]) {
    expect(read({ "retry-after": unread }).retryAfterSeconds).toBeUndefined();
  }
});

test("a Location may be absolute, below a path, or relative to the endpoint; its query goes", () => {
  for (const before of ["https://helper.example/api", "/helper", ""]) {
    for (const query of ["", "?step=0", "#here"]) {
      const { path } = read({ location: `${before}${parent}/lc7aUeGpdSNosNlh-UZhKA${query}` });
      expect(path).toBe(`${parent}/lc7aUeGpdSNosNlh-UZhKA`);
    }
  }
});

test("a Location of anything else is refused: nothing but the endpoint is ever asked", () => {
  const others = [
    "https://elsewhere.example/",
    parent,
    `${parent}/`,
    `${parent}/a/b`,
    `${parent}/..`,
    `${parent}/a%2Fb`,
    `${parent}/${"a".repeat(129)}`,
    resourcePath({ kind: "aggregateShares", taskId, id: new Uint8Array(16) }),
    resourcePath({ ...collection, taskId: new Uint8Array(32), id: new Uint8Array(16) }),
  ];
  for (const location of others) {
    expect(() => read({ location })).toThrow(DapPeerError);
  }
  check(
    property(string(), (tail) => {
      const headers = { get: (name: string) => (name === "location" ? `${parent}/${tail}` : null) };
      try {
        const { path } = readResourceAnswer(collection, { headers, body: new Uint8Array() });
        expect(path?.slice(parent.length)).toMatch(/^\/[A-Za-z0-9_-]{1,128}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(DapPeerError);
      }
    }),
  );
});
