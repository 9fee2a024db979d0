/**
 * Runs the operations of one vector file on the file's own messages. Each output is compared byte
 * for byte; an operation that must fail must fail at just that step. Outputs that a file states and
 * no operation checks fail it too.
 */
import { equalBytes } from "@sumus/bytes";
import type { VerifiableVdaf } from "./ping-pong.ts";
import type { ShardedReport } from "./prio3.ts";
import { VdafError } from "./vdaf-error.ts";
import {
  VectorError,
  type VectorFile,
  type VectorOperation,
  type VectorReport,
} from "./vector-file.ts";

/** A VDAF under the aggregation parameter of a file: Prio3, or Poplar1 at a level. */
interface VectorVdaf<State> extends VerifiableVdaf<State> {
  encodeState(state: State): Uint8Array;
  decodeState(bytes: Uint8Array): State;
  aggregateInit(): Uint8Array;
  aggregateUpdate(aggregateShare: Uint8Array, outShare: Uint8Array): Uint8Array;
  unshard(aggregateShares: readonly Uint8Array[], measurementCount: number): bigint[];
}

/** What a file is about, made of its parameters. */
export interface VectorSubject<State> {
  readonly vdaf: VectorVdaf<State>;
  readonly rounds: number;
  /** Whether the file states a result of one element as a number instead of a list. */
  readonly isResultNumber: boolean;
  /** `shard` of a measurement as it stands in the file. */
  shard(measurement: unknown, report: VectorReport): ShardedReport;
}

interface Run<State> extends VectorSubject<State> {
  readonly file: VectorFile;
  /** Verify states by report and aggregator, encoded. */
  readonly states: Map<string, Uint8Array>;
  /** Outputs of the file that were compared. */
  readonly checked: Set<string>;
}

/** @throws {VectorError} at the first operation that does not do what the file says */
export function runOperations<State>(subject: VectorSubject<State>, file: VectorFile): void {
  if (file.operations.length === 0) throw new VectorError("expected operations to run");
  const run: Run<State> = { ...subject, file, states: new Map(), checked: new Set() };
  for (const [index, operation] of file.operations.entries()) {
    const title = `operations[${index}] ${operation.operation}`;
    if (operation.success) labelled(title, () => operate(run, operation));
    else requireRefusal(title, () => operate(run, operation));
  }
  for (const output of statedOutputs(file)) {
    if (!run.checked.has(output)) throw new VectorError(`${output}: stated but never checked`);
  }
}

function operate<State>(run: Run<State>, operation: VectorOperation): void {
  const operator = OPERATIONS.get(operation.operation);
  if (operator === undefined) throw new VectorError("expected an operation of the schema");
  operator(run, operation);
}

type Operator = <State>(run: Run<State>, operation: VectorOperation) => void;

const OPERATIONS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["shard", shard],
  ["verify_init", verifyInit],
  ["verifier_shares_to_message", verifierSharesToMessage],
  ["verify_next", verifyNext],
  ["aggregate", aggregate],
  ["unshard", unshard],
]);

function shard<State>(run: Run<State>, operation: VectorOperation): void {
  const [report, index] = reportOf(run, operation);
  const { publicShare, inputShares } = run.shard(report.measurement, report);
  compare(`reports[${index}].public_share`, publicShare, report.publicShare);
  requireCount(`reports[${index}].input_shares`, report.inputShares, run.vdaf.shares);
  for (const [id, share] of inputShares.entries()) {
    compare(`reports[${index}].input_shares[${id}]`, share, report.inputShares[id]);
  }
}

function verifyInit<State>(run: Run<State>, operation: VectorOperation): void {
  const { vdaf, file } = run;
  const [report, index] = reportOf(run, operation);
  const id = aggregatorOf(run, operation);
  requireCount(`reports[${index}].input_shares`, report.inputShares, vdaf.shares);
  const { state, verifierShare } = vdaf.verifyInit(
    ...([file.verifyKey, file.ctx, id, report.nonce, report.publicShare] as const),
    item(report.inputShares, id, "input share"),
  );
  run.states.set(`${index} ${id}`, vdaf.encodeState(state));
  check(
    run,
    `reports[${index}].verifier_shares[0][${id}]`,
    verifierShare,
    report.verifierShares[0]?.[id],
  );
}

function verifierSharesToMessage<State>(run: Run<State>, operation: VectorOperation): void {
  const { vdaf, file } = run;
  const [report, index] = reportOf(run, operation);
  const round = roundOf(operation, 0, run.rounds - 1);
  const shares = item(report.verifierShares, round, "round of verifier shares");
  const message = vdaf.verifierSharesToMessage(file.ctx, shares);
  check(
    run,
    `reports[${index}].verifier_messages[${round}]`,
    message,
    report.verifierMessages[round],
  );
}

function verifyNext<State>(run: Run<State>, operation: VectorOperation): void {
  const { vdaf, file, checked } = run;
  const [report, index] = reportOf(run, operation);
  const id = aggregatorOf(run, operation);
  const round = roundOf(operation, 1, run.rounds);
  const state = run.states.get(`${index} ${id}`);
  if (state === undefined) throw new VectorError("expected a verify_init before verify_next");
  // Whatever comes of it, the message was an input of this step.
  checked.add(`reports[${index}].verifier_messages[${round - 1}]`);
  const message = item(report.verifierMessages, round - 1, "verifier message");
  const next = vdaf.verifyNext(file.ctx, vdaf.decodeState(state), message);
  if (next instanceof Uint8Array !== (round === run.rounds)) {
    throw new VectorError(`expected ${run.rounds} rounds, got another number`);
  }
  if (next instanceof Uint8Array) {
    check(run, `reports[${index}].out_shares[${id}]`, next, report.outShares[id]);
    return;
  }
  run.states.set(`${index} ${id}`, vdaf.encodeState(next.state));
  check(
    run,
    `reports[${index}].verifier_shares[${round}][${id}]`,
    next.verifierShare,
    report.verifierShares[round]?.[id],
  );
}

function aggregate<State>(run: Run<State>, operation: VectorOperation): void {
  const { vdaf, file } = run;
  const id = aggregatorOf(run, operation);
  let share = vdaf.aggregateInit();
  for (const report of file.reports) {
    share = vdaf.aggregateUpdate(share, item(report.outShares, id, "output share"));
  }
  check(run, `agg_shares[${id}]`, share, file.aggregateShares[id]);
}

function unshard<State>({ vdaf, file, checked, isResultNumber }: Run<State>): void {
  const result = vdaf.unshard(file.aggregateShares, file.reports.length);
  const expected = isResultNumber ? [file.aggregateResult] : file.aggregateResult;
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
    ...report.verifierShares.flatMap((shares, round) =>
      shares.map((_, id) => `reports[${index}].verifier_shares[${round}][${id}]`),
    ),
    ...report.verifierMessages.map((_, round) => `reports[${index}].verifier_messages[${round}]`),
    ...report.outShares.map((_, id) => `reports[${index}].out_shares[${id}]`),
  ]);
  const shares = file.aggregateShares.map((_, id) => `agg_shares[${id}]`);
  return [...reports, ...shares, ...(file.aggregateResult === null ? [] : ["agg_result"])];
}

function reportOf<State>(
  { file }: Run<State>,
  { reportIndex }: VectorOperation,
): [VectorReport, number] {
  if (reportIndex === undefined) throw new VectorError("expected a report_index");
  return [item(file.reports, reportIndex, "report"), reportIndex];
}

function aggregatorOf<State>({ vdaf }: Run<State>, { aggregatorId }: VectorOperation): number {
  if (aggregatorId === undefined || aggregatorId < 0 || aggregatorId >= vdaf.shares) {
    throw new VectorError("expected an aggregator_id");
  }
  return aggregatorId;
}

function roundOf({ round }: VectorOperation, min: number, max: number): number {
  if (round === undefined || round < min || round > max) {
    throw new VectorError(`expected a round from ${min} to ${max}, got ${round}`);
  }
  return round;
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

/** Compares an output with the file's and notes that this was done. */
function check<State>(
  { checked }: Run<State>,
  output: string,
  got: Uint8Array,
  expected: Uint8Array | undefined,
): void {
  compare(output, got, expected);
  checked.add(output);
}

/** @throws {VectorError} unless both are the same bytes */
export function compare(path: string, got: Uint8Array, expected: Uint8Array | undefined): void {
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
