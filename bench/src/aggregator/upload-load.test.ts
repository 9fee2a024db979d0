/** The hand-written load against a real listener: every report arrives once, a refusal is an error. */
import { listen, readBody } from "@sumus/http";
import { expect, test } from "vitest";
import { uploadAll } from "./upload-load.ts";

const PLACE = { hostname: "127.0.0.1", port: 0 };
const bodies = Array.from({ length: 100 }, (_, index) =>
  new Uint8Array(1 + index * 700).fill(index),
);

test("each body arrives once, whole, over a few connections", async () => {
  const lengths: number[] = [];
  const listener = await listen(async (request) => {
    const body = await readBody(request, 1_000_000);
    expect(body.every((byte) => byte === body[0])).toBe(true);
    lengths.push(body.length);
    return new Response(null);
  }, PLACE);
  await uploadAll({ url: listener.url, path: "/x", mediaType: "a/b" }, bodies, 7);
  await listener.close();
  expect(lengths.toSorted((a, b) => a - b)).toEqual(bodies.map(({ length }) => length));
});

test.each([
  ["another status", () => new Response(null, { status: 429 })],
  ["refused reports", () => new Response(new Uint8Array(17))],
])("%s end it", async (_, answer) => {
  const listener = await listen(async (request) => {
    await readBody(request, 1_000_000);
    return answer();
  }, PLACE);
  const target = { url: listener.url, path: "/x", mediaType: "a/b" };
  await expect(uploadAll(target, bodies, 3)).rejects.toThrow("expected an empty 200");
  await listener.close();
});
