/**
 * Vaults with real maps in a real sandbox, and nodes that open, verify and add up what they send,
 * in Node and in Chromium.
 */
import { Secret } from "@sumus/bytes";
import type { BudgetPolicy, ConsentRule } from "@sumus/consent";
import { cryptoRandomBytes } from "@sumus/crypto";
import { aggregateReports, aggregationOf, deriveVerifyKey } from "@sumus/dap";
import { createParties, NOW_SECONDS, runJob } from "@sumus/dap/testing";
import { createMapPool, createSandbox, type MapRequest } from "@sumus/sandbox";
import {
  canonicalStudy,
  completeSeries,
  completeStudy,
  estimateStudy,
  parseStudy,
} from "@sumus/study";
import { CHOLESTEROL_MANIFEST, manifestWith, PLACES_MANIFEST } from "@sumus/study/testing";
import { ManualClock } from "@sumus/time";
import { array, assert, asyncProperty, constantFrom, integer, record, subarray } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Collection,
  type Contribution,
  createVault,
  decodeVaultState,
  encodeVaultState,
  importCsv,
  type NodesSay,
  openStudyTerms,
  restoreVault,
  type StudyFate,
  type StudyTerms,
  splitByPerson,
  studyTerms,
  type Vault,
  type VaultOptions,
} from "./index.ts";

const sandbox = await createSandbox();
const parties = createParties({ kind: "count" });
const context = {
  sandbox,
  leaderHpkeConfig: parties.leaderConfig,
  helperHpkeConfig: parties.helperConfig,
};

const window = { opens: NOW_SECONDS - 3600, closes: NOW_SECONDS + 3600 };
const wiring = {
  leader: "https://leader.example/",
  helper: "https://helper.example/",
  collector: "A".repeat(43),
  population: "test",
  window,
};
function termsOf(manifest: string): StudyTerms {
  const reading = parseStudy(manifest);
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join("\n"));
  return studyTerms(completeStudy(reading.study, wiring));
}
const terms = termsOf(CHOLESTEROL_MANIFEST);

const DEMOGRAPHICS = "SEQN,RIDAGEYR,RIAGENDR\n1,30,1\n2,45,2\n3,70,2\n4,50,1\n";
const CHOLESTEROL = "SEQN,LBXTC\n1,150\n2,250\n3,\n5,200\n";
function table(name: string, csv: string): ReadonlyMap<string, Collection> {
  const imported = importCsv(csv, { personColumn: "SEQN" });
  if (!imported.ok) throw new Error(imported.reason);
  return splitByPerson(name, imported.table, "SEQN");
}
const tables = [table("demographics", DEMOGRAPHICS), table("lab_total_cholesterol", CHOLESTEROL)];
const collectionsOf = (person: string): Collection[] =>
  tables.flatMap((people) => people.get(person) ?? []);

const allowAll: ConsentRule = { name: "anything", effect: "allow" };
const budget: BudgetPolicy = {
  periodSeconds: 86_400,
  totalRho: 1,
  collectionRho: {},
  otherRho: 1,
};
const vaultOf = (person: string, changes: Partial<VaultOptions> = {}): Vault =>
  createVault({
    owner: person,
    collections: collectionsOf(person),
    rules: [allowAll],
    budget,
    clock: new ManualClock(NOW_SECONDS),
    randomBytes: cryptoRandomBytes,
    ...changes,
  });
const reasonOf = (contribution: Contribution): string =>
  contribution.ok ? "contributed" : contribution.reason;

/** What both nodes add up of reports to one task, after opening and verifying each. */
function addUp(of: StudyTerms, index: number, reports: readonly Uint8Array[]): bigint[] {
  const task = of.tasks[index] ?? parties.task;
  const verifyKey = deriveVerifyKey(task, new Secret(new Uint8Array(32)));
  const leader = { ...parties.leader, task, verifyKey };
  const helper = { ...parties.helper, task, verifyKey };
  const job = runJob({ ...parties, task, leader, helper }, reports);
  expect(job.leaderCommitted).toHaveLength(reports.length);
  const aggregation = aggregationOf(task);
  const shares = [job.leaderCommitted, job.helperCommitted].map(
    (committed) => aggregateReports(aggregation, committed).aggregateShare,
  );
  return aggregation.vdaf.unshard(shares, reports.length);
}

const IN_JAVASCRIPT = `({ demographics, lab_total_cholesterol }) => {
  for (const d of demographics) {
    const l = lab_total_cholesterol.find((row) => row.SEQN === d.SEQN);
    if (l === undefined) continue;
    const band = d.RIDAGEYR < 40 ? "under 40" : d.RIDAGEYR < 60 ? "40-59" : "60+";
    return { band, sex: d.RIAGENDR === 1 ? "male" : "female", cholesterol: l.LBXTC };
  }
}`;

/** The cholesterol study with another map. */
function withMap(language: string, source: string): StudyTerms {
  const map = `map: ${JSON.stringify({ language, source })}`;
  return termsOf(CHOLESTEROL_MANIFEST.replace(/map:[\s\S]*?result:/, `${map}\nresult:`));
}

describe("a map in another language", () => {
  test("measures what the same question in SQL does", async () => {
    const study = withMap("javascript", IN_JAVASCRIPT);
    for (const person of ["1", "2", "3"]) {
      const expected = await vaultOf(person).contribute(terms, context);
      const contribution = await vaultOf(person).contribute(study, context);
      if (!contribution.ok || !expected.ok) throw new Error(reasonOf(contribution));
      expect(contribution.mapProblem).toBeNull();
      expect(contribution.measurements).toEqual(expected.measurements);
    }
  });

  test("runs on a pool of threads as it does beside the vault", async () => {
    await using pool = createMapPool({ threads: 1 });
    const onThreads = { ...context, sandbox: pool };
    const endless = withMap("javascript", "({ demographics: [d] }) => { while (d?.RIDAGEYR); }");
    const good = withMap("javascript", IN_JAVASCRIPT);
    const vault = vaultOf("1");
    const [silent, said] = await Promise.all([
      vault.contribute(endless, onThreads),
      vault.contribute(good, onThreads),
    ]);
    expect(silent).toMatchObject({
      ok: true,
      mapProblem: "the map ran too long: 2,000,000 steps allowed",
    });
    const expected = await vaultOf("1").contribute(good, context);
    if (!said.ok || !expected.ok) throw new Error(reasonOf(said));
    expect(said.measurements).toEqual(expected.measurements);
  });

  test("that cannot do without rows is at fault by itself", async () => {
    const study = withMap("javascript", "({ demographics: [d] }) => ({ band: d.RIDAGEYR })");
    expect(reasonOf(await vaultOf("1").contribute(study, context))).toBe(
      "the study's map is at fault: the map failed on these rows: " +
        "TypeError: cannot read property … of undefined",
    );
  });

  test("that is no module is at fault by itself", async () => {
    const study = withMap("wasm", "AGFzbQEAAAA=");
    expect(reasonOf(await vaultOf("1").contribute(study, context))).toBe(
      "the study's map is at fault: expected a module of WebAssembly, " +
        "got one without a memory of its own",
    );
  });
});

describe("from CSV to an answer", () => {
  test("the nodes add up what the vaults' maps say, and nothing else", async () => {
    const sent: Uint8Array[][] = [];
    for (const person of ["1", "2", "3"]) {
      const contribution = await vaultOf(person).contribute(terms, context);
      if (!contribution.ok) throw new Error(contribution.reason);
      expect(contribution.reports).toHaveLength(terms.tasks.length);
      expect(contribution.mapProblem).toBeNull();
      sent.push([...contribution.reports]);
    }
    const aggregates = terms.tasks.map((_, index) => {
      return addUp(
        terms,
        index,
        sent.map((reports) => reports[index] ?? new Uint8Array()),
      );
    });
    const cells = estimateStudy(terms.plan, aggregates, { noised: false });
    const estimateOf = (name: string, band: string, sex: string): unknown =>
      cells.find((cell) => {
        return cell.name === name && cell.group?.["band"] === band && cell.group["sex"] === sex;
      })?.estimate;
    expect(estimateOf("people", "under 40", "male")).toBe(1);
    expect(estimateOf("people", "40-59", "female")).toBe(1);
    expect(estimateOf("people", "60+", "female")).toBe(1);
    expect(estimateOf("people", "60+", "male")).toBe(0);
    expect(estimateOf("level", "40-59", "female")).toBeCloseTo(250, 0);
  });

  test("places become the cells that the study counts", async () => {
    const study = termsOf(`${PLACES_MANIFEST}commissioner: ${terms.study.commissioner}\n`);
    const trace = table(
      "trace",
      "SEQN,lat,lon\n1,37.77,-122.41\n1,37.7701,-122.41\n1,37.8,-122.4\n",
    );
    const vault = vaultOf("1", { collections: [...trace.values()] });
    const contribution = await vault.contribute(study, context);
    if (!contribution.ok) throw new Error(contribution.reason);
    const aggregate = addUp(study, 0, contribution.reports);
    const counted = estimateStudy(study.plan, [aggregate], { noised: false }).flatMap((cell) =>
      cell.estimate === 1 ? [cell.group?.["cell"]] : [],
    );
    expect(counted.toSorted()).toEqual(["9q8yy", "9q8zn"]);
  });

  test("every report has one size, whatever it says", async () => {
    const sizes = new Set<string>();
    for (const person of ["1", "2", "3"]) {
      const contribution = await vaultOf(person).contribute(terms, context);
      if (!contribution.ok) throw new Error(contribution.reason);
      sizes.add(contribution.reports.map(({ length }) => length).join());
    }
    expect(sizes.size).toBe(1);
  });

  test("a study from the wire is held to its id", () => {
    const json = canonicalStudy(terms.study);
    expect(openStudyTerms(json, terms.id)).toMatchObject({ ok: true, terms: { id: terms.id } });
    const other = "00".repeat(32);
    expect(openStudyTerms(json, other)).toMatchObject({
      ok: false,
      reason: expect.stringContaining("expected the study 00"),
    });
    expect(openStudyTerms(json.slice(1), terms.id).ok).toBe(false);
  });
});

describe("whether a vault takes part", () => {
  test("no rule means no, and the reason is kept", async () => {
    const vault = vaultOf("1", { rules: [] });
    expect(vault.consider(terms)).toMatchObject({
      decision: "decline",
      reason: "you have no rule that allows anything, and no rule means no",
    });
    expect(reasonOf(await vault.contribute(terms, context))).toContain("no rule means no");
    await vault.contribute(terms, context);
    expect(vault.journal).toMatchObject([{ event: "declined", study: terms.id, rho: 0, bytes: 0 }]);
    expect(vault.remainingBudget(null).spentRho).toBe(0);
  });

  test("needs rows in every collection, and every column", () => {
    expect(vaultOf("4").consider(terms)).toMatchObject({
      decision: "decline",
      reason: "you hold no rows of lab_total_cholesterol, which the study needs",
    });
    const [demographics] = collectionsOf("1");
    const narrow = { ...demographics, columns: [{ name: "RIDAGEYR", type: "INTEGER" }] };
    const collections = [narrow as Collection, ...collectionsOf("1").slice(1)];
    expect(vaultOf("1", { collections }).consider(terms).reason).toBe(
      "your demographics has no column RIAGENDR, which the study needs",
    );
  });

  test("only when the study admits its owner, which no reason gives away", async () => {
    const adults = termsOf(
      `${CHOLESTEROL_MANIFEST}eligible: { where: { demographics: { RIDAGEYR: { min: 40 }, RIAGENDR: [2] } } }\n`,
    );
    const answer: ConsentRule = { name: "yes", effect: "allow", studies: [adults.id] };
    const young = vaultOf("1", { rules: [answer] });
    const reason =
      "the study asks only people whose demographics has a row in which RIAGENDR is 2 and RIDAGEYR is at least 40";
    expect(young.consider(adults)).toMatchObject({ decision: "decline", reason });
    expect(reasonOf(await young.contribute(adults, context))).toBe(reason);
    expect(young.remainingBudget(null).spentRho).toBe(0);
    const admitted = vaultOf("2", { rules: [answer] });
    expect((await admitted.contribute(adults, context)).ok).toBe(true);
    // A standing rule that says nothing of what taking part tells does not cover it.
    expect(vaultOf("2").consider(adults).reason).toContain("taking part tells something of");
    const tells = { ...allowAll, tells: { demographics: "*" } } as const;
    expect(vaultOf("2", { rules: [tells] }).consider(adults).decision).toBe("take part");
  });

  test("by one row that meets all conditions, not by several together", () => {
    const women = termsOf(
      `${CHOLESTEROL_MANIFEST}eligible: { where: { demographics: { RIDAGEYR: { min: 40 }, RIAGENDR: [2] } } }\n`,
    );
    const [first, ...others] = collectionsOf("1");
    const withRows = (rows: Collection["rows"]): string => {
      const collections = [{ ...first, rows } as Collection, ...others];
      return vaultOf("1", { collections }).whyNotEligible(women) ?? "admitted";
    };
    expect(
      withRows([
        [1, 30, 2],
        [1, 50, 1],
      ]),
    ).toContain("asks only people");
    expect(
      withRows([
        [1, 30, 1],
        [1, 50, 2],
      ]),
    ).toBe("admitted");
    expect(withRows([[1, null, 2]])).toContain("asks only people");
  });

  test("only while the study is open", () => {
    const at = (seconds: number): string =>
      vaultOf("1", { clock: new ManualClock(seconds) }).consider(terms).reason;
    expect(at(window.opens - 1)).toBe("the study is not open yet");
    expect(at(window.opens)).toBe('your rule "anything" says yes');
    expect(at(window.closes)).toBe("the study is closed");
  });

  test("only within the budget", async () => {
    const small = { ...budget, collectionRho: { demographics: 0.001 } };
    const vault = vaultOf("1", { budget: small });
    expect(reasonOf(await vault.contribute(terms, context))).toContain(
      "your budget for demographics has 0.001 rho left; this study costs",
    );
  });

  test("after asking, when a rule says so, and by the answer", async () => {
    const ask: ConsentRule = { name: "ask me", effect: "ask" };
    const vault = vaultOf("1", { rules: [ask] });
    expect(vault.consider(terms)).toMatchObject({
      decision: "ask",
      reason: 'your rule "ask me" wants you to be asked',
      consentText: expect.arrayContaining([expect.objectContaining({ heading: "Who asks" })]),
    });
    expect((await vault.contribute(terms, context)).ok).toBe(false);
    vault.answer(terms, "no");
    expect(vault.consider(terms).decision).toBe("decline");
    vault.answer(terms, "yes");
    expect(vault.rules).toHaveLength(2);
    expect((await vault.contribute(terms, context)).ok).toBe(true);
  });

  test("all of a series after one answer, each charged by itself, when it opens", async () => {
    const day = 86_400;
    const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
    const span = `opens: "${at(window.opens).replace(".000", "")}", closes: "${at(window.closes).replace(".000", "")}"`;
    const reading = parseStudy(
      `${CHOLESTEROL_MANIFEST}window: { ${span}, every: day, times: 3 }\n`,
    );
    if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
    const asked = completeSeries(reading.study, wiring).occurrences.map(studyTerms);
    const [first, second, third] = asked;
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    const clock = new ManualClock(NOW_SECONDS);
    const vault = vaultOf("1", {
      rules: [],
      clock,
      budget: { ...budget, periodSeconds: 30 * day },
    });
    vault.answer(second, "yes", "series");
    expect(vault.rules).toMatchObject([{ name: "yes to all of Cholesterol by age and sex" }]);
    vault.answer(third, "no");
    expect((await vault.contribute(first, context)).ok).toBe(true);
    expect(reasonOf(await vault.contribute(second, context))).toBe("the study is not open yet");
    clock.advance(day);
    expect((await vault.contribute(second, context)).ok).toBe(true);
    expect(vault.remainingBudget(null).spentRho).toBeCloseTo(2 * first.plan.rho, 6);
    clock.advance(day);
    expect(reasonOf(await vault.contribute(third, context))).toContain("says no");
  });

  test("not with keys that cannot be used, and then costs nothing", async () => {
    const vault = vaultOf("1");
    const broken = { ...context.leaderHpkeConfig, publicKey: new Uint8Array(3) };
    const contribution = await vault.contribute(terms, { ...context, leaderHpkeConfig: broken });
    expect(reasonOf(contribution)).toContain("encryption key cannot be used");
    expect(vault.remainingBudget(null).spentRho).toBe(0);
    expect((await vault.contribute(terms, context)).ok).toBe(true);
  });
});

describe("a preview", () => {
  test("shows what the reports would say, and changes nothing", async () => {
    const vault = vaultOf("1");
    const preview = await vault.preview(terms, sandbox);
    expect(preview).toMatchObject({
      ok: true,
      row: { band: "under 40", sex: "male", cholesterol: 150 },
      mapProblem: null,
    });
    expect(vault.journal).toEqual([]);
    const contribution = await vault.contribute(terms, context);
    expect(contribution.ok && contribution.measurements).toEqual(
      preview.ok && preview.measurements,
    );
  });
});

describe("what a map sees", () => {
  const needs = "{ demographics: [RIDAGEYR], lab_total_cholesterol: [LBXTC] }";
  const result = "{ measures: { mean_age: { mean: age, min: 0, max: 120 } } }";
  const asking = (source: string, changes = {}): StudyTerms => {
    const map = `{ language: sql, source: ${JSON.stringify(source)} }`;
    return termsOf(manifestWith({ needs, result, map, ...changes }));
  };
  const rowOf = async (study: StudyTerms, person = "2"): Promise<unknown> => {
    const preview = await vaultOf(person).preview(study, sandbox);
    return preview.ok ? (preview.mapProblem ?? preview.row) : preview.reason;
  };

  test("declared columns alone", async () => {
    expect(await rowOf(asking("SELECT RIDAGEYR AS age FROM demographics"))).toEqual({ age: 45 });
    expect(await rowOf(asking("SELECT RIAGENDR AS age FROM demographics"))).toContain(
      "the study's map is at fault: the map is not a query on its tables: no such column: RIAGENDR",
    );
  });

  test("the person column joins, and tells nobody who it is", async () => {
    const source =
      "SELECT d.SEQN AS age FROM demographics d JOIN lab_total_cholesterol l ON l.SEQN = d.SEQN";
    expect(await rowOf(asking(source))).toEqual({ age: 1 });
    expect(await rowOf(asking(source), "3")).toEqual({ age: 1 });
  });

  test("the person column itself only when the study asks for it, and then in every table", async () => {
    const source =
      "SELECT d.SEQN + l.SEQN AS age FROM demographics d JOIN lab_total_cholesterol l USING (SEQN)";
    const open = "{ demographics: [RIDAGEYR, SEQN], lab_total_cholesterol: [LBXTC] }";
    expect(await rowOf(asking(source, { needs: open }), "3")).toEqual({ age: 6 });
  });

  test("without a map, the only row", async () => {
    const plain = {
      needs: "{ demographics: [RIDAGEYR] }",
      map: "{ language: none }",
      result: "{ measures: { mean_age: { mean: RIDAGEYR, min: 0, max: 120 } } }",
    };
    expect(await rowOf(asking("", plain))).toEqual({ RIDAGEYR: 45, SEQN: 1 });
  });
});

describe("a map that fails", () => {
  const needs = "{ demographics: [RIDAGEYR], lab_total_cholesterol: [LBXTC] }";
  const result = "{ measures: { mean_age: { mean: age, min: 0, max: 120 } } }";
  const failing = (source: string): StudyTerms =>
    termsOf(
      manifestWith({ needs, result, map: `{ language: sql, source: ${JSON.stringify(source)} }` }),
    );

  test.each([
    ["SELEC age", "syntax error"],
    ["SELECT random() AS age", "no randomness"],
    [
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT max(x) AS age FROM c",
      "ran too long",
    ],
    ["SELECT 1 AS age UNION ALL SELECT 2", "at most one row"],
    ["SELECT RIDAGEYR AS years FROM demographics", "column age"],
    ["SELECT 'old' AS age FROM demographics", "column age"],
  ])("by itself, is declined by everybody: %s", async (source, words) => {
    const study = failing(source);
    for (const person of ["1", "2"]) {
      const vault = vaultOf(person);
      const reason = reasonOf(await vault.contribute(study, context));
      expect(reason).toContain("the study's map is at fault");
      expect(reason).toContain(words);
      expect(vault.remainingBudget(null).spentRho).toBe(0);
    }
  });

  test.each([
    [
      "SELECT CASE WHEN RIDAGEYR > 40 THEN abs(-9223372036854775807 - 1) END AS age FROM demographics",
      "integer overflow",
    ],
    ["SELECT CASE WHEN RIDAGEYR > 40 THEN date('now') END AS age FROM demographics", "the time"],
    ["SELECT CASE WHEN RIDAGEYR > 40 THEN 'x' END AS age FROM demographics", "column age"],
    [
      "SELECT 1 AS age FROM demographics UNION ALL SELECT 2 FROM demographics WHERE RIDAGEYR > 40",
      "at most one row",
    ],
  ])("on some rows, sends reports like any others: %s", async (source, words) => {
    const study = failing(source);
    const vault = vaultOf("2");
    const contribution = await vault.contribute(study, context);
    if (!contribution.ok) throw new Error(contribution.reason);
    expect(contribution.mapProblem).toContain(words);
    expect(contribution.measurements).toEqual(study.plan.encode(null));
    expect(vault.journal[0]?.reason).toContain("your reports say nothing");
    const spared = await vaultOf("1").contribute(study, context);
    expect(spared.ok && spared.reports.map(({ length }) => length)).toEqual(
      contribution.reports.map(({ length }) => length),
    );
  });

  test("is rehearsed once for all vaults with the same columns", async () => {
    const requests: MapRequest[] = [];
    const counting = {
      run: (request: MapRequest) => {
        requests.push(request);
        return sandbox.run(request);
      },
    };
    const study = termsOf(CHOLESTEROL_MANIFEST);
    for (const person of ["1", "2", "3"]) {
      await vaultOf(person).contribute(study, { ...context, sandbox: counting });
    }
    expect(requests).toHaveLength(2 + 3);
  });
});

describe("a study counts a person once", () => {
  test("asked again, the vault gives the same bytes until they are sent, then none", async () => {
    const vault = vaultOf("1");
    const first = await vault.contribute(terms, context);
    const again = await vault.contribute(terms, context);
    expect(again).toMatchObject({ ok: true, repeated: true, measurements: null });
    expect(again.ok && again.reports).toEqual(first.ok && first.reports);
    vault.markSent(terms);
    vault.markSent(terms);
    expect(await vault.contribute(terms, context)).toMatchObject({ repeated: true, reports: [] });
    expect(vault.consider(terms).reason).toBe("you have taken part in this study");
    const rho = terms.plan.rho;
    expect(vault.remainingBudget(null).spentRho).toBeCloseTo(rho, 8);
    expect(vault.journal).toMatchObject([
      { event: "prepared", reports: 3, rho },
      { event: "sent", reports: 3, rho: 0 },
    ]);
    expect(vault.journal[0]?.bytes).toBe(vault.journal[1]?.bytes);
  });

  test("also when asked twice at the same time", async () => {
    const vault = vaultOf("1");
    const both = await Promise.all([
      vault.contribute(terms, context),
      vault.contribute(terms, context),
    ]);
    const [one, two] = both.map((contribution) => contribution.ok && contribution.reports);
    expect(one).toEqual(two);
    expect(vault.exportState().ledger.entries).toHaveLength(1);
  });

  test("a crash between charge and sending loses nothing and charges nothing twice", async () => {
    const clock = new ManualClock(NOW_SECONDS);
    const vault = vaultOf("1", { clock });
    const before = encodeVaultState(vault.exportState());
    const first = await vault.contribute(terms, context);
    const stored = encodeVaultState(vault.exportState());
    const restored = restoreVault(decodeVaultState(stored), clock, cryptoRandomBytes);
    const again = await restored.contribute(terms, context);
    expect(again.ok && again.reports).toEqual(first.ok && first.reports);
    expect(restored.remainingBudget(null)).toEqual(vault.remainingBudget(null));
    restored.markSent(terms);
    expect(restored.exportState().contributions).toMatchObject([{ state: "sent", reports: [] }]);
    // Nothing was stored, so nothing was sent: the vault begins anew.
    const anew = restoreVault(decodeVaultState(before), clock, cryptoRandomBytes);
    expect(await anew.contribute(terms, context)).toMatchObject({ ok: true, repeated: false });
  });

  test("a cancelled study is refunded once, and sends nothing any more", async () => {
    const vault = vaultOf("1");
    await vault.contribute(terms, context);
    vault.settle(saying("cancelled", "cancelled"));
    vault.settle(saying("cancelled", "cancelled"));
    expect(vault.journal.filter(({ event }) => event === "refunded")).toHaveLength(1);
    expect(vault.remainingBudget(null).spentRho).toBe(0);
    expect(await vault.contribute(terms, context)).toEqual({
      ok: false,
      reason: "the study was cancelled",
    });
    const released = vaultOf("1");
    await released.contribute(terms, context);
    expect(released.markReleased(terms)).toBe(true);
    released.settle(saying("cancelled", "cancelled"));
    expect(released.remainingBudget(null).spentRho).toBeGreaterThan(0);
  });

  test.each([
    ["cancelled", "cancelled", "refunded"],
    ["cancelled", "open", "charged"],
    ["open", "cancelled", "charged"],
    ["cancelled", undefined, "charged"],
    [undefined, "cancelled", "charged"],
    ["cancelled", "released", "released"],
    ["released", "cancelled", "released"],
    ["released", undefined, "released"],
    ["open", "open", "charged"],
  ] as const)("that its leader calls %s and its helper %s is %s", async (leader, helper, state) => {
    const vault = vaultOf("1");
    await vault.contribute(terms, context);
    const restored = decodeVaultState(encodeVaultState(vault.exportState()));
    const later = restoreVault(restored, new ManualClock(NOW_SECONDS), cryptoRandomBytes);
    later.settle(saying(leader, helper));
    expect(later.exportState().ledger.entries).toMatchObject([{ state }]);
  });

  test("is not refunded for what other nodes say, nor after a release by what comes later", async () => {
    const vault = vaultOf("1");
    await vault.contribute(terms, context);
    const fates = new Map([[terms.id, "cancelled" as const]]);
    vault.settle(
      new Map([
        ["https://evil.example", fates],
        ["https://worse.example", fates],
      ]),
    );
    expect(vault.remainingBudget(null).spentRho).toBeGreaterThan(0);
    vault.settle(saying("open", "released"));
    vault.settle(saying("cancelled", "cancelled"));
    expect(vault.exportState().ledger.entries).toMatchObject([{ state: "released" }]);
  });
});

/** What the two nodes of all studies here say of some; undefined: nothing. */
function saying(
  leader: StudyFate | undefined,
  helper: StudyFate | undefined,
  studies: readonly StudyTerms[] = [terms],
): NodesSay {
  const listOf = (fate: StudyFate | undefined): ReadonlyMap<string, StudyFate> =>
    new Map(fate === undefined ? [] : studies.map(({ id }) => [id, fate]));
  return new Map([
    ["https://leader.example", listOf(leader)],
    ["https://helper.example/", listOf(helper)],
  ]);
}

test("racing studies never overspend, whatever happens between and after", async () => {
  const studies = Array.from({ length: 6 }, (_, index) => {
    return termsOf(CHOLESTEROL_MANIFEST.replace("by age and sex", `by age and sex, ${index}`));
  });
  const cost = studies[0]?.plan.rho ?? 1;
  const operations = array(
    record({
      kind: constantFrom("contribute", "contribute", "sent", "refund", "release", "crash", "pause"),
      studies: subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
    }),
    { maxLength: 12 },
  );
  const slowly = { run: async (request: MapRequest) => sandbox.run(request) };
  await assert(
    asyncProperty(operations, integer({ min: 0, max: 4 }), async (steps, affordable) => {
      const limit = cost * affordable + 1e-8;
      const clock = new ManualClock(NOW_SECONDS);
      const limits = { ...budget, totalRho: limit };
      let vault = vaultOf("1", { clock, budget: limits });
      const bytes = new Map<string, readonly Uint8Array[]>();
      for (const { kind, studies: indices } of steps) {
        const chosen = indices.flatMap((index) => studies[index] ?? []);
        if (kind === "contribute") {
          const made = await Promise.all(
            chosen.map((study) => vault.contribute(study, { ...context, sandbox: slowly })),
          );
          made.forEach((contribution, index) => {
            const id = chosen[index]?.id ?? "";
            if (!contribution.ok || contribution.reports.length === 0) return;
            expect(bytes.get(id) ?? contribution.reports).toEqual(contribution.reports);
            bytes.set(id, contribution.reports);
          });
        }
        for (const study of chosen) {
          if (kind === "sent") vault.markSent(study);
          if (kind === "refund") vault.settle(saying("cancelled", "cancelled", [study]));
          if (kind === "release") vault.markReleased(study);
        }
        if (kind === "pause") {
          const paused = vault.rules.length === 1;
          vault.setRules(
            paused ? [allowAll, { name: "pause", effect: "deny" }] : [allowAll],
            "test",
          );
        }
        if (kind === "crash") {
          const state = decodeVaultState(encodeVaultState(vault.exportState()));
          vault = restoreVault(state, clock, cryptoRandomBytes);
        }
        const { ledger, contributions } = vault.exportState();
        const live = ledger.entries.filter(({ state }) => state !== "refunded");
        expect(live.length).toBeLessThanOrEqual(affordable);
        expect(new Set(ledger.entries.map(({ study }) => study)).size).toBe(ledger.entries.length);
        expect(contributions.map(({ study }) => study)).toEqual(
          ledger.entries.map(({ study }) => study),
        );
      }
    }),
    { numRuns: 40 },
  );
});

describe("a stored state", () => {
  test("comes back as it was", async () => {
    const rules: ConsentRule[] = [
      {
        ...allowAll,
        epsilonMax: 2,
        peopleMin: 10,
        reads: { demographics: "*", lab_total_cholesterol: ["LBXTC"] },
        tells: { demographics: ["RIDAGEYR"] },
      },
      { name: "no ads", effect: "deny", purposes: ["advertising"], commissioners: ["did:key:z"] },
    ];
    const vault = vaultOf("3", { rules });
    await vault.contribute(terms, context);
    vault.setRules(rules.slice(0, 1), "fewer");
    const state = vault.exportState();
    expect(decodeVaultState(encodeVaultState(state))).toEqual(state);
  });

  test("that is damaged is refused with the place, and without the content", async () => {
    const vault = vaultOf("1");
    await vault.contribute(terms, context);
    const json = encodeVaultState(vault.exportState());
    const refuses = (change: (state: Record<string, unknown>) => void, words: string): void => {
      const state = JSON.parse(json) as Record<string, unknown>;
      change(state);
      expect(() => decodeVaultState(JSON.stringify(state))).toThrow(words);
    };
    expect(() => decodeVaultState("{")).toThrow("expected JSON at $");
    refuses((state) => Object.assign(state, { format: "sumus vault 2" }), "$.format");
    refuses((state) => Object.assign(state, { extra: 1 }), "got extra");
    refuses((state) => Reflect.deleteProperty(state, "ledger"), "$.ledger, got nothing");
    refuses((state) => Object.assign(state, { rules: [{ effect: "allow" }] }), "$.rules[0].name");
    refuses(
      (state) =>
        Object.assign(state, {
          collections: [{ name: "a", personColumn: null, columns: [], rows: [[{}]] }],
        }),
      "expected a number at $.collections[0].rows[0][0], got a object",
    );
    refuses(
      (state) => Object.assign((state["contributions"] as object[])[0] ?? {}, { reports: ["%%"] }),
      "expected base64 at $.contributions[0].reports[0]",
    );
  });
});
