import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GatherGate } from "./gather-gate.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a task rests after a job that was not full, and then wakes the workers", () => {
  const wake = vi.fn();
  const gate = new GatherGate(100, wake);
  expect(gate.countMin(1)).toBe(1);
  gate.gathered(1, 3, 500);
  expect([gate.countMin(1), gate.countMin(2)]).toEqual([500, 1]);
  vi.advanceTimersByTime(60);
  // A full job in between neither ends the rest nor begins another.
  gate.gathered(1, 500, 500);
  vi.advanceTimersByTime(39);
  expect([gate.countMin(1), wake.mock.calls.length]).toEqual([500, 0]);
  vi.advanceTimersByTime(1);
  expect([gate.countMin(1), wake.mock.calls.length]).toEqual([1, 1]);
});

test("workers are woken by the first report, by a full job's worth, and at the end of a rest", () => {
  const wake = vi.fn();
  const gate = new GatherGate(100, wake);
  for (let upload = 0; upload < 50; upload++) gate.uploaded(1);
  expect(wake).toHaveBeenCalledTimes(1);
  gate.uploaded(500);
  expect(wake).toHaveBeenCalledTimes(2);
  gate.uploaded(1);
  vi.advanceTimersByTime(100);
  expect(wake).toHaveBeenCalledTimes(3);
  vi.advanceTimersByTime(1000);
  expect(wake).toHaveBeenCalledTimes(3);
  gate.uploaded(1);
  expect(wake).toHaveBeenCalledTimes(4);
});

test("nobody rests after a full job, or without a delay", () => {
  const gate = new GatherGate(100, () => {});
  gate.gathered(1, 500, 500);
  expect(gate.countMin(1)).toBe(1);
  const open = new GatherGate(0, () => {});
  open.gathered(1, 1, 500);
  expect(open.countMin(1)).toBe(1);
});
