import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Result, recordResult } from "./results.ts";

describe("a recorded result", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bench-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("holds machine, commit, date, appendix and rows, a row a line", () => {
    const rows = [
      { bench: "hpke", ratio: 3 },
      { bench: "hpke", ratio: 4 },
    ];
    const path = recordResult(
      { name: "hpke", rows, appendix: { series: [1, 2] } },
      join(folder, "results"),
    );
    const text = readFileSync(path, "utf8");
    const result = JSON.parse(text) as Result;
    expect(path).toMatch(/\d{4}-\d{2}-\d{2}-hpke\.json$/);
    expect(result.rows).toEqual(rows);
    expect(result.appendix).toEqual({ series: [1, 2] });
    expect(result.machine).toEqual({
      cpu: expect.any(String),
      cores: expect.any(Number),
      node: process.version,
    });
    expect(result.commit).toMatch(/^[0-9a-f]{40}(-dirty)?$/);
    expect(Math.abs(Date.now() - Date.parse(result.date))).toBeLessThan(60_000);
    expect(text.split("\n").filter((line) => line.includes('"bench"'))).toHaveLength(2);
  });

  it("says that it is partial until its run is at its end, and then has its picture", () => {
    const read = (path: string): Result => JSON.parse(readFileSync(path, "utf8")) as Result;
    const first = recordResult({ name: "lab", rows: [{}], isPartial: true }, folder);
    expect(read(first)).toMatchObject({ isPartial: true, rows: [{}] });
    const last = recordResult({ name: "lab", rows: [{}, {}], picture: "<svg/>" }, folder);
    expect(last).toBe(first);
    expect(read(last)).not.toHaveProperty("isPartial");
    expect(readFileSync(last.replace(/json$/, "svg"), "utf8")).toBe("<svg/>");
  });
});
