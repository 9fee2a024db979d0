/**
 * A hostile map of every language and every kind of refusal, asked of a vault as any study is: the
 * vault says in words what it was, tells no row, and answers the next study as if nothing had been.
 */
import type { ConsentRule } from "@sumus/consent";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createParties, NOW_SECONDS } from "@sumus/dap/testing";
import { createMapPool, createSandbox } from "@sumus/sandbox";
import { CONFORMANCE_MAPS } from "@sumus/sandbox/testing-maps";
import { completeStudy, parseStudy } from "@sumus/study";
import { ManualClock } from "@sumus/time";
import { describe, expect, test } from "vitest";
import {
  type Contribution,
  createVault,
  importCsv,
  type StudyTerms,
  splitByPerson,
  studyTerms,
  type Vault,
} from "./index.ts";

const sandbox = await createSandbox();
const parties = createParties({ kind: "count" });
const { leaderConfig: leaderHpkeConfig, helperConfig: helperHpkeConfig } = parties;
const context = { sandbox, leaderHpkeConfig, helperHpkeConfig };
const allowAll: ConsentRule = { name: "anything", effect: "allow" };

function termsOf(language: string, source: string): StudyTerms {
  const reading = parseStudy(`
title: A map in ${language}
purpose: To see what becomes of a vault
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs: { person: [age, sex] }
map: ${JSON.stringify(language === "none" ? { language } : { language, source })}
result: { group: { sex: [female, male] }, measures: { people: count } }
privacy: { epsilon: 1, delta: 1e-9, people_min: 100 }
`);
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join("\n"));
  return studyTerms(
    completeStudy(reading.study, {
      leader: "https://leader.example/",
      helper: "https://helper.example/",
      collector: "A".repeat(43),
      population: "test",
      window: { opens: NOW_SECONDS - 3600, closes: NOW_SECONDS + 3600 },
    }),
  );
}

function createPersonsVault(): Vault {
  const imported = importCsv("id,age,sex\n1,4711,female\n", { personColumn: "id" });
  if (!imported.ok) throw new Error(imported.reason);
  const people = splitByPerson("person", imported.table, "id");
  return createVault({
    owner: "1",
    collections: [people.get("1") ?? []].flat(),
    rules: [allowAll],
    budget: { periodSeconds: 86_400, totalRho: 100, collectionRho: {}, otherRho: 100 },
    clock: new ManualClock(NOW_SECONDS),
    randomBytes: cryptoRandomBytes,
  });
}

/** What the vault said of a map: why it did not take part, or what it noted when it sent nothing. */
function saidOf(contribution: Contribution): string | null {
  return contribution.ok ? contribution.mapProblem : contribution.reason;
}

const TRIED = /secret|bomb|many rows|infinite|endless loop$/;

/** The first map of each kind of refusal, and those that bomb, lie or put a row into what is said. */
const HOSTILE = CONFORMANCE_MAPS.filter(({ language }) => language !== "none").flatMap((maps) =>
  maps.hostile
    .filter(([name, , reason], index, all) => {
      return TRIED.test(name) || all.findIndex((each) => each[2] === reason) === index;
    })
    .map(([name, source, reason, words]) => ({ maps, name, source, reason, words })),
);

test("a map of another type than the study declares is told so", async () => {
  const said = saidOf(
    await createPersonsVault().contribute(termsOf("sql", "SELECT 7 AS sex"), context),
  );
  expect(said).toContain("map result does not match declared type: column sex: expected ");
});

describe.each([
  { place: "beside the vault", threads: 0 },
  { place: "on a thread", threads: 1 },
])("a hostile map $place", ({ threads }) => {
  test("is told in words, and the next study gets what it would have got", async () => {
    await using pool = createMapPool({ threads: Math.max(threads, 1) });
    const here = { ...context, sandbox: threads === 0 ? sandbox : pool };
    const vault = createPersonsVault();
    const expected = new Map<string, unknown>();
    for (const { language, theRow } of CONFORMANCE_MAPS) {
      const contribution = await createPersonsVault().contribute(termsOf(language, theRow), here);
      if (!contribution.ok) throw new Error(contribution.reason);
      expect(contribution, language).toMatchObject({ mapProblem: null });
      expected.set(language, contribution.measurements);
    }
    for (const { maps, name, source, reason, words } of HOSTILE) {
      const what = `${maps.language}: ${name} (${reason})`;
      const said = saidOf(await vault.contribute(termsOf(maps.language, source), here));
      // Those that tell rows have no such column as the study asks for, which is said first.
      expect(said, what).toContain(name.includes("secret") ? "map" : words);
      expect(said, what).not.toMatch(/SECRET|4711|female/);
      const next = termsOf(maps.language, maps.theRow);
      const shown = await vault.preview(next, here.sandbox);
      expect(shown, what).toMatchObject({ row: { age: 4711, sex: "female" }, mapProblem: null });
    }
    // The very vault that was asked all of it takes part in the next study.
    for (const { language, theRow } of CONFORMANCE_MAPS) {
      const contribution = await vault.contribute(termsOf(language, theRow), here);
      expect(contribution.ok && contribution.measurements).toEqual(expected.get(language));
    }
  });
});
