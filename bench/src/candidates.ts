/**
 * Declared candidates of a study in Poplar1, as @sumus/study numbers them, beside the histogram that
 * they would be otherwise: a client's whole sharding, and the whole of what both nodes do to verify a
 * report and to add it up. Bytes are those of public share and input shares.
 */
import { cryptoRandomBytes } from "@sumus/crypto";
import { type AggregationVdaf, createTaskVdaf, type VdafConfig, vdafAt } from "@sumus/dap";
import { createPoplar1, createPrio3, packBits, type ShardedReport } from "@sumus/vdaf";
import type { Bench } from "./bench.ts";
import { type Contender, measureSpeeds, QUICK_RUN, times, WHOLE_RUN } from "./cpu-speed.ts";
import { SPEED_COLUMNS, type SpeedRow, speedRow } from "./speed-row.ts";

const PEER = "our Prio3Histogram";
const CANDIDATES: readonly number[] = [54, 1_000, 10_000, 16_384];

interface Encoding {
  readonly bytes: number;
  readonly shard: Contender;
  readonly verify: Contender;
}

export const candidatesBench: Bench<SpeedRow> = {
  name: "candidates",
  summary: `declared candidates in Poplar1, beside ${PEER}`,
  columns: SPEED_COLUMNS,
  async *measure({ quick }) {
    for (const count of CANDIDATES) {
      const [own, other] = [inPoplar1(count), inHistogram(count)];
      const name = `${count} candidates, ${own.bytes} for ${other.bytes} B`;
      for (const op of ["shard", "verify"] as const) {
        const speeds = await measureSpeeds([own[op], other[op]], quick ? QUICK_RUN : WHOLE_RUN);
        const [ownSpeed = 0, otherSpeed = 0] = speeds;
        yield speedRow({ bench: "candidates", case: name, op, peer: PEER }, ownSpeed, otherSpeed);
      }
    }
  },
};

function inPoplar1(count: number): Encoding {
  const width = count.toString(2).length;
  const poplar1 = createPoplar1(width + 1);
  const prefixes = Array.from({ length: count }, (_, number) => packNumber(number, width));
  const aggParam = poplar1.encodeAggParam({ level: width - 1, prefixes });
  const measurement = packNumber(2, width + 1);
  const rand = cryptoRandomBytes(poplar1.randSize);
  return encodingOf({ kind: "poplar1", bits: width + 1 }, aggParam, (ctx, nonce) =>
    poplar1.shard(ctx, measurement, nonce, rand),
  );
}

function inHistogram(count: number): Encoding {
  const config = { kind: "histogram", length: count + 1 } as const;
  const prio3 = createPrio3(config);
  const rand = cryptoRandomBytes(prio3.randSize);
  return encodingOf(config, new Uint8Array(), (ctx, nonce) => prio3.shard(ctx, 1, nonce, rand));
}

function encodingOf(
  config: VdafConfig,
  aggParam: Uint8Array,
  shard: (ctx: Uint8Array, nonce: Uint8Array) => ShardedReport,
): Encoding {
  const vdaf = vdafAt(createTaskVdaf(config), aggParam);
  const [ctx, nonce, verifyKey] = [
    cryptoRandomBytes(40),
    cryptoRandomBytes(16),
    cryptoRandomBytes(32),
  ];
  const report = shard(ctx, nonce);
  const { publicShare, inputShares } = report;
  const sums = inputShares.map(() => vdaf.aggregateInit());
  return {
    bytes: [publicShare, ...inputShares].reduce((sum, { length }) => sum + length, 0),
    shard: times(() => shard(ctx, nonce)),
    verify: times(() => {
      for (const [id, outShare] of verify(vdaf, { verifyKey, ctx, nonce }, report).entries()) {
        vdaf.aggregateUpdate(sums[id] ?? vdaf.aggregateInit(), outShare);
      }
    }),
  };
}

/** Both output shares, by way of as many rounds as it takes. */
function verify(
  vdaf: AggregationVdaf,
  keys: { readonly verifyKey: Uint8Array; readonly ctx: Uint8Array; readonly nonce: Uint8Array },
  { publicShare, inputShares }: ShardedReport,
): Uint8Array[] {
  const { verifyKey, ctx, nonce } = keys;
  let sides = inputShares.map((inputShare, id) =>
    vdaf.verifyInit(verifyKey, ctx, id, nonce, publicShare, inputShare),
  );
  const outShares: Uint8Array[] = [];
  while (sides.length > 0) {
    const shares = sides.map(({ verifierShare }) => verifierShare);
    const message = vdaf.verifierSharesToMessage(ctx, shares);
    const next = sides.map(({ state }) => vdaf.verifyNext(ctx, state, message));
    outShares.push(...next.filter((each) => each instanceof Uint8Array));
    sides = next.flatMap((each) => (each instanceof Uint8Array ? [] : [each]));
  }
  return outShares;
}

function packNumber(number: number, width: number): Uint8Array {
  return packBits(
    Array.from({ length: width }, (_, at) => ((number >> (width - 1 - at)) & 1) === 1),
  );
}
