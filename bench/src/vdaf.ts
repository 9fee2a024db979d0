/**
 * Prio3 beside `@divviup/prio3`, which speaks an older draft with the same work in it: a client's
 * whole sharding to encoded shares, and the whole verification of a report by leader and helper from
 * encoded shares. Each side expands its own share and computes its own joint randomness and weights.
 */
import { Prio3Count, Prio3Histogram, Prio3Sum, Prio3SumVec } from "@divviup/prio3";
import { defined } from "@sumus/assert";
import { createPrio3, type Measurement, type Prio3Config } from "@sumus/vdaf";
import type { Bench, Column } from "./bench.ts";
import { type Contender, measureSpeeds, QUICK_RUN, WHOLE_RUN } from "./cpu-speed.ts";
import { SPEED_COLUMNS, type SpeedRow, speedRow } from "./speed-row.ts";
import { formatNumber } from "./table.ts";

const PEER = "@divviup/prio3@0.8.0";
const SHARES = 2;

/** One implementation with a report at hand. */
interface Aggregation {
  readonly shard: Contender;
  readonly verify: Contender;
}

interface Case {
  readonly name: string;
  readonly config: Prio3Config;
  readonly measurement: Measurement;
  readonly peer: () => Promise<Aggregation>;
  /** Of libprio-rs on one Zen 3 core: not measured here, for orientation. */
  readonly native: { readonly shard: number; readonly verify: number };
}

const NUMBERS: readonly number[] = Array.from({ length: 1000 }, (_, index) => index * 65);

const CASES: readonly Case[] = [
  {
    name: "Count",
    config: { kind: "count" },
    measurement: 1,
    peer: () => peerAggregation(new Prio3Count({ shares: SHARES }), true),
    native: { shard: 279_600, verify: 180_800 },
  },
  {
    name: "Sum (max 2^32-1)",
    config: { kind: "sum", maxMeasurement: 2 ** 32 - 1 },
    measurement: 123_456_789,
    peer: () => peerAggregation(new Prio3Sum({ shares: SHARES, bits: 32 }), 123_456_789),
    native: { shard: 89_900, verify: 5_810 },
  },
  {
    name: "Histogram(256)",
    config: { kind: "histogram", length: 256 },
    measurement: 77,
    peer: () => peerHistogram(256, 16, 77),
    native: { shard: 5_510, verify: 5_840 },
  },
  {
    name: "Histogram(1024)",
    config: { kind: "histogram", length: 1024 },
    measurement: 777,
    peer: () => peerHistogram(1024, 32, 777),
    native: { shard: 1_504, verify: 1_807 },
  },
  {
    name: "SumVec(1000 x 16 bit)",
    config: { kind: "sumVec", length: 1000, maxMeasurement: 2 ** 16 - 1 },
    measurement: NUMBERS,
    peer: () => {
      const sumVec = new Prio3SumVec({ shares: SHARES, length: 1000, bits: 16, chunkLength: 126 });
      return peerAggregation(sumVec, [...NUMBERS]);
    },
    native: { shard: 131, verify: 170 },
  },
];

const NATIVE_COLUMN: Column<SpeedRow> = {
  title: "libprio-rs, Zen 3",
  width: 17,
  text: ({ case: name, op }) => {
    const native = CASES.find((candidate) => candidate.name === name)?.native;
    return native === undefined ? "" : formatNumber(op === "shard" ? native.shard : native.verify);
  },
};

export const vdafBench: Bench<SpeedRow> = {
  name: "vdaf",
  summary: `Prio3 shard and verification by both sides, beside ${PEER}`,
  columns: [...SPEED_COLUMNS, NATIVE_COLUMN],
  async *measure({ quick }) {
    for (const { name, config, measurement, peer } of CASES) {
      const own = ownAggregation(config, measurement);
      const other = await peer();
      for (const op of ["shard", "verify"] as const) {
        const speeds = await measureSpeeds([own[op], other[op]], quick ? QUICK_RUN : WHOLE_RUN);
        const [ownSpeed = 0, peerSpeed = 0] = speeds;
        yield speedRow({ bench: "vdaf", case: name, op, peer: PEER }, ownSpeed, peerSpeed);
      }
    }
  },
};

function ownAggregation(config: Prio3Config, measurement: Measurement): Aggregation {
  const prio3 = createPrio3(config, { shares: SHARES });
  const [verifyKey, ctx, nonce] = [pattern(32), pattern(40), pattern(16)];
  const rand = pattern(prio3.randSize);
  const { publicShare, inputShares } = prio3.shard(ctx, measurement, nonce, rand);
  return {
    shard: {
      run: (count) => {
        for (let i = 0; i < count; i++) prio3.shard(ctx, measurement, nonce, rand);
      },
    },
    verify: {
      run: (count) => {
        for (let i = 0; i < count; i++) {
          const verified = inputShares.map((inputShare, id) =>
            prio3.verifyInit(verifyKey, ctx, id, nonce, publicShare, inputShare),
          );
          const verifierShares = verified.map(({ verifierShare }) => verifierShare);
          const message = prio3.verifierSharesToMessage(ctx, verifierShares);
          for (const { state } of verified) prio3.verifyNext(ctx, state, message);
        }
      },
    },
  };
}

function peerHistogram(length: number, chunkLength: number, index: number): Promise<Aggregation> {
  return peerAggregation(new Prio3Histogram({ shares: SHARES, length, chunkLength }), index);
}

/** What all of the peer's classes have in common, over their own types of messages. */
interface PeerPrio3<M, PublicShare, InputShare, State, Share, Message> {
  readonly randSize: number;
  readonly nonceSize: number;
  readonly verifyKeySize: number;
  shardEncoded(measurement: M, nonce: Buffer, rand: Buffer): Promise<unknown>;
  shard(
    measurement: M,
    nonce: Buffer,
    rand: Buffer,
  ): Promise<{ publicShare: PublicShare; inputShares: InputShare[] }>;
  prepareInit(
    verifyKey: Buffer,
    aggregatorId: number,
    aggregationParameter: null,
    nonce: Buffer,
    publicShare: PublicShare,
    inputShare: InputShare,
  ): Promise<{ preparationState: State; preparationShare: Share }>;
  unshardPreparationShares(parameter: null, shares: Share[]): Promise<Message>;
  prepareNext(state: State, message: Message): unknown;
}

async function peerAggregation<M, PublicShare, InputShare, State, Share, Message>(
  prio3: PeerPrio3<M, PublicShare, InputShare, State, Share, Message>,
  measurement: M,
): Promise<Aggregation> {
  const verifyKey = Buffer.from(pattern(prio3.verifyKeySize));
  const nonce = Buffer.from(pattern(prio3.nonceSize));
  const rand = Buffer.from(pattern(prio3.randSize));
  const { publicShare, inputShares } = await prio3.shard(measurement, nonce, rand);
  const init = (id: number): Promise<{ preparationState: State; preparationShare: Share }> => {
    const inputShare = defined(inputShares[id], "a share for each aggregator");
    return prio3.prepareInit(verifyKey, id, null, nonce, publicShare, inputShare);
  };
  return {
    shard: {
      run: async (count) => {
        for (let i = 0; i < count; i++) await prio3.shardEncoded(measurement, nonce, rand);
      },
    },
    verify: {
      run: async (count) => {
        for (let i = 0; i < count; i++) {
          const verified = [await init(0), await init(1)];
          const shares = verified.map(({ preparationShare }) => preparationShare);
          const message = await prio3.unshardPreparationShares(null, shares);
          for (const { preparationState } of verified) prio3.prepareNext(preparationState, message);
        }
      },
    },
  };
}

/** Fixed bytes: both sides work in the same time whatever the seeds are. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => (index * 37 + 11) & 0xff);
}
