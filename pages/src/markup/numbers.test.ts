import { expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDecimals,
  formatOneIn,
  formatPercent,
  formatSeconds,
} from "./numbers.ts";

test("numbers as a reader wants them", () => {
  expect(formatCount(12_345.6)).toBe("12,346");
  expect(formatCount(-0.2)).toBe("0");
  expect(formatCount(-3)).toBe("\u22123");
  expect(formatDecimals(-0.004, 2)).toBe("0.00");
  expect(formatPercent(0.1234)).toBe("12.3\u00a0%");
  expect(formatBytes(980)).toBe("980\u00a0B");
  expect(formatBytes(3412)).toBe("3.4\u00a0kB");
  expect(formatBytes(1_250_000)).toBe("1.3\u00a0MB");
  expect(formatSeconds(4.04)).toBe("4.0\u00a0s");
  expect(formatSeconds(125)).toBe("2\u00a0min 5\u00a0s");
  expect(formatSeconds(119.7)).toBe("2\u00a0min 0\u00a0s");
  expect(formatOneIn(1e-9)).toBe("one in 1,000,000,000");
});
