/**
 * A listener and a client against those who mean ill, over real sockets: who drips, floods, smuggles
 * or lies gets little, and honest requests are answered meanwhile and afterwards.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { assert } from "@sumus/assert";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import {
  BodyBudget,
  BusyError,
  createHttpClient,
  type Fetch,
  type Listener,
  type ListenLimits,
  listen,
  ProblemError,
  plainProblem,
  problemResponse,
  readBody,
} from "./index.ts";

const BODY_BYTES_MAX = 1_000_000;
/** Longer than any limit of these tests, shorter than a test may take. */
const PATIENCE_MS = 4000;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** What a service saw of a request. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** A service that remembers what it was asked, with bounds on the bodies. */
async function serve(
  limits: Partial<ListenLimits> = {},
  answer: () => Promise<Response> = () => Promise.resolve(new Response("answer")),
): Promise<{ listener: Listener; seen: Seen[]; budget: BodyBudget }> {
  const seen: Seen[] = [];
  const budget = new BodyBudget(BODY_BYTES_MAX);
  const fetch: Fetch = async (request) => {
    try {
      const body = new TextDecoder().decode(await readBody(request, BODY_BYTES_MAX, budget));
      seen.push({ method: request.method, path: new URL(request.url).pathname, body });
      return await answer();
    } catch (error) {
      if (error instanceof ProblemError) return problemResponse(error.problem);
      if (error instanceof BusyError) {
        return problemResponse(plainProblem(503, "Busy", error.message));
      }
      throw error;
    }
  };
  const listener = await listen(fetch, { hostname: "127.0.0.1", port: 0 }, limits);
  closers.push(() => listener.close());
  return { listener, seen, budget };
}

/** A connection that says whatever it likes and writes down what it hears. */
class Stranger {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  heard = "";

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding("latin1").on("data", (text: string) => {
      this.heard += text;
    });
    this.socket.on("error", () => {});
    this.closed = new Promise((resolve) => this.socket.once("close", resolve));
    closers.push(async () => this.socket.destroy());
  }

  /** Says one byte after another, for ever. */
  drip(byte: string, everyMs = 20): void {
    const timer = setInterval(() => this.socket.write(byte), everyMs);
    this.socket.on("close", () => clearInterval(timer));
  }

  get statuses(): string[] {
    return [...this.heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = ""]) => status);
  }
}

async function expectHonestAnswer({ url }: Listener): Promise<void> {
  const response = await fetch(url, { method: "POST", body: "honest" });
  expect([response.status, await response.text()]).toEqual([200, "answer"]);
}

describe("who is slow", () => {
  const limits = { headersMsMax: 300, requestMsMax: 600, idleMsMax: 200, silentMsMax: 500 };

  test.each([
    ["a head without end", "GET / HTTP/1.1\r\nhost: x\r\nx: ", "y"],
    ["a request line without end", "GET /", "y"],
    [
      "a body that was announced",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9999\r\n\r\n",
      "y",
    ],
    ["a chunk", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n", "y"],
    ["chunks", "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\ny\r\n"],
  ])("drips %s and is cut off", { timeout: 10_000 }, async (_, start, byte) => {
    const { listener, seen, budget } = await serve(limits);
    const stranger = new Stranger(listener.url);
    stranger.socket.write(start);
    stranger.drip(byte);
    await expectHonestAnswer(listener);
    await stranger.closed;
    expect(stranger.statuses).toEqual(["408"]);
    expect([seen.length, budget.bytes]).toEqual([1, 0]);
  });

  test.each([
    ["says nothing", ""],
    ["says nothing more after an answer", "GET / HTTP/1.1\r\nhost: x\r\n\r\n"],
  ])("%s and is hung up on", async (_, words) => {
    const { listener } = await serve(limits);
    const stranger = new Stranger(listener.url);
    stranger.socket.write(words);
    await stranger.closed;
    await expectHonestAnswer(listener);
  });

  test("reads no answer and is hung up on", async () => {
    const large = new Uint8Array(32 * 1024 * 1024);
    const { listener } = await serve(limits, () => Promise.resolve(new Response(large)));
    const stranger = new Stranger(listener.url);
    stranger.socket.pause();
    stranger.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await expect.poll(() => listener.connections.open).toBe(1);
    await expect.poll(() => listener.connections.open, { timeout: PATIENCE_MS }).toBe(0);
    // Only who reads learns that he was hung up on, after what was on its way.
    stranger.socket.resume();
    await stranger.closed;
    expect(stranger.heard.length).toBeLessThan(large.length);
  });
});

describe("who is many", () => {
  test("takes no more connections than one network may, and no more than there are", async () => {
    const { listener } = await serve({ connectionCountPerNetworkMax: 5 });
    const crowd = Array.from({ length: 50 }, () => new Stranger(listener.url));
    await Promise.race(crowd.slice(5).map(({ closed }) => closed));
    const isOpen = () => crowd.filter(({ socket }) => !socket.closed).length;
    await expect.poll(isOpen, { timeout: PATIENCE_MS }).toBe(5);
    expect(listener.connections).toEqual({ open: 5, refused: 45 });
    for (const { socket } of crowd) socket.destroy();
    await expect.poll(async () => (await fetch(listener.url)).status).toBe(200);

    const small = await serve({ connectionCountMax: 5 });
    const others = Array.from({ length: 50 }, () => new Stranger(small.listener.url));
    const left = () => others.filter(({ socket }) => !socket.closed).length;
    await expect.poll(left, { timeout: PATIENCE_MS }).toBe(5);
  });

  test("is one network when he is a /64 of IPv6", async () => {
    const fetch: Fetch = () => new Response("answer");
    const listener = await listen(
      fetch,
      { hostname: "::1", port: 0 },
      { connectionCountPerNetworkMax: 2 },
    );
    closers.push(() => listener.close());
    const url = listener.url.replace("[::1]", "::1");
    const port = url.slice(url.lastIndexOf(":") + 1);
    const sockets = Array.from({ length: 6 }, () => connect(Number(port), "::1"));
    closers.push(async () => sockets.forEach((socket) => void socket.destroy()));
    for (const socket of sockets) socket.on("error", () => {}).resume();
    const left = () => sockets.filter(({ closed }) => !closed).length;
    await expect.poll(left, { timeout: PATIENCE_MS }).toBe(2);
  });

  test("starts no more requests at once by sending them ahead", async () => {
    const { promise: release, resolve: finish } = Promise.withResolvers<void>();
    const slow = async (): Promise<Response> => {
      await release;
      return new Response("answer");
    };
    const { listener, seen } = await serve({ pipelinedCountMax: 3 }, slow);
    const stranger = new Stranger(listener.url);
    stranger.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2000));
    await expect.poll(() => seen.length, { timeout: PATIENCE_MS }).toBe(3);
    finish();
    await stranger.closed;
    expect(stranger.statuses).toEqual(["200", "200", "200", "503"]);
    await expectHonestAnswer(listener);
  });
});

describe("who is long", () => {
  test.each([
    ["one header", `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`, "431"],
    ["many headers", `GET / HTTP/1.1\r\nhost: x\r\n${"x: y\r\n".repeat(5000)}\r\n`, "431"],
    ["a path", `GET /${"y".repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, "431"],
    [
      "what a chunk says about itself",
      `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1;${"y".repeat(40_000)}`,
      "413",
    ],
    [
      "trailers",
      `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: ${"y".repeat(40_000)}`,
      "431",
    ],
  ])("in %s is refused", async (_, words, status) => {
    const { listener, seen } = await serve();
    const stranger = new Stranger(listener.url);
    stranger.socket.write(words);
    await stranger.closed;
    expect(stranger.statuses).toEqual([status]);
    expect(seen).toEqual([]);
  });

  test("in chunks without end is refused with the limit, and cut off", async () => {
    const { listener, seen, budget } = await serve();
    const stranger = new Stranger(listener.url);
    const chunk = `${(60_000).toString(16)}\r\n${"y".repeat(60_000)}\r\n`;
    stranger.socket.write("POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    let sent = 0;
    const send = (): void => {
      while (!stranger.socket.destroyed && stranger.socket.write(chunk)) sent += chunk.length;
    };
    stranger.socket.on("drain", send);
    send();
    await stranger.closed;
    expect(sent).toBeLessThan(100 * BODY_BYTES_MAX);
    expect([seen.length, budget.bytes]).toEqual([0, 0]);
    await expectHonestAnswer(listener);
  });

  test("in many large bodies at once takes bounded memory; small ones pass", async () => {
    const { listener, budget } = await serve();
    const head = `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${BODY_BYTES_MAX}\r\n\r\n`;
    const crowd = Array.from({ length: 10 }, () => {
      const stranger = new Stranger(listener.url);
      stranger.socket.write(head + "y".repeat(300_000));
      return stranger;
    });
    const busy = () => crowd.filter(({ statuses }) => statuses[0] === "503").length;
    await expect.poll(busy, { timeout: PATIENCE_MS }).toBe(7);
    expect(budget.bytes).toBeLessThanOrEqual(BODY_BYTES_MAX);
    await expectHonestAnswer(listener);
    for (const { socket } of crowd) socket.destroy();
    await expect.poll(() => budget.bytes, { timeout: PATIENCE_MS }).toBe(0);
  });
});

describe("who smuggles", () => {
  const hidden = "GET /hidden HTTP/1.1\r\nhost: x\r\n\r\n";
  const chunked = "transfer-encoding: chunked\r\n";
  test.each([
    ["both lengths", `content-length: 4\r\n${chunked}\r\n0\r\n\r\n`],
    ["two lengths", "content-length: 0\r\ncontent-length: 5\r\n\r\n12345"],
    ["a list of lengths", "content-length: 0, 5\r\n\r\n12345"],
    ["a signed length", "content-length: +0\r\n\r\n"],
    ["a negative length", "content-length: -1\r\n\r\n"],
    ["a hexadecimal length", "content-length: 0x0\r\n\r\n"],
    ["an encoding nobody knows", "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n"],
    ["chunks that are not last", "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n"],
    ["a space before the colon", "transfer-encoding : chunked\r\n\r\n0\r\n\r\n"],
    ["a folded header", "x: y\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["a bare line feed", `x: y\n${chunked}\r\n0\r\n\r\n`],
    ["a bare carriage return", `x: y\r${chunked}\r\n0\r\n\r\n`],
    ["a null in a header", `x: \0\r\n${chunked}\r\n0\r\n\r\n`],
    ["a chunk with a signed size", `${chunked}\r\n+0\r\n\r\n`],
    ["a chunk longer than its size", `${chunked}\r\n1\r\nyy\r\n0\r\n\r\n`],
    ["a chunk of more bits than there are", `${chunked}\r\n10000000000000000\r\n\r\n0\r\n\r\n`],
    ["a chunk that ends with a line feed", `${chunked}\r\n1\ny\r\n0\r\n\r\n`],
    ["a chunk's word that ends with a line feed", `${chunked}\r\n1;a\ny\r\n0\r\n\r\n`],
  ])("with %s gets nothing through", async (_, rest) => {
    const { listener, seen } = await serve();
    const stranger = new Stranger(listener.url);
    stranger.socket.write(`POST /front HTTP/1.1\r\nhost: x\r\n${rest}${hidden}`);
    await stranger.closed;
    expect(stranger.statuses.at(-1)).toBe("400");
    expect(seen.filter(({ path }) => path === "/hidden")).toEqual([]);
    await expectHonestAnswer(listener);
  });

  test.each([
    ["CONNECT x:80 HTTP/1.1\r\nhost: x\r\n\r\n"],
    ["GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["GET / HTTP/0.9\r\n\r\n"],
    ["GET / HTTP/1.1\r\n\r\n"],
    ["GET http:// HTTP/1.1\r\nhost: x\r\n\r\n"],
    ["GET / HTTP/1.1\r\nhost: a b\r\n\r\n"],
    ["GET / HTTP/1.1\r\nhost: x/../y#z\r\n\r\n"],
  ])("%j leaves the server as it was", async (words) => {
    const { listener } = await serve({ idleMsMax: 100, headersMsMax: 300 });
    const stranger = new Stranger(listener.url);
    stranger.socket.write(words);
    await stranger.closed;
    await expectHonestAnswer(listener);
  });

  test("any bytes leave the server as it was", { timeout: 20_000 }, async () => {
    const { listener } = await serve({ idleMsMax: 100, headersMsMax: 300, requestMsMax: 300 });
    const words = fc.constantFrom(
      "GET / HTTP/1.1\r\n",
      "POST /a HTTP/1.1\r\n",
      "host: x\r\n",
      "content-length: 3\r\n",
      chunked,
      "\r\n",
      "abc",
      "1\r\na\r\n",
      "0\r\n\r\n",
    );
    const garbage = fc.string({ unit: "binary", maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(words, garbage), { maxLength: 12 }), async (parts) => {
        const stranger = new Stranger(listener.url);
        stranger.socket.end(Buffer.from(parts.join(""), "latin1"));
        await stranger.closed;
        expect(stranger.heard).toMatch(/^(HTTP\/1\.1 |$)/);
      }),
      { numRuns: 60 },
    );
    await expectHonestAnswer(listener);
  });
});

describe("a client whose server", () => {
  /** A server that answers with these bytes, and then does as it is told. */
  async function lyingServer(bytes: string | Buffer, use?: (socket: Socket) => void) {
    const heads: string[] = [];
    const server = createServer();
    server.on("connection", (socket: Socket) => {
      socket.removeAllListeners("data");
      socket.once("data", (head: Buffer) => {
        heads.push(head.toString("latin1"));
        socket.write(bytes);
        use?.(socket);
      });
      socket.on("error", () => {});
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    closers.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    assert(typeof address === "object" && address !== null, "a server has a port");
    return { url: `http://127.0.0.1:${address.port}/`, heads };
  }
  const options = { triesMax: 1, timeoutMs: 500, bodyBytesMax: 10_000 };
  const get = (url: string) => createHttpClient(options).send({ method: "GET", url });

  test.each([
    ["its head", "HTTP/1.1 200 OK\r\nx: "],
    ["its body", "HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"],
    ["its chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n"],
  ])("drips %s waits no longer than it said", async (_, start) => {
    const { url } = await lyingServer(start, (socket) => {
      const timer = setInterval(() => socket.write("y"), 20);
      socket.on("close", () => clearInterval(timer));
    });
    await expect(get(url)).rejects.toMatchObject({ name: "HttpError", code: "timeout" });
  });

  test("sends a small body that unpacks to a huge one takes no more than it said", async () => {
    const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024));
    const length = `content-length: ${bomb.length}\r\n`;
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n${length}\r\n`;
    const { url } = await lyingServer(Buffer.concat([Buffer.from(head), bomb]));
    await expect(get(url)).rejects.toThrow("at most 10000 bytes");
  });

  test.each([
    ["announces more than it should", "content-length: 10001\r\n\r\n", "at most 10000 bytes"],
    ["sends chunks without end", "transfer-encoding: chunked\r\n\r\n", "at most 10000 bytes"],
    ["sends headers without end", `x: ${"y".repeat(100_000)}`, "UND_ERR_HEADERS_OVERFLOW"],
    ["sends both lengths", "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", ""],
    ["hangs up", "content-length: 5\r\n\r\n12", "broke off"],
  ])("%s is refused", async (what, rest, message) => {
    const { url } = await lyingServer(`HTTP/1.1 200 OK\r\n${rest}`, (socket) => {
      if (what === "hangs up") socket.end();
      if (!what.includes("chunks")) return;
      const chunk = `ffff\r\n${"y".repeat(0xffff)}\r\n`;
      const send = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on("drain", send);
      send();
    });
    await expect(get(url)).rejects.toThrow(message);
  });

  test.each([301, 302, 303, 307, 308])("sends it elsewhere with %i does not go", async (status) => {
    const elsewhere = await lyingServer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    const { url } = await lyingServer(
      `HTTP/1.1 ${status} Go\r\nlocation: ${elsewhere.url}\r\ncontent-length: 0\r\n\r\n`,
    );
    const client = createHttpClient(options);
    const headers = { authorization: "Bearer not-for-others" };
    await expect(client.send({ method: "POST", url, headers, body: "x" })).rejects.toThrow(
      "expected an answer from",
    );
    expect(elsewhere.heads).toEqual([]);
  });
});
