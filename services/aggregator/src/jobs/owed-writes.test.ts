import { describe, expect, test } from "vitest";
import { LeaseLostError } from "../store/lease.ts";
import { OwedWrites } from "./owed-writes.ts";

class FullError extends Error {}

describe("a write that fails", () => {
  test("is owed until it succeeds, and then no more", async () => {
    const owed = new OwedWrites();
    let isFull = true;
    let written = 0;
    const write = async (): Promise<void> => {
      if (isFull) throw new FullError();
      written++;
    };
    await expect(owed.write(write)).rejects.toThrow(FullError);
    await expect(owed.settle()).rejects.toThrow(FullError);
    isFull = false;
    await owed.settle();
    await owed.settle();
    expect(written).toBe(1);
  });

  test("is forgotten when another worker has the job", async () => {
    const owed = new OwedWrites();
    let tries = 0;
    const lost = async (): Promise<void> => {
      tries++;
      throw tries === 1 ? new FullError() : new LeaseLostError();
    };
    await expect(owed.write(lost)).rejects.toThrow(FullError);
    await owed.settle();
    await owed.settle();
    expect(tries).toBe(2);
  });
});
