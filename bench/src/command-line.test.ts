import { describe, expect, it } from "vitest";
import type { Bench } from "./bench.ts";
import { help, parseCommand, UsageError } from "./command-line.ts";

const BENCHES: readonly Bench[] = ["hpke", "timing", "lab"].map((name) => ({
  name,
  summary: `measures ${name}`,
  isSized: name === "lab",
  columns: [],
  async *measure() {},
}));

describe("the command line", () => {
  it("takes a name and flags in any order", () => {
    const flags = { json: false, quick: false, record: false };
    expect(parseCommand(["hpke"], BENCHES)).toEqual({ benches: [BENCHES[0]], ...flags });
    expect(parseCommand(["--json", "timing", "--record"], BENCHES)).toEqual({
      ...flags,
      benches: [BENCHES[1]],
      json: true,
      record: true,
    });
    expect(parseCommand(["all"], BENCHES)).toEqual({ benches: BENCHES, ...flags });
    expect(parseCommand(["lab", "--people", "5000", "--store", "pglite"], BENCHES)).toEqual({
      ...flags,
      benches: [BENCHES[2]],
      people: 5000,
      store: "pglite",
    });
    expect(parseCommand(["--help"], BENCHES)).toBe("help");
  });

  it.each([
    [[], /name of a bench: hpke, timing, lab, all/],
    [["sorting"], /one of hpke, timing, lab, all, got sorting/],
    [["hpke", "timing"], /expected one bench/],
    [["hpke", "--fast"], /--json, --quick.*--fast/],
    [["hpke", "--json=yes"], /--json/],
    [["hpke", "--quick", "--record"], /whole run/],
    [["lab", "--people", "1000", "--record"], /whole run/],
    [["hpke", "--people", "1000"], /a bench with sizes, got hpke/],
    [["lab", "--people", "many"], /from 100 to 9999999, got many/],
    [["lab", "--store", "paper"], /pglite or postgres, got paper/],
  ])("refuses %j", (words, message) => {
    expect(() => parseCommand(words, BENCHES)).toThrow(UsageError);
    expect(() => parseCommand(words, BENCHES)).toThrow(message);
  });

  it("names every bench in its help, and shows examples", () => {
    const text = help(BENCHES);
    for (const { name, summary } of BENCHES)
      expect(text).toContain(`${name.padEnd(10)} ${summary}`);
    expect(text).toContain("npm run bench -- hpke");
  });
});
