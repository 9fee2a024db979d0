import { describe, expect, it } from "vitest";
import { type Contender, measureSpeeds, median } from "./cpu-speed.ts";
import { speedRow } from "./speed-row.ts";

function spinning(microseconds: number): Contender {
  return {
    run: (count) => {
      const { user, system } = process.cpuUsage();
      for (;;) {
        const now = process.cpuUsage();
        if (now.user + now.system - user - system >= count * microseconds) return;
      }
    },
  };
}

describe("median", () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[8, 2, 4, 6], 5],
    [[10, 9, 100], 10],
  ])("of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe("speeds", () => {
  it("are operations per second of CPU time", async () => {
    const [fast = 0, slow = 0] = await measureSpeeds([spinning(20), spinning(100)], {
      rounds: 3,
      roundMilliseconds: 20,
    });
    expect(fast / 50_000).toBeCloseTo(1, 0);
    expect(slow / 10_000).toBeCloseTo(1, 0);
    expect(fast / slow).toBeGreaterThan(3);
  });
});

describe("a row of speeds", () => {
  it("has its shape, fields in order", () => {
    const names = { bench: "hpke", case: "a share", op: "seal", peer: "peer@1" };
    expect(JSON.stringify(speedRow(names, 12_345.6, 444.44))).toBe(
      '{"bench":"hpke","case":"a share","op":"seal","perCpuSecond":12350,' +
        '"peer":"peer@1","peerPerCpuSecond":444.4,"ratio":27.8}',
    );
  });
});
