/**
 * A disk that fills up under load: nodes say so, lose nothing that they acknowledged, and go on when
 * there is room again. Every report has a histogram bucket of its own.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createTrial, OPERATOR_TOKEN, STORE_KINDS } from "@sumus/aggregator/testing";
import { afterEach, describe, expect, test } from "vitest";
import { Deployment, type StoreName } from "./crash/deployment.ts";
import type { Entry } from "./crash/ledger.ts";
import { Load } from "./crash/load.ts";
import { runRound } from "./crash/round.ts";
import { SmallDisk } from "./small-disk.ts";

const MEGABYTE = 2 ** 20;
/** Room for two nodes' databases, and to spare. */
const DISK_BYTES: Readonly<Record<StoreName, number>> = {
  pglite: 420 * MEGABYTE,
  postgres: 700 * MEGABYTE,
};
const CELLS = 300;
const BEFORE_MS = 700;
const FULL_MS = 2500;
const ROUND_MS_MAX = 300_000;
const TEST_MS_MAX = 400_000;

const canMount = SmallDisk.mount(MEGABYTE)?.[Symbol.dispose]() === undefined && isRoot();
if (!canMount)
  process.stdout.write("Tests of a full disk are left out: only root can mount one.\n");

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

const temporary = process.env["TMPDIR"];
afterEach(() => {
  if (temporary === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = temporary;
});

async function survive(store: StoreName): Promise<void> {
  using disk = SmallDisk.mount(DISK_BYTES[store]);
  if (disk === undefined) throw new Error("expected to mount a disk");
  const folder = mkdtempSync(join(tmpdir(), "sumus-full-"));
  // Where servers keep their data.
  process.env["TMPDIR"] = disk.folder;
  const deployment = await Deployment.start(store, folder, disk.folder);
  const load = new Load(1);
  try {
    const ledger: Entry[] = [];
    const orders = Array.from({ length: CELLS }, (_, cell) => ({ cell, kind: "honest" as const }));
    const plan = { seed: "full disk", cells: CELLS, orders, faults: [], lateFaults: [] };
    const signal = AbortSignal.timeout(ROUND_MS_MAX);
    const round = runRound({ deployment, load }, plan, { ledger }, signal);
    await sleep(BEFORE_MS);
    disk.fill();
    const answers = await watch(deployment.urls);
    const heardWhileFull = ledger.length;
    disk.free();
    expect(await round).toEqual([]);
    expect(ledger).toHaveLength(CELLS);
    expect(heardWhileFull).toBeLessThan(CELLS);
    expect(answers).toContainEqual(
      expect.stringMatching(/^50[37]: .*(has no room|database is away).*again later/),
    );
  } finally {
    await load.stop();
    await deployment.stop();
    rmSync(folder, { recursive: true });
  }
}

/** What a node answers to requests that make it write. */
async function watch(addresses: Deployment["urls"]): Promise<string[]> {
  const answers: string[] = [];
  const headers = { authorization: `Bearer ${OPERATOR_TOKEN}` };
  const endMs = performance.now() + FULL_MS;
  while (performance.now() < endMs) {
    const body = createTrial({ cells: 500, addresses, realTime: true }).manifest;
    try {
      const response = await fetch(`${addresses.leader}/studies`, {
        method: "POST",
        headers,
        body,
      });
      answers.push(`${response.status}: ${await response.text()}`);
    } catch (error) {
      answers.push(String(error));
    }
    await sleep(50);
  }
  return answers;
}

describe.skipIf(!canMount)("a disk that fills up loses nothing that was acknowledged", () => {
  test("on embedded databases", () => survive("pglite"), TEST_MS_MAX);
  test.skipIf(!STORE_KINDS.includes("PostgreSQL"))(
    "on servers",
    () => survive("postgres"),
    TEST_MS_MAX,
  );
});
