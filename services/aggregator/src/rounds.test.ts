/**
 * Every VDAF that DAP can carry, end to end, with a helper that answers at once or later, in both
 * batch modes; and with nodes that die around each of their transactions on the way.
 */
import { defined } from "@sumus/assert";
import { concat, Secret } from "@sumus/bytes";
import {
  collectInterval,
  collectNextBatch,
  NO_AGG_PARAM,
  parseProblemDocument,
  type TaskMeasurement,
  type VdafConfig,
} from "@sumus/dap";
import {
  type CollectionJobReq,
  decodeAggregateShareReq,
  encodeAggregateShareReq,
  mediaType,
} from "@sumus/dap/messages";
import { bearerHeader, type Fetch, listen } from "@sumus/http";
import {
  createPoplar1,
  FIRST_CANDIDATES,
  nextCandidates,
  type Poplar1AggParam,
  packBits,
} from "@sumus/vdaf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answers } from "./config.ts";
import { ask, HELPER_URL, openStores, PEER_TOKEN, STORE_KINDS, type Stores } from "./testing.ts";
import { type Death, MortalPair } from "./testing-rounds.ts";
import { createTaskTrial, requestCollection, type TaskTrial } from "./testing-task.ts";

const PEER = new Secret(PEER_TOKEN);
/** A continuation begins with its step. */
const STEP_BYTES = 2;
const BITS = 4;
const poplar1 = createPoplar1(BITS);
const POPLAR1 = { kind: "poplar1", bits: BITS } as const;
const ANSWERS: readonly Answers[] = ["synchronous", "asynchronous"];

function word(value: number): Uint8Array {
  return packBits([8, 4, 2, 1].map((bit) => (value & bit) !== 0));
}

/** Prefixes of one bit. */
const FIRST_BIT = poplar1.encodeAggParam(FIRST_CANDIDATES);
/** Prefixes of two bits. */
const TWO_BITS = poplar1.encodeAggParam({
  level: 1,
  prefixes: [0, 0x40, 0x80, 0xc0].map((byte) => Uint8Array.of(byte)),
});

interface Case {
  readonly vdaf: VdafConfig;
  readonly measurements: readonly TaskMeasurement[];
  readonly aggParam?: Uint8Array;
  readonly sums: readonly bigint[];
}

const CASES: readonly Case[] = [
  { vdaf: { kind: "count" }, measurements: [1, 0, 1], sums: [2n] },
  { vdaf: { kind: "sum", maxMeasurement: 100 }, measurements: [1, 99, 100], sums: [200n] },
  { vdaf: { kind: "histogram", length: 3 }, measurements: [0, 2, 2], sums: [1n, 0n, 2n] },
  {
    vdaf: { kind: "sumVec", length: 2, maxMeasurement: 7 },
    measurements: [
      [1, 7],
      [2, 0],
    ],
    sums: [3n, 7n],
  },
  {
    vdaf: { kind: "multihotCountVec", length: 3, maxWeight: 2 },
    measurements: [
      [1, 1, 0],
      [0, 1, 0],
    ],
    sums: [1n, 2n, 0n],
  },
  {
    vdaf: { kind: "l1BoundSum", length: 2, maxValue: 9 },
    measurements: [
      [4, 5],
      [0, 9],
    ],
    sums: [4n, 14n],
  },
  {
    vdaf: POPLAR1,
    measurements: [word(1), word(9), word(14)],
    aggParam: TWO_BITS,
    sums: [1n, 0n, 1n, 1n],
  },
  // The last level has another field.
  {
    vdaf: POPLAR1,
    measurements: [word(9), word(9)],
    aggParam: poplar1.encodeAggParam({ level: 3, prefixes: [word(8), word(9)] }),
    sums: [0n, 2n],
  },
];

/** All reports of the trial's hour, or its next batch. */
function question({ document, clock }: TaskTrial, aggParam = NO_AGG_PARAM): CollectionJobReq {
  if (document.batchMode === "leader_selected") return collectNextBatch(aggParam);
  const start = Math.floor(clock.nowSeconds() / document.timePrecision);
  return collectInterval({ start, duration: 1 }, aggParam);
}

async function start(
  stores: Stores,
  options: Parameters<typeof createTaskTrial>[0],
  answers: Answers,
  between?: (helper: Fetch) => Fetch,
): Promise<{ trial: TaskTrial; pair: MortalPair }> {
  const trial = createTaskTrial(options);
  const pair = new MortalPair(trial, stores, answers, between);
  await pair.start();
  return { trial, pair };
}

async function typeOf(response: Response): Promise<string> {
  if (response.ok) return `${response.status}`;
  return parseProblemDocument(await response.json())?.type ?? "another problem";
}

describe.each(STORE_KINDS)("on %s", (kind) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  const matrix = ANSWERS.flatMap((answers) =>
    (["time_interval", "leader_selected"] as const).flatMap((batchMode) =>
      CASES.map((each) => [answers, batchMode, each.vdaf.kind, each] as const),
    ),
  );

  test.each(matrix)("%s, %s: %s is collected exactly", async (answers, batchMode, _, each) => {
    const { vdaf, measurements, aggParam, sums } = each;
    const minBatchSize = measurements.length;
    const { trial, pair } = await start(stores, { vdaf, batchMode, minBatchSize }, answers);
    await pair.upload(measurements);
    const collection = await pair.collect(question(trial, aggParam));
    expect(collection).toMatchObject({ reportCount: measurements.length, aggregate: sums });
  });

  test.each(ANSWERS)("heavy hitters are found over one batch a level, %s", async (answers) => {
    const { trial, pair } = await start(stores, { vdaf: POPLAR1 }, answers);
    const population = [9, 9, 9, 3, 3, 12];
    let candidates: Poplar1AggParam = FIRST_CANDIDATES;
    let counts: readonly bigint[] = [];
    for (let level = 0; level < BITS; level++) {
      await pair.upload(population.map(word));
      const { aggregate } = await pair.collect(question(trial, poplar1.encodeAggParam(candidates)));
      counts = aggregate;
      if (level < BITS - 1) {
        candidates = defined(nextCandidates(candidates, counts, 2n), "some are heavy");
      }
      trial.clock.advance(trial.document.timePrecision);
    }
    const heavy = candidates.prefixes.filter((_, index) => (counts[index] ?? 0n) >= 2n);
    expect(heavy).toEqual([word(3), word(9)]);
    expect(counts.filter((count) => count >= 2n)).toEqual([2n, 3n]);
  });

  /** Every transaction of a collection, before it and after it, on either node. */
  test.each(ANSWERS)("a death around any transaction costs nothing, %s", async (answers) => {
    const options = { vdaf: POPLAR1, minBatchSize: 3 };
    /** Whether the node lived to die there. */
    const dies = async (death: Death): Promise<boolean> => {
      const { trial, pair } = await start(stores, options, answers);
      await pair.upload([word(1), word(9), word(14)]);
      const { aggregate } = await pair.collect(question(trial, TWO_BITS), death);
      expect(aggregate).toEqual([1n, 0n, 1n, 1n]);
      return pair.deaths === 1;
    };
    for (const role of ["leader", "helper"] as const) {
      for (const when of ["before", "after"] as const) {
        let at = 1;
        while (await dies({ role, at, when })) at++;
        // Of the helper: find and answer two steps and a share.
        expect(at).toBeGreaterThan(6);
      }
    }
  });
});

describe("over real sockets", () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores();
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test.each(ANSWERS)("every VDAF is collected exactly, %s", async (answers) => {
    for (const { vdaf, measurements, aggParam, sums } of CASES) {
      let helper: Fetch | undefined;
      const place = { hostname: "127.0.0.1", port: 0 };
      const listener = await listen((request) => defined(helper, "started")(request), place);
      const between =
        (fetch: Fetch): Fetch =>
        async (request) => {
          helper = fetch;
          return await globalThis.fetch(
            new Request(request.url.replace(HELPER_URL, listener.url), request),
          );
        };
      const { trial, pair } = await start(stores, { vdaf }, answers, between);
      await pair.upload(measurements);
      const { aggregate } = await pair.collect(question(trial, aggParam));
      expect(aggregate).toEqual(sums);
      await listener.close();
    }
  });
});

describe("a task with aggregation parameters", () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores();
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test("waits for a collector: not a report is aggregated before", async () => {
    const requests: string[] = [];
    const { trial, pair } = await start(
      stores,
      { vdaf: POPLAR1 },
      "synchronous",
      (helper) => (request) => {
        requests.push(request.url);
        return helper(request);
      },
    );
    await pair.upload([word(1), word(2)]);
    for (let turn = 0; turn < 5; turn++) await pair.turn();
    expect(requests).toEqual([]);
    expect((await pair.collect(question(trial, FIRST_BIT))).aggregate).toEqual([2n, 0n]);
  });

  test("asks a helper anew that has forgotten what it put aside", async () => {
    const deferred: string[] = [];
    const { trial, pair } = await start(
      stores,
      { vdaf: POPLAR1 },
      "asynchronous",
      (helper) => async (request) => {
        const response = await helper(request);
        const location = response.headers.get("location");
        if (response.status !== 201 || location === null || deferred.includes("all"))
          return response;
        const path = location.split("?", 1)[0] ?? "";
        const forgotten = await ask(pair.helper, "DELETE", path, { token: PEER_TOKEN });
        expect(forgotten.status).toBe(200);
        deferred.push(path);
        // Three times it forgets: whatever it put aside last.
        if (deferred.length === 3) deferred.push("all");
        return response;
      },
    );
    await pair.upload([word(1), word(2)]);
    expect((await pair.collect(question(trial, FIRST_BIT))).aggregate).toEqual([2n, 0n]);
    expect(deferred).toHaveLength(4);
  });

  test("gives a batch one parameter, whoever asks with another", async () => {
    const { trial, pair } = await start(stores, { vdaf: POPLAR1 }, "synchronous");
    const first = question(trial, FIRST_BIT);
    const asked = (request: CollectionJobReq) => requestCollection(pair.leader, trial, request);
    expect((await asked(first)).status).toBe(201);
    expect(await typeOf(await asked(question(trial, TWO_BITS)))).toBe(
      "invalidAggregationParameter",
    );
    expect(await typeOf(await asked(question(trial)))).toBe("invalidAggregationParameter");
    await pair.upload([word(1), word(2)]);
    await pair.collect(first);
    expect(await typeOf(await asked(question(trial, TWO_BITS)))).toBe("batchOverlap");
  });

  test("is held to it by the helper", async () => {
    let honest: Uint8Array | undefined;
    const { trial, pair } = await start(
      stores,
      { vdaf: POPLAR1 },
      "synchronous",
      (helper) => async (request) => {
        if (!request.url.endsWith("/aggregate_shares")) return helper(request);
        honest = new Uint8Array(await request.clone().arrayBuffer());
        return new Response(null, { status: 503 });
      },
    );
    await pair.upload([word(1), word(2)]);
    await requestCollection(pair.leader, trial, question(trial, FIRST_BIT));
    for (let turn = 0; turn < 8; turn++) await pair.turn();
    const message = decodeAggregateShareReq(defined(honest, "the leader asked for a share"));
    const collectionJobReq = { ...message.collectionJobReq, aggParam: TWO_BITS };
    const taskId = trial.task.id;
    const lie = await ask(
      pair.helper,
      "POST",
      { kind: "aggregateShares", taskId },
      {
        token: PEER_TOKEN,
        message: "aggregate-share-req",
        body: encodeAggregateShareReq({ ...message, collectionJobReq }),
      },
    );
    expect(await typeOf(lie)).toBe("invalidMessage");
  });

  test("goes on after a continuation that came cut, extended, early, or as something else", async () => {
    const type = mediaType("aggregation-job-continue-req");
    const refused: string[] = [];
    const { trial, pair } = await start(
      stores,
      { vdaf: POPLAR1 },
      "synchronous",
      (helper) => async (request) => {
        if (request.headers.get("content-type") !== type || refused.length > 0) {
          return await helper(request);
        }
        const honest = new Uint8Array(await request.clone().arrayBuffer());
        const send = async (body: Uint8Array, contentType: string = type): Promise<void> => {
          const headers = { "content-type": contentType, authorization: bearerHeader(PEER) };
          const init = { method: "POST", headers, body: body.slice() };
          refused.push(await typeOf(await helper(new Request(request.url, init))));
        };
        // Cut between two reports it is whole, and says that the others are dropped.
        const reportBytes = (honest.length - STEP_BYTES) / 3;
        for (let length = 0; length < honest.length; length++) {
          if ((length - STEP_BYTES) % reportBytes !== 0) await send(honest.slice(0, length));
        }
        await send(concat(honest, Uint8Array.of(0)));
        await send(withStep(honest, 2));
        await send(withStep(honest, 0));
        await send(honest, mediaType("aggregation-job-init-req"));
        return await helper(request);
      },
    );
    await pair.upload([word(1), word(2), word(9)]);
    const { aggregate } = await pair.collect(question(trial, FIRST_BIT));
    expect(aggregate).toEqual([2n, 1n]);
    expect(refused.slice(0, -3).every((each) => each === "invalidMessage")).toBe(true);
    expect(refused.slice(-3)).toEqual(["stepMismatch", "invalidMessage", "another problem"]);
  });
});

/** A continuation of another step, below 256. */
function withStep(request: Uint8Array, step: number): Uint8Array {
  return concat(Uint8Array.of(0, step), request.slice(STEP_BYTES));
}
