import { expect, test } from "vitest";
import { GroupCommit, QueueFullError } from "./group-commit.ts";

const bounds = { batchBytesMax: 100, queueBytesMax: 300 };

test("writes together what arrived meanwhile, and answers everybody in order", async () => {
  const batches: number[][] = [];
  const group = new GroupCommit<number, number>(async (items) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    batches.push([...items]);
    return items.map((item) => item * 10);
  }, bounds);
  const answers = await Promise.all([1, 2, 3, 4, 5].map((item) => group.add(item, 40)));
  expect(answers).toEqual([10, 20, 30, 40, 50]);
  expect(batches).toEqual([[1], [2, 3], [4, 5]]);
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
  const waiting = [group.add(2, 200), group.add(3, 100)];
  await expect(group.add(4, 1)).rejects.toThrow(QueueFullError);
  open();
  await expect(Promise.all([first, ...waiting])).resolves.toEqual([1, 2, 3]);
  await group.idle();
});
