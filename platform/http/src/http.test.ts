import { connect } from "node:net";
import { Secret } from "@sumus/bytes";
import { describe, expect, test } from "vitest";
import {
  bearerHeader,
  createBearerCheck,
  createHttpClient,
  type Fetch,
  HttpError,
  type Listener,
  type ListenLimits,
  listen,
  ProblemError,
  parseProblem,
  plainProblem,
  problemResponse,
  readBody,
} from "./index.ts";

async function serve<T>(
  fetch: Fetch,
  use: (listener: Listener) => Promise<T>,
  limits: Partial<ListenLimits> = {},
): Promise<T> {
  const listener = await listen(fetch, { hostname: "127.0.0.1", port: 0 }, limits);
  try {
    return await use(listener);
  } finally {
    await listener.close();
  }
}

const echo: Fetch = async (request) => {
  try {
    return new Response(await readBody(request, 1000));
  } catch (error) {
    if (error instanceof ProblemError) return problemResponse(error.problem);
    throw error;
  }
};

/** Sends raw bytes and reads until the server hangs up. */
function converse(url: string, parts: readonly string[]): Promise<string> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(parts.join("")));
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => {
      answer += text;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("bodies", () => {
  test("arrive whole, with and without a declared length", async () => {
    await serve(echo, async ({ url }) => {
      const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index);
      const declared = await fetch(url, { method: "POST", body: bytes });
      expect(new Uint8Array(await declared.arrayBuffer())).toEqual(bytes);
      const streamed = new Blob([bytes]).stream();
      const chunked = await fetch(url, { method: "POST", body: streamed, duplex: "half" });
      expect(new Uint8Array(await chunked.arrayBuffer())).toEqual(bytes);
    });
  });

  test("beyond the limit are refused with the limit", async () => {
    await serve(echo, async ({ url }) => {
      const body = new Uint8Array(1001);
      for (const init of [{ body }, { body: new Blob([body]).stream(), duplex: "half" as const }]) {
        const response = await fetch(url, { method: "POST", ...init });
        expect(response.status).toBe(413);
        expect(await response.json()).toMatchObject({ detail: /at most 1000 bytes/ });
      }
    });
  });
});

describe("a listener", () => {
  test("says who sends", async () => {
    const tell: Fetch = (_, sender) => new Response(sender?.address);
    await serve(tell, async ({ url }) => {
      expect(await (await fetch(url)).text()).toBe("127.0.0.1");
    });
  });

  test("hides the words of an error that nobody expected", async () => {
    const broken: Fetch = () => {
      throw new Error("a secret detail");
    };
    await serve(broken, async ({ url }) => {
      const response = await fetch(url);
      expect(response.status).toBe(500);
      expect(await response.text()).not.toContain("secret");
    });
  });

  test("cuts off heads that are too long and bodies that drip", async () => {
    const limits = { headerBytesMax: 2000, headersMsMax: 300, requestMsMax: 600 };
    await serve(
      echo,
      async ({ url }) => {
        const long = await converse(url, ["GET / HTTP/1.1\r\nhost: x\r\nx: ", "y".repeat(3000)]);
        expect(long).toMatch(/^HTTP\/1\.1 431 /);
        const head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12345";
        expect(await converse(url, [head])).toMatch(/^HTTP\/1\.1 408 |^HTTP\/1\.1 400 /);
      },
      limits,
    );
  });

  test("finishes what it has begun before it closes", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: release, resolve: finish } = Promise.withResolvers<void>();
    const slow: Fetch = async () => {
      begin();
      await release;
      return new Response("done");
    };
    const listener = await listen(slow, { hostname: "127.0.0.1", port: 0 });
    const answer = fetch(listener.url).then((response) => response.text());
    await begun;
    const closed = listener.close();
    finish();
    expect(await answer).toBe("done");
    await closed;
    await expect(fetch(listener.url)).rejects.toThrow("fetch failed");
  });
});

describe("a client", () => {
  const request = { method: "GET", url: "http://peer.example/thing" } as const;

  test("tries again what may pass, and gives the final answer back", async () => {
    const statuses = [503, 429, 404];
    const seen: number[] = [];
    const client = createHttpClient({
      pauseMs: 1,
      fetch: () => {
        const status = statuses.shift() ?? 500;
        seen.push(status);
        if (seen.length === 1) throw new TypeError("fetch failed");
        return problemResponse(plainProblem(status, "No", "it is not there"));
      },
    });
    const response = await client.send(request);
    expect(seen).toEqual([503, 429, 404]);
    expect(response.status).toBe(404);
    const type = response.headers.get("content-type") ?? "";
    expect(parseProblem(404, type, response.body)).toMatchObject({ detail: "it is not there" });
  });

  test("obeys Retry-After", async () => {
    const times: number[] = [];
    const client = createHttpClient({
      pauseMs: 1,
      fetch: () => {
        times.push(performance.now());
        return times.length === 1
          ? new Response("", { status: 503, headers: { "retry-after": "1" } })
          : new Response("ready");
      },
    });
    await client.send(request);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(990);
  });

  test("names who did not answer", async () => {
    const refused = createHttpClient({ pauseMs: 1, triesMax: 2 });
    const gone = await listen(echo, { hostname: "127.0.0.1", port: 0 });
    await gone.close();
    const noOne = { method: "GET", url: `${gone.url}/x` } as const;
    await expect(refused.send(noOne)).rejects.toThrow(
      `expected an answer from ${gone.url}/x, got ECONNREFUSED`,
    );
    const silent = createHttpClient({
      timeoutMs: 50,
      triesMax: 1,
      fetch: (sent) =>
        new Promise((_, reject) => {
          sent.signal.addEventListener("abort", () => reject(new Error("aborted")));
        }),
    });
    const error = await silent.send(request).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ code: "timeout", message: /within 50 ms/ });
  });

  test("does not swallow an answer without end", async () => {
    const client = createHttpClient({
      triesMax: 1,
      bodyBytesMax: 100,
      fetch: () => new Response(new Uint8Array(101)),
    });
    await expect(client.send(request)).rejects.toThrow("at most 100 bytes");
  });
});

describe("a bearer check", () => {
  const token = new Secret("the token");
  const check = createBearerCheck(token, "the operator");
  const ask = (authorization?: string): Request =>
    new Request("http://x/", { headers: authorization === undefined ? {} : { authorization } });

  test("lets the holder pass", () => {
    expect(() => check(ask(bearerHeader(token)))).not.toThrow();
  });

  test.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Bearer the toke",
    "Basic the token",
    "the token",
  ])("refuses %o", (authorization) => {
    expect(() => check(ask(authorization))).toThrow("expected the bearer token of the operator");
  });
});
