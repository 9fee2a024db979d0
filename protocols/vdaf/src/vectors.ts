/**
 * Runs the official test vectors [VDAF-20, Appendix "Test Vectors"]: every operation that a file
 * lists, on the file's own messages, each output compared byte for byte; an operation that must fail
 * must fail at just that step. Outputs that a file states and no operation checks fail it too.
 *
 * @module
 */
import { concat, equalBytes } from "@sumus/bytes";
import { FIELD128 } from "@sumus/field";
import { createKernel } from "@sumus/kernels";
import type { Measurement, Prio3Config } from "./config.ts";
import { createPrio3, type Prio3, type VerifyState } from "./prio3.ts";
import { createSumVecWithMultiproof } from "./testing.ts";
import { VdafError } from "./vdaf-error.ts";
import {
  decodeVectorFile,
  parseObject,
  VectorError,
  type VectorFile,
  type VectorOperation,
  type VectorReport,
} from "./vector-file.ts";

export type VectorVerdict =
  | { readonly verdict: "passed" }
  | { readonly verdict: "failed"; readonly reason: string }
  | { readonly verdict: "skipped"; readonly reason: string };

/** Looked for in a file's name in this order, since some names begin like others. */
const PRIO3_KINDS = [
  "Prio3Count",
  "Prio3SumVecWithMultiproof",
  "Prio3SumVec",
  "Prio3Sum",
  "Prio3Histogram",
  "Prio3MultihotCountVec",
  "Prio3L1BoundSum",
] as const;
const XOF_KIND = "XofTurboShake128";
/** Published beside those above, and not of this package. */
const UNSUPPORTED_KINDS = ["Mastic", "Poplar1", "Idpf", "XofFixedKeyAes128", "Prio3HigherDegree"];

/** Runs one file; never throws, whatever its text is. */
export function runVector(fileName: string, text: string): VectorVerdict {
  try {
    const unsupported = UNSUPPORTED_KINDS.find((name) => fileName.includes(name));
    if (unsupported !== undefined) {
      parseObject(text);
      return { verdict: "skipped", reason: `${unsupported} is not supported` };
    }
    const kind = PRIO3_KINDS.find((name) => fileName.includes(name));
    if (fileName.includes(XOF_KIND)) runXof(text);
    else if (kind === undefined)
      throw new VectorError("expected a kind of vector in the file name");
    else runPrio3(kind, decodeVectorFile(text));
    return { verdict: "passed" };
  } catch (error) {
    // Whatever a hostile file provokes is that file's failure, with its reason.
    return { verdict: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

function prio3Of(kind: (typeof PRIO3_KINDS)[number], file: VectorFile): Prio3 {
  const { parameters, shares } = file;
  const of = (config: Prio3Config): Prio3 => createPrio3(config, { shares });
  const chunks = (): { length: number; chunkLength: number } => ({
    length: parameters.integer("length"),
    chunkLength: parameters.integer("chunk_length"),
  });
  const maxMeasurement = (): number => parameters.integer("max_measurement");
  switch (kind) {
    case "Prio3Count":
      return of({ kind: "count" });
    case "Prio3Sum":
      return of({ kind: "sum", maxMeasurement: maxMeasurement() });
    case "Prio3SumVec":
      return of({ kind: "sumVec", ...chunks(), maxMeasurement: maxMeasurement() });
    case "Prio3SumVecWithMultiproof":
      return createSumVecWithMultiproof({ ...chunks(), maxMeasurement: maxMeasurement() }, shares);
    case "Prio3Histogram":
      return of({ kind: "histogram", ...chunks() });
    case "Prio3MultihotCountVec": {
      const maxWeight = parameters.integer("max_weight");
      return of({ kind: "multihotCountVec", ...chunks(), maxWeight });
    }
    case "Prio3L1BoundSum":
      return of({ kind: "l1BoundSum", ...chunks(), maxValue: parameters.integer("max_value") });
  }
}

function runPrio3(kind: (typeof PRIO3_KINDS)[number], file: VectorFile): void {
  const prio3 = prio3Of(kind, file);
  if (file.operations.length === 0) throw new VectorError("expected operations to run");
  const run: Run = { prio3, file, states: new Map(), checked: new Set() };
  for (const [index, operation] of file.operations.entries()) {
    const title = `operations[${index}] ${operation.operation}`;
    if (operation.success) {
      labelled(title, () => operate(run, operation));
    } else {
      requireRefusal(title, () => operate(run, operation));
    }
  }
  for (const output of statedOutputs(file)) {
    if (!run.checked.has(output)) throw new VectorError(`${output}: stated but never checked`);
  }
}

interface Run {
  readonly prio3: Prio3;
  readonly file: VectorFile;
  /** Verify states by report and aggregator. */
  readonly states: Map<string, VerifyState>;
  /** Outputs of the file that were compared. */
  readonly checked: Set<string>;
}

const OPERATIONS: ReadonlyMap<string, (run: Run, operation: VectorOperation) => void> = new Map([
  ["shard", shard],
  ["verify_init", verifyInit],
  ["verifier_shares_to_message", verifierSharesToMessage],
  ["verify_next", verifyNext],
  ["aggregate", aggregate],
  ["unshard", unshard],
]);

function operate(run: Run, operation: VectorOperation): void {
  const operator = OPERATIONS.get(operation.operation);
  if (operator === undefined) throw new VectorError("expected an operation of the schema");
  operator(run, operation);
}

function shard({ prio3, file }: Run, operation: VectorOperation): void {
  const [report, index] = reportOf(file, operation);
  const { publicShare, inputShares } = prio3.shard(
    ...([file.ctx, measurementOf(report.measurement), report.nonce, report.rand] as const),
  );
  compare(`reports[${index}].public_share`, publicShare, report.publicShare);
  requireCount(`reports[${index}].input_shares`, report.inputShares, prio3.shares);
  for (const [id, share] of inputShares.entries()) {
    compare(`reports[${index}].input_shares[${id}]`, share, report.inputShares[id]);
  }
}

function verifyInit({ prio3, file, states, checked }: Run, operation: VectorOperation): void {
  const [report, index] = reportOf(file, operation);
  const id = aggregatorOf(prio3, operation);
  requireCount(`reports[${index}].input_shares`, report.inputShares, prio3.shares);
  const { state, verifierShare } = prio3.verifyInit(
    ...([file.verifyKey, file.ctx, id, report.nonce, report.publicShare] as const),
    item(report.inputShares, id, "input share"),
  );
  states.set(`${index} ${id}`, prio3.decodeState(prio3.encodeState(state)));
  const output = `reports[${index}].verifier_shares[0][${id}]`;
  compare(output, verifierShare, report.verifierShares[id]);
  checked.add(output);
}

function verifierSharesToMessage(run: Run, operation: VectorOperation): void {
  const { prio3, file, checked } = run;
  const [report, index] = reportOf(file, operation);
  requireRound(operation, 0);
  const message = prio3.verifierSharesToMessage(file.ctx, report.verifierShares);
  const output = `reports[${index}].verifier_messages[0]`;
  compare(output, message, report.verifierMessages[0]);
  checked.add(output);
}

function verifyNext({ prio3, file, states, checked }: Run, operation: VectorOperation): void {
  const [report, index] = reportOf(file, operation);
  const id = aggregatorOf(prio3, operation);
  requireRound(operation, 1);
  const state = states.get(`${index} ${id}`);
  if (state === undefined) throw new VectorError("expected a verify_init before verify_next");
  const output = `reports[${index}].out_shares[${id}]`;
  // Whatever comes of it, the message was an input of this step.
  checked.add(`reports[${index}].verifier_messages[0]`);
  const message = item(report.verifierMessages, 0, "verifier message");
  compare(output, prio3.verifyNext(file.ctx, state, message), report.outShares[id]);
  checked.add(output);
}

function aggregate({ prio3, file, checked }: Run, operation: VectorOperation): void {
  const id = aggregatorOf(prio3, operation);
  let share = prio3.aggregateInit();
  for (const report of file.reports) {
    share = prio3.aggregateUpdate(share, item(report.outShares, id, "output share"));
  }
  compare(`agg_shares[${id}]`, share, file.aggregateShares[id]);
  checked.add(`agg_shares[${id}]`);
}

function unshard({ prio3, file, checked }: Run): void {
  const result = prio3.unshard(file.aggregateShares, file.reports.length);
  const { kind } = prio3.config;
  const expected =
    kind === "count" || kind === "sum" ? [file.aggregateResult] : file.aggregateResult;
  if (!Array.isArray(expected) || expected.length !== result.length) {
    throw new VectorError("agg_result: expected another number of values");
  }
  for (const [index, value] of result.entries()) {
    const want: unknown = expected[index];
    if (!Number.isSafeInteger(want) || BigInt(want as number) !== value) {
      throw new VectorError(`agg_result: got ${value} at index ${index}`);
    }
  }
  checked.add("agg_result");
}

/** Names of everything that a file states as the output of an operation. */
function statedOutputs(file: VectorFile): string[] {
  const reports = file.reports.flatMap((report, index) => [
    ...report.verifierShares.map((_, id) => `reports[${index}].verifier_shares[0][${id}]`),
    ...report.verifierMessages.map((_, round) => `reports[${index}].verifier_messages[${round}]`),
    ...report.outShares.map((_, id) => `reports[${index}].out_shares[${id}]`),
  ]);
  const shares = file.aggregateShares.map((_, id) => `agg_shares[${id}]`);
  return [...reports, ...shares, ...(file.aggregateResult === null ? [] : ["agg_result"])];
}

/** XofTurboShake128.json: one seed, tag and binder, expanded both ways. */
function runXof(text: string): void {
  const file = parseObject(text);
  const [seed, dst] = [file.bytes("seed"), file.bytes("dst")];
  if (seed.length > 0xff || dst.length > 0xffff) throw new VectorError("expected a shorter seed");
  const lengths = [Uint8Array.of(dst.length & 0xff, dst.length >> 8), Uint8Array.of(seed.length)];
  const message = concat(
    ...lengths.slice(0, 1),
    dst,
    ...lengths.slice(1),
    seed,
    file.bytes("binder"),
  );
  const count = file.integer("length");
  const vector = file.bytes("expanded_vec_field128");
  if (vector.length !== count * FIELD128.encodedSize)
    throw new VectorError("expected length elements");

  const kernel = createKernel(FIELD128);
  const input = kernel.allocateBytes(message.length);
  const output = kernel.allocate(count + 2);
  const open = (): void => {
    kernel.sponge.start();
    kernel.sponge.absorb(input, message.length);
    kernel.sponge.finish(1);
  };
  kernel.write(input, message);
  open();
  kernel.sponge.squeeze(output, 32);
  compare("derived_seed", kernel.read(output, 32), file.bytes("derived_seed"));
  open();
  kernel.ops.squeezeVector(output, count);
  compare("expanded_vec_field128", kernel.read(output, vector.length), vector);
}

/** Numbers and truth values as they stand in JSON. */
function measurementOf(value: unknown): Measurement {
  if (Array.isArray(value)) return value.map(numberOf);
  return numberOf(value);
}

function numberOf(value: unknown): number {
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new VectorError("measurement: expected numbers");
  }
  return Number(value);
}

function reportOf(file: VectorFile, { reportIndex }: VectorOperation): [VectorReport, number] {
  if (reportIndex === undefined) throw new VectorError("expected a report_index");
  return [item(file.reports, reportIndex, "report"), reportIndex];
}

function aggregatorOf(prio3: Prio3, { aggregatorId }: VectorOperation): number {
  if (aggregatorId === undefined || aggregatorId < 0 || aggregatorId >= prio3.shares) {
    throw new VectorError("expected an aggregator_id");
  }
  return aggregatorId;
}

function requireRound({ round }: VectorOperation, expected: number): void {
  if (round !== expected) throw new VectorError(`expected round ${expected}, got ${round}`);
}

function requireCount(path: string, items: readonly unknown[], expected: number): void {
  if (items.length !== expected) {
    throw new VectorError(`${path}: expected ${expected}, got ${items.length}`);
  }
}

function item<T>(items: readonly T[], index: number, title: string): T {
  const found = items[index];
  if (found === undefined) throw new VectorError(`expected a ${title} ${index}`);
  return found;
}

function compare(path: string, got: Uint8Array, expected: Uint8Array | undefined): void {
  if (expected === undefined || !equalBytes(got, expected)) {
    throw new VectorError(`${path}: computed bytes differ from the file's`);
  }
}

function labelled(title: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VectorError(`${title}: ${reason}`, { cause: error });
  }
}

/** Only a {@link VdafError} is the refusal that a file means. */
function requireRefusal(title: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof VdafError) return;
    const reason = error instanceof Error ? error.message : String(error);
    throw new VectorError(`${title}: ${reason}`, { cause: error });
  }
  throw new VectorError(`${title}: expected to fail, but succeeded`);
}
