/**
 * A few rounds of `npm run crash`, which runs as many as one has time for: processes that die by
 * kill -9 under load, and every acknowledged report counted once. And that its judge can tell.
 */
import { rm } from "node:fs/promises";
import { STORE_KINDS } from "@sumus/aggregator/testing";
import { describe, expect, test } from "vitest";
import { HELP, parseCommand, UsageError } from "./command-line.ts";
import { audit, type Entry, type Tally } from "./ledger.ts";
import { runRounds } from "./run-rounds.ts";

const ROUNDS = 2;

describe("kill -9 of anything at any moment loses nothing and counts nothing twice", () => {
  const storm = async (store: "pglite" | "postgres"): Promise<void> => {
    const results = await runRounds({ rounds: ROUNDS, store, seed: "suite" });
    // What failed is told; whoever wants to read its logs runs `npm run crash` with this seed.
    for (const { evidence } of results) {
      if (evidence !== undefined) await rm(evidence, { recursive: true });
    }
    expect(results.map(({ wrong }) => wrong)).toEqual(new Array(ROUNDS).fill([]));
    for (const { reports } of results) expect(reports.counted).toBeGreaterThan(100);
  };
  test("on embedded databases", () => storm("pglite"), 600_000);
  test.skipIf(!STORE_KINDS.includes("PostgreSQL"))(
    "on servers, which die as well, with two replicas of each node",
    () => storm("postgres"),
    600_000,
  );
});

describe("the judge of a round", () => {
  const heard = (cell: number, entry: Partial<Entry> = {}): Entry => ({
    cell,
    kind: "honest",
    tries: 1,
    answer: "acknowledged",
    ...entry,
  });
  const ledger: readonly Entry[] = [
    heard(0),
    heard(1, { kind: "impatient", answer: "unknown" }),
    heard(2, { kind: "lying" }),
    heard(3, { kind: "unreadable" }),
    heard(4, { kind: "early", answer: "report_too_early" }),
  ];
  const tally = (counts: readonly bigint[], change: Partial<Tally> = {}): Tally => {
    const total = Number(counts.reduce((sum, count) => sum + count, 0n));
    return {
      counts,
      reportCount: total,
      refused: { vdaf_verify_error: 1, hpke_decrypt_error: 1 },
      ...change,
    };
  };

  test("is content with each report once, and with what nobody acknowledged either way", () => {
    expect(audit(ledger, tally([1n, 0n, 0n, 0n, 0n, 0n]))).toEqual([]);
    expect(audit(ledger, tally([1n, 1n, 0n, 0n, 0n, 0n]))).toEqual([]);
  });

  test.each<[string, Tally, RegExp]>([
    ["a loss", tally([0n, 0n, 0n, 0n, 0n, 0n]), /^cell 0: honest, .* expected 1, got 0$/],
    ["a replay", tally([2n, 0n, 0n, 0n, 0n, 0n]), /^cell 0: honest, .* expected 1, got 2$/],
    ["a doubtful one twice", tally([1n, 2n, 0n, 0n, 0n, 0n]), /^cell 1: .* 0 or 1, got 2$/],
    ["a lie", tally([1n, 0n, 1n, 0n, 0n, 0n]), /^cell 2: lying, .* expected 0, got 1$/],
    ["nobody's", tally([1n, 0n, 0n, 0n, 0n, 1n]), /^cell 5: nobody's, counted 1$/],
    [
      "a count that is not the sum's",
      tally([1n, 0n, 0n, 0n, 0n, 0n], { reportCount: 2 }),
      /^the collection is of 2 reports, its sum of 1$/,
    ],
    [
      "a refusal that was counted twice",
      tally([1n, 0n, 0n, 0n, 0n, 0n], { refused: { vdaf_verify_error: 2, hpke_decrypt_error: 1 } }),
      /^vdaf_verify_error: expected 1 refused reports, got 2$/,
    ],
  ])("sees %s", (_, counted, fault) => {
    expect(audit(ledger, counted)).toEqual([expect.stringMatching(fault)]);
  });

  test("sees an honest report that was refused", () => {
    const refused = [heard(0, { answer: "report_dropped" })];
    const calm = tally([1n], { refused: {} });
    expect(audit(refused, calm)).toEqual([expect.stringMatching(/got report_dropped$/)]);
  });
});

test("the command takes what its help says, and nothing else", () => {
  expect(HELP).toContain("npm run crash -- --rounds 20 --store postgres");
  expect(parseCommand(["--help"])).toBe("help");
  expect(parseCommand(["--rounds", "7", "--store", "postgres", "--seed", "s"])).toMatchObject({
    rounds: 7,
    store: "postgres",
    seed: "s",
  });
  for (const words of [["--rounds", "0"], ["--store", "mysql"], ["--what"], ["x"]]) {
    expect(() => parseCommand(words)).toThrow(UsageError);
  }
});
