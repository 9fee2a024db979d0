/** Tasks of one VDAF each: what the bench uploads to. */
import { encodeBase64url } from "@sumus/bytes";
import { cryptoRandomBytes, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import { DAP_VERSION_DEFAULT, type DapTask } from "@sumus/dap";
import { dapTaskOf, type TaskDocument } from "@sumus/task";
import { createPrio3, type Prio3Config } from "@sumus/vdaf";

export interface TaskCase {
  readonly name: string;
  readonly vdaf: Prio3Config;
  readonly measurement: number;
}

export const HISTOGRAM: TaskCase = {
  name: "Histogram(256)",
  vdaf: { kind: "histogram", length: 256 },
  measurement: 77,
};

export const COUNT: TaskCase = { name: "Count", vdaf: { kind: "count" }, measurement: 1 };

export const SUM: TaskCase = {
  name: "Sum (32 bit)",
  vdaf: { kind: "sum", maxMeasurement: 2 ** 32 - 1 },
  measurement: 123_456_789,
};

export interface BenchTask {
  readonly document: TaskDocument;
  readonly task: DapTask;
}

/** A task between the two nodes. Nobody collects it, so it needs no noise. */
export function createBenchTask(
  { name, vdaf }: TaskCase,
  addresses: { readonly leader: string; readonly helper: string },
): BenchTask {
  const collector = hpkeGenerateKeyPair(hpkeSuite(0x0020, 0x0001, 0x0001), cryptoRandomBytes);
  const document: TaskDocument = {
    title: `Bench of ${name}`,
    version: DAP_VERSION_DEFAULT,
    vdaf: createPrio3(vdaf).config,
    batchMode: "time_interval",
    timePrecision: 86_400,
    minBatchSize: 100,
    ...addresses,
    collector: encodeBase64url(collector.publicKey.bytes),
    interval: null,
    noise: { kind: "none" },
    taskInfo: null,
  };
  return { document, task: dapTaskOf(document) };
}
