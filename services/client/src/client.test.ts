/** Clients, collectors and operators against nodes that answer what they should not. */

import { Secret } from "@sumus/bytes";
import { cryptoRandomBytes, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import { collectInterval, createDapTask, createHpkeKeys } from "@sumus/dap";
import { encodeUploadErrors } from "@sumus/dap/messages";
import type { Fetch } from "@sumus/http";
import { describe, expect, test } from "vitest";
import {
  collect,
  createOperator,
  createPatientHttp,
  deleteCollectionJob,
  fetchHpkeConfig,
  fetchPopulation,
  fetchStudyFates,
  NodeError,
  type PatientHttp,
  sendReports,
} from "./index.ts";

const LEADER = "https://leader.example/dap/";
const TOKEN = new Secret("a-token-of-the-collector");
const task = createDapTask(
  {
    taskInfo: new Uint8Array([1]),
    leaderAggregatorEndpoint: LEADER,
    helperAggregatorEndpoint: "https://helper.example/",
    timePrecision: 60,
    minBatchSize: 1,
  },
  { kind: "count" },
);

/** A stranger's server: each answer in its turn, the last for ever. */
function strangers(...answers: readonly (() => Response)[]): {
  readonly http: PatientHttp;
  readonly asked: Request[];
} {
  const asked: Request[] = [];
  const fetch: Fetch = (request) => {
    asked.push(request);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    return Promise.resolve(answer?.() ?? Response.error());
  };
  const { signal } = new AbortController();
  return { http: createPatientHttp({ signal, patienceMs: 2_000, http: { fetch } }), asked };
}

const problem =
  (status: number, detail: string, headers = {}) =>
  () =>
    new Response(JSON.stringify({ type: "about:blank", detail }), {
      status,
      headers: { "content-type": "application/problem+json", ...headers },
    });

function caught(promise: Promise<unknown>): Promise<NodeError> {
  return promise.then(
    () => expect.fail("expected an error"),
    (error: unknown) => {
      expect(error).toBeInstanceOf(NodeError);
      return error as NodeError;
    },
  );
}

describe("a patient request", () => {
  test("goes on after faults, and gives up at once when it is told to wait too long", async () => {
    const { http, asked } = strangers(
      problem(500, "fault"),
      problem(429, "slower"),
      () => new Response(),
    );
    expect(await http.send({ method: "GET", url: LEADER })).toMatchObject({ retries: 2 });
    expect(asked).toHaveLength(3);
    const paused = strangers(problem(503, "paused\u001b[2J", { "retry-after": "300" }));
    const error = await caught(paused.http.send({ method: "GET", url: LEADER }));
    expect(error).toMatchObject({ code: "unavailable", status: 503 });
    expect(error.message).toBe(`${LEADER} answers: paused\ufffd[2J`);
    expect(paused.asked).toHaveLength(1);
  });
});

describe("a client", () => {
  const report = new Uint8Array([1, 2, 3]);
  const id = new Uint8Array(16);
  const replayed = () =>
    new Response(new Uint8Array(encodeUploadErrors([{ id, error: "report_replayed" }], "dap-18")));

  test("counts a replay of its own retry as arrived, and no other", async () => {
    const first = strangers(replayed);
    expect(await sendReports(first.http, LEADER, task, [report])).toHaveLength(1);
    expect(new URL(first.asked[0]?.url ?? "").pathname).toMatch(/^\/dap\/tasks\/.{43}\/reports$/);
    const again = strangers(problem(502, "lost"), replayed);
    expect(await sendReports(again.http, LEADER, task, [report])).toEqual([]);
    expect(await sendReports(strangers(replayed).http, LEADER, task, [report], true)).toEqual([]);
  });

  test("says what a stranger answers instead of an answer", async () => {
    const nonsense = strangers(() => new Response("hello"));
    expect(await caught(sendReports(nonsense.http, LEADER, task, [report]))).toMatchObject({
      code: "nonsense",
    });
    expect(await caught(fetchHpkeConfig(nonsense.http, LEADER))).toMatchObject({
      code: "nonsense",
    });
    const refused = strangers(problem(404, "no such task"));
    expect(await caught(sendReports(refused.http, LEADER, task, [report]))).toMatchObject({
      code: "refused",
      reason: "no such task",
    });
    const endless = strangers(
      () => new Response(null, { headers: { "content-length": String(2 ** 40) } }),
    );
    expect(await caught(fetchHpkeConfig(endless.http, LEADER))).toMatchObject({
      code: "unavailable",
    });
  });
});

describe("a collector", () => {
  const keyPair = hpkeGenerateKeyPair(hpkeSuite(0x20, 1, 1), cryptoRandomBytes);
  const options = (http: PatientHttp) => ({
    http,
    leader: LEADER,
    token: TOKEN,
    task,
    keys: createHpkeKeys([{ id: 0, keyPair }]),
    request: collectInterval({ start: 0, duration: 1 }),
    signal: new AbortController().signal,
    pollMs: 1,
  });
  const created = (location: string) => () =>
    new Response(null, { status: 201, headers: { location } });

  test("takes its token to no other host", async () => {
    for (const location of [
      "https://elsewhere.example/job",
      "//elsewhere.example/job",
      "data:,x",
    ]) {
      const { http, asked } = strangers(created(location));
      expect(await caught(collect(options(http)))).toMatchObject({ code: "nonsense" });
      expect(asked).toHaveLength(1);
    }
    const { http } = strangers(() => new Response(null, { status: 201 }));
    expect((await caught(collect(options(http)))).message).toContain("got none");
  });

  test("asks until there is an answer, and opens nothing that is none", async () => {
    let waited = 0;
    const { http, asked } = strangers(
      created("/job"),
      () => new Response(),
      () => new Response("x"),
    );
    const error = await caught(collect({ ...options(http), onWait: () => waited++ }));
    expect(error.code).toBe("nonsense");
    expect(asked.map(({ url }) => url).slice(1)).toEqual([
      "https://leader.example/job",
      "https://leader.example/job",
    ]);
    expect(waited).toBe(2);
  });

  test("hears DAP's name of a refusal", async () => {
    const type = "urn:ietf:params:ppm:dap:error:invalidBatchSize";
    const { http } = strangers(
      () =>
        new Response(JSON.stringify({ type, detail: "3 of 9 people so far" }), {
          status: 400,
          headers: { "content-type": "application/problem+json" },
        }),
    );
    expect(await caught(collect(options(http)))).toMatchObject({
      type: "invalidBatchSize",
      reason: "3 of 9 people so far",
    });
  });

  test("may delete a job twice", async () => {
    const { http } = strangers(() => new Response(), problem(404, "gone"), problem(403, "no"));
    const job = { http, token: TOKEN };
    await deleteCollectionJob(job, `${LEADER}job`);
    await deleteCollectionJob(job, `${LEADER}job`);
    await caught(deleteCollectionJob(job, `${LEADER}job`));
  });
});

test("an operator is shown no control characters, and is told of answers that are none", async () => {
  const list = strangers(
    () => new Response('[{"title":"a\\u001b[2Jb"}]'),
    () => new Response("<p>"),
  );
  const operator = createOperator({ http: list.http, node: LEADER, token: TOKEN });
  expect(await operator.listTasks()).toEqual([{ title: "a\ufffd[2Jb" }]);
  expect(await caught(operator.listTasks())).toMatchObject({ code: "nonsense" });
});

test("lists of studies and populations are read, and nothing that is none", async () => {
  const id = "ab".repeat(32);
  const listed = (studies: readonly object[]) => () => new Response(JSON.stringify(studies));
  const at = "2026-10-01T00:00:00Z";
  const { http } = strangers(
    listed([
      { id, study: "{}", cancelledAt: at, releasedAt: null },
      { id: "cd".repeat(32), study: "{}", cancelledAt: null, releasedAt: at },
      { id: "ef".repeat(32), study: "{}", cancelledAt: null, releasedAt: null },
    ]),
  );
  expect([...(await fetchStudyFates(http, LEADER)).values()]).toEqual([
    "cancelled",
    "released",
    "open",
  ]);
  for (const broken of [
    { id: "x", cancelledAt: null, releasedAt: null },
    { id, cancelledAt: 1, releasedAt: null },
    // A node of before says nothing of releases.
    { id, cancelledAt: null },
  ]) {
    const error = await caught(fetchStudyFates(strangers(listed([broken])).http, LEADER));
    expect(error.code).toBe("nonsense");
  }
  const town = {
    id: "town",
    collections: { visits: ["day"] },
    budget: { rho: 1, days: 30 },
    spentRho: 0.25,
    leftRho: 0.75,
  };
  const told = (value: unknown) => strangers(() => new Response(JSON.stringify(value))).http;
  expect(await fetchPopulation(told(town), LEADER, "town")).toEqual(town);
  expect(await fetchPopulation(strangers(problem(404, "none")).http, LEADER, "town")).toBeNull();
  const nonsense = caught(fetchPopulation(told({ ...town, leftRho: "1" }), LEADER, "town"));
  expect(await nonsense).toMatchObject({ code: "nonsense" });
});
