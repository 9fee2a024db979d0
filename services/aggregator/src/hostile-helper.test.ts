/**
 * A helper that is hostile as a machine: over a real socket it stays silent, drips, floods, breaks off,
 * speaks no HTTP, or damages its answers anywhere. It costs time, and never a report.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createRawServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import type { Fetch } from "@sumus/http";
import { createLogger } from "@sumus/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exactSums, openStores, type Stores, settle, startNode, upload } from "./testing.ts";
import { createTask, createTaskClient, createTaskTrial } from "./testing-task.ts";

/** How long the leader waits here for an answer. */
const PATIENCE_MS = 300;
const MEGABYTE = 2 ** 20;

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** What a leader of two reports counts when its helper is not honest before `calm`. */
async function survive(
  between: (helper: Fetch) => Fetch,
): Promise<{ counts: bigint[]; reportCounts: [number, number]; log: string }> {
  const trial = createTaskTrial();
  const { clock, task } = trial;
  let log = "";
  const helper = await startNode("helper", stores.helper, { clock });
  const leader = await startNode("leader", stores.leader, {
    clock,
    peerFetch: between(helper.fetch),
    peerTimeoutMs: PATIENCE_MS,
    log: createLogger({
      level: "warn",
      write: (line) => {
        log += line;
      },
    }),
  });
  for (const node of [leader, helper]) await createTask(node, trial);
  const report = await createTaskClient(trial, leader, helper);
  expect(await upload(leader, task, [report(0), report(1)])).toEqual([]);
  await settle(leader, clock);
  return { ...(await exactSums(task, stores)), log };
}

/** Twice something else, as the leader tries a request, then the honest helper. */
function atFirst(hostile: Fetch): (helper: Fetch) => Fetch {
  return (helper) => {
    let times = 2;
    return (request) => (times-- > 0 ? hostile(request) : helper(request));
  };
}

/** Sends requests to another place. */
function over(server: Server | ReturnType<typeof createRawServer>): Fetch {
  const { port } = server.address() as AddressInfo;
  return async (request) => {
    const { pathname } = new URL(request.url);
    const { method, headers, signal } = request;
    const body = new Uint8Array(await request.arrayBuffer());
    const url = `http://127.0.0.1:${port}${pathname}`;
    return await fetch(url, { method, headers, body, signal, redirect: "error" });
  };
}

const type = { "content-type": "application/ppm-dap;message=aggregation-job-resp" };

const ANSWERS: readonly (readonly [
  string,
  (request: IncomingMessage, to: ServerResponse) => void,
])[] = [
  ["says nothing", () => {}],
  ["sends a head and nothing else", (_, to) => to.writeHead(200, type).flushHeaders()],
  [
    "drips a byte at a time",
    (_, to) => {
      to.writeHead(200, type);
      const timer = setInterval(() => to.write("a"), 20);
      to.on("close", () => clearInterval(timer));
    },
  ],
  [
    "floods",
    (_, to) => {
      to.writeHead(200, type);
      const chunk = Buffer.alloc(MEGABYTE);
      const pour = (): void => {
        while (!to.destroyed && to.write(chunk));
        to.once("drain", pour);
      };
      pour();
    },
  ],
  [
    "breaks off in the middle",
    (_, to) => {
      to.writeHead(200, { ...type, "content-length": "1000" });
      to.write("half", () => to.destroy());
    },
  ],
  [
    "sends a bomb",
    (_, to) => {
      to.writeHead(200, { ...type, "content-encoding": "gzip" });
      to.end(gzipSync(Buffer.alloc(100 * MEGABYTE)));
    },
  ],
  ["sends us elsewhere", (_, to) => to.writeHead(307, { location: "http://127.0.0.1:9/" }).end()],
  ["answers with a page", (_, to) => to.writeHead(502).end("<h1>Bad gateway</h1>")],
  ["answers with nothing", (_, to) => to.writeHead(204).end()],
  [
    "promises an answer in ten thousand years",
    (_, to) => to.writeHead(503, { "retry-after": "315360000000" }).end(),
  ],
];

describe("a helper that for a while", () => {
  test.each(ANSWERS)("%s costs no report", async (_, answer) => {
    const server = createServer((request, to) => {
      request.resume();
      request.on("end", () => answer(request, to));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { counts, reportCounts } = await survive(atFirst(over(server)));
    server.closeAllConnections();
    server.close();
    expect(reportCounts).toEqual([2, 2]);
    expect(counts.slice(0, 3)).toEqual([1n, 1n, 0n]);
  });

  test("speaks no HTTP costs no report", async () => {
    const sockets = new Set<Socket>();
    const server = createRawServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.end("220 mail.example ESMTP\r\n\r\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { reportCounts } = await survive(atFirst(over(server)));
    for (const socket of sockets) socket.destroy();
    server.close();
    expect(reportCounts).toEqual([2, 2]);
  });
});

describe("an answer that is damaged", () => {
  /** The helper's first answer with something done to it, then honest ones. */
  const damaged =
    (damage: (body: Uint8Array) => Uint8Array) =>
    (helper: Fetch): Fetch => {
      let times = 1;
      return async (request) => {
        const response = await helper(request);
        if (times-- <= 0) return response;
        const body = new Uint8Array(await response.arrayBuffer());
        return new Response(new Uint8Array(damage(body)), response);
      };
    };

  test("in its length is asked for again", async () => {
    for (const part of [0.1, 0.5, 0.9, 0.99]) {
      const cut = damaged((body) => body.subarray(0, Math.floor(body.length * part)));
      expect((await survive(cut)).reportCounts).toEqual([2, 2]);
    }
    const longer = damaged((body) => Uint8Array.from([...body, 0]));
    expect((await survive(longer)).reportCounts).toEqual([2, 2]);
  });

  test("in a byte makes the leader count nothing twice, and never fail", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const { counts, reportCounts, log } = await survive(
          damaged((body) =>
            body.map((byte, at) => (at === place % body.length ? byte ^ change : byte)),
          ),
        );
        expect(log).not.toMatch(/this node failed|a job step failed/);
        // The helper has counted both; where its word is not understood the leader drops a report,
        // and the batch will not match.
        expect(reportCounts[0]).toBeLessThanOrEqual(2);
        expect(reportCounts[1]).toBe(2);
        if (reportCounts[0] === 2) expect(counts.slice(0, 3)).toEqual([1n, 1n, 0n]);
      }),
      { numRuns: 25 },
    );
  });
});
