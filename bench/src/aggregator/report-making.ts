/**
 * What a report costs the person's device: ours beside the npm client `@divviup/dap`, in turns. It
 * speaks DAP-09 with VDAF-08, the same work in an older dress: sharding, two seals, encoding.
 */
import { Task } from "@divviup/dap";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createReport } from "@sumus/dap";
import { encodeHpkeConfigList } from "@sumus/dap/messages";
import { createParties, type Parties } from "@sumus/dap/testing";
import type { Measurement, Prio3Config } from "@sumus/vdaf";
import { type Contender, measureSpeeds, QUICK_RUN, WHOLE_RUN } from "../cpu-speed.ts";

export const PEER_CLIENT = "@divviup/dap@0.9.1";

interface MakingCase {
  readonly name: string;
  readonly config: Prio3Config;
  readonly measurement: Measurement;
  readonly peer: (parties: Parties) => Promise<Contender>;
}

const CASES: readonly MakingCase[] = [
  {
    name: "Count",
    config: { kind: "count" },
    measurement: 1,
    peer: (parties) => peerContender(new Task({ ...PEER_TASK, type: "count" }), true, parties),
  },
  {
    name: "Sum (32 bit)",
    config: { kind: "sum", maxMeasurement: 2 ** 32 - 1 },
    measurement: 123_456_789,
    peer: (parties) =>
      peerContender(new Task({ ...PEER_TASK, type: "sum", bits: 32 }), 123_456_789, parties),
  },
  {
    name: "Histogram(256)",
    config: { kind: "histogram", length: 256 },
    measurement: 77,
    peer: (parties) => {
      const vdaf = { type: "histogram", length: 256, chunkLength: 16 } as const;
      return peerContender(new Task({ ...PEER_TASK, ...vdaf }), 77, parties);
    },
  },
];

const PEER_TASK = {
  id: "3XTBHxTtUAtI516GeXZsVIKjBPYVNIYmF94vEBb4jcY",
  leader: "https://leader.example/",
  helper: "https://helper.example/",
  timePrecisionSeconds: 3600,
} as const;

export interface MakingSpeed {
  readonly case: string;
  readonly cpuMsPerReport: number;
  readonly peerCpuMsPerReport: number;
}

export async function* measureMaking(quick: boolean): AsyncIterable<MakingSpeed> {
  for (const { name, config, measurement, peer } of CASES) {
    const parties = createParties(config);
    const contenders = [ownContender(parties, measurement), await peer(parties)];
    const [own = 0, other = 0] = await measureSpeeds(contenders, quick ? QUICK_RUN : WHOLE_RUN);
    yield { case: name, cpuMsPerReport: 1000 / own, peerCpuMsPerReport: 1000 / other };
  }
}

function ownContender(parties: Parties, measurement: Measurement): Contender {
  const { task, leaderConfig, helperConfig } = parties;
  const input = {
    measurement,
    timeSeconds: Math.floor(Date.now() / 1000),
    leaderHpkeConfig: leaderConfig,
    helperHpkeConfig: helperConfig,
  };
  return {
    run(count) {
      for (let made = 0; made < count; made++) createReport(task, input, cryptoRandomBytes);
    },
  };
}

interface PeerTask<M> {
  fetch: (input: Request | string, init?: RequestInit) => Promise<Response>;
  fetchKeyConfiguration(): Promise<void>;
  generateReport(measurement: M): Promise<{ encode(): unknown }>;
}

async function peerContender<M>(
  task: PeerTask<M>,
  measurement: M,
  { leaderConfig }: Parties,
): Promise<Contender> {
  const configs = new Uint8Array(encodeHpkeConfigList([leaderConfig]));
  const headers = { "content-type": "application/dap-hpke-config-list" };
  task.fetch = () => Promise.resolve(new Response(configs, { headers }));
  await task.fetchKeyConfiguration();
  return {
    async run(count) {
      for (let made = 0; made < count; made++) {
        (await task.generateReport(measurement)).encode();
      }
    },
  };
}
