/**
 * Leaders, helpers and clients in one process, with a clock, a network and crashes that a scenario
 * chooses. Every report has a histogram bucket of its own: at the end a 0 in an acknowledged bucket
 * is a loss, a 2 anywhere is a replay.
 *
 * What may happen: uploads and requests to the helper, or their answers, get lost, arrive twice, late,
 * or in another order; a process dies before, within or after any of its transactions, or lives on
 * without knowing whether one happened; two replicas of each role work at once; leases run out while
 * their holders wait; clients send again what was not acknowledged, and some lie. What is no failure: a
 * report that was never acknowledged may be counted or not, a refused one never is.
 *
 * Not deterministic: keys, report ids, and on a server who is first. The outcome does not
 * depend on them.
 *
 * @module
 */
import { ask, COLLECTOR_TOKEN, exactSums, type Stores, settle } from "@sumus/aggregator/testing";
import { openTaskResponse } from "@sumus/aggregator/testing-task";
import { assert, defined } from "@sumus/assert";
import type { Collection } from "@sumus/dap";
import type { Scenario } from "./operations.ts";
import { BATCH_SIZE, CELLS, World } from "./world.ts";

/**
 * Runs a scenario to its end.
 *
 * @throws {AssertionError} when a report was lost, counted twice, or counted though it is bad
 */
export async function simulate(stores: Stores, scenario: Scenario): Promise<void> {
  const world = await World.create(stores, scenario.batchMode);
  const make = await world.client();
  for (const op of scenario.ops) await world.perform(op, make);

  await world.calm();
  // Clients send what was not acknowledged, and the work is finished.
  const waiting = world.sent.filter(({ acknowledged }) => !acknowledged);
  if (waiting.length > 0) await world.upload(waiting);
  assert(
    world.sent.every(({ acknowledged }) => acknowledged),
    "in calm weather every client hears that its reports are there",
  );
  await settle(world.process("leader", 0).node, world.trial.clock);
  const honest = world.sent.filter(({ corrupt }) => !corrupt).map(({ cell }) => cell);
  await checkSums(world, stores, honest);

  const storm = async (): Promise<void> => {
    for (const op of scenario.lateOps) await world.perform(op, make);
  };
  const released = await collectAll(world, honest.length, storm);
  const left = honest.filter((cell) => !released.includes(cell));
  assert(released.length + left.length === honest.length, "no report is in two batches, nor a lie");
  await checkSums(world, stores, left);
}

/** Each of these cells once, no other ever, and both nodes agree. */
async function checkSums(
  { trial }: World,
  stores: Stores,
  cells: readonly number[],
): Promise<void> {
  const { counts, reportCounts } = await exactSums(trial.task, stores);
  for (let cell = 0; cell < CELLS; cell++) {
    const expected = cells.includes(cell) ? 1n : 0n;
    assert(counts[cell] === expected, `cell ${cell}: expected ${expected}, got ${counts[cell]}`);
  }
  for (const count of reportCounts) {
    assert(count === cells.length, `expected ${cells.length} reports in each sum, got ${count}`);
  }
}

/** Collects as long as there are enough; the cells of all batches. */
async function collectAll(
  world: World,
  honestCount: number,
  storm: () => Promise<void>,
): Promise<number[]> {
  const cells: number[] = [];
  const isInterval = world.collectionRequest.query.batchMode === "time_interval";
  while (honestCount - cells.length >= BATCH_SIZE) {
    const { aggregate, reportCount } = await collect(world, cells.length === 0 ? storm : undefined);
    const found = aggregate.flatMap((count, cell) => new Array<number>(Number(count)).fill(cell));
    const countMin = isInterval ? honestCount : BATCH_SIZE;
    assert(reportCount >= countMin, `expected a release of ${countMin}, got ${reportCount}`);
    assert(found.length === reportCount, `expected ${reportCount} reports in the sum: ${found}`);
    cells.push(...found);
  }
  return cells;
}

/** One batch, which is the same for whoever asks again, and wherever; then it is taken away. */
async function collect(
  world: World,
  storm: () => Promise<void> = () => Promise.resolve(),
): Promise<Collection> {
  const { trial, collectionRequest } = world;
  await world.collectAnew();
  await storm();
  await world.calm();
  await settle(world.process("leader", 1).node, trial.clock);
  const location = defined(world.location, "a calm leader takes a collection job");
  const bodies: Buffer<ArrayBuffer>[] = [];
  for (const replica of [0, 1] as const) {
    const { node } = world.process("leader", replica);
    const ready = await ask(node, "GET", location, { token: COLLECTOR_TOKEN });
    assert(ready.status === 200, `the batch is released: ${ready.status}`);
    bodies.push(Buffer.from(await ready.arrayBuffer()));
  }
  const [body = Buffer.of(), other = Buffer.of()] = bodies;
  assert(body.equals(other), "both replicas say the same");
  await ask(world.process("leader", 0).node, "DELETE", location, { token: COLLECTOR_TOKEN });
  return await openTaskResponse(trial, collectionRequest, new Response(body));
}
