import { expect, test } from "vitest";
import { GroupCommit, QueueFullError } from "./group-commit.ts";

const bounds = { batchBytesMax: 100, queueBytesMax: 300 };

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("writes together what arrived meanwhile, and answers everybody in order", async () => {
  const batches: number[][] = [];
  const { promise: written, resolve: write } = Promise.withResolvers<void>();
  const group = new GroupCommit<number, number>(async (items) => {
    batches.push([...items]);
    await written;
    return items.map((item) => item * 10);
  }, bounds);
  const first = group.add(1, 40);
  while (batches.length === 0) await turn();
  const others = [2, 3, 4, 5].map((item) => group.add(item, 40));
  write();
  expect(await Promise.all([first, ...others])).toEqual([10, 20, 30, 40, 50]);
  expect(batches).toEqual([[1], [2, 3], [4, 5]]);
});

test("waits for what comes in turn after turn, until nothing does or a batch is full", async () => {
  const batches: number[][] = [];
  const group = new GroupCommit<number, void>((items) => {
    batches.push([...items]);
    return Promise.resolve(items.map(() => undefined));
  }, bounds);
  const { promise: answered, resolve } = Promise.withResolvers<Promise<void>[]>();
  const addFrom = (item: number, before: Promise<void>[]): void => {
    // Before the item: this turn's look at the queue comes behind it.
    if (item < 5) setImmediate(() => addFrom(item + 1, answers));
    const answers = [...before, group.add(item, 25)];
    if (item === 5) resolve(answers);
  };
  addFrom(1, []);
  await Promise.all(await answered);
  expect(batches).toEqual([[1, 2, 3, 4], [5]]);
});

test("an item heavier than a batch is written alone; a failure is everybody's of its batch", async () => {
  const group = new GroupCommit<string, string>((items) => {
    if (items.includes("bad")) throw new Error("disk full");
    return Promise.resolve(items);
  }, bounds);
  const results = await Promise.allSettled([
    group.add("huge", 250),
    group.add("bad", 1),
    group.add("beside it", 1),
  ]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "rejected"]);
  await expect(group.add("later", 1)).resolves.toBe("later");
});

test("refuses what would wait too long", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const group = new GroupCommit<number, number>(async (items) => {
    await gate;
    return items;
  }, bounds);
  const first = group.add(1, 100);
  while (group.queueLength > 0) await turn();
  const waiting = [group.add(2, 200), group.add(3, 100)];
  await expect(group.add(4, 1)).rejects.toThrow(QueueFullError);
  open();
  await expect(Promise.all([first, ...waiting])).resolves.toEqual([1, 2, 3]);
  await group.idle();
});
