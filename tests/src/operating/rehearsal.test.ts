/**
 * docs/operating, rehearsed: two organisations set up their nodes with the commands of its pages, back
 * up, rotate, upgrade, lose a store and recover. What the pages say is lost, is; nothing else.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { freePort, type Role } from "../node-process.ts";
import { type Collected, Survey, type SurveyedNodes } from "../survey.ts";
import { postgresToolsMissing, startDebianPostgres } from "./debian-postgres.ts";
import { Machine } from "./machine.ts";
import { type Block, readBlocks } from "./pages.ts";

const PATIENCE = { timeout: 30_000, interval: 100 };

const STUDY = `title: Heights by place
purpose: To be asked while operators practise
needs: { people: [place, height] }
map: { language: none }
result:
  group: { place: [here, there] }
  measures: { people: count }
privacy: { epsilon: 20, delta: 1e-3, people_min: 3 }
`;

type Store = "folder" | "postgres";

const PAGES = {
  setUp: readBlocks("README.md"),
  backUp: readBlocks("back-up.md"),
  upgrade: readBlocks("upgrade.md"),
};

/** Both organisations, with everything that they exchange. */
class Rehearsal implements SurveyedNodes {
  readonly urls: Readonly<Record<Role, string>>;
  readonly machines: Readonly<Record<Role, Machine>>;
  readonly #store: Store;

  constructor(
    store: Store,
    urls: Readonly<Record<Role, string>>,
    machines: Readonly<Record<Role, Machine>>,
  ) {
    this.#store = store;
    this.urls = urls;
    this.machines = machines;
  }

  operatorToken(role: Role): string {
    return this.machines[role].read("operator-token");
  }

  collectorToken(): string {
    return this.machines.leader.read("collector-token");
  }

  /** Runs the blocks below a heading that are for this store, on the machines that they are for. */
  async follow(
    blocks: readonly Block[],
    heading: string,
    choose: { readonly only?: Role; readonly after?: (block: Block) => void } = {},
  ): Promise<string> {
    const other = this.#store === "folder" ? "postgres" : "folder";
    const chosen = blocks.filter(
      (block) => block.heading === heading && !block.words.includes(other),
    );
    expect(chosen.length, heading).toBeGreaterThan(0);
    let said = "";
    for (const block of chosen) {
      for (const role of ["leader", "helper"] as const) {
        const isMeant = block.words.includes("both") || block.words.includes(role);
        if (!isMeant || (choose.only !== undefined && choose.only !== role)) continue;
        said += await this.machines[role].run(block);
      }
      choose.after?.(block);
    }
    return said;
  }

  /** What organisations hand to each other. */
  exchange(): void {
    const { leader, helper } = this.machines;
    leader.write("peer-public-key", helper.read("public-key"));
    helper.write("peer-public-key", leader.read("public-key"));
  }

  handOverPeerToken(): void {
    this.machines.helper.write("peer-token", this.machines.leader.read("peer-token"));
  }
}

async function rehearse(store: Store, act: (rehearsal: Rehearsal) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sumus-rehearsal-"));
  const postgres = store === "postgres" ? await startDebianPostgres() : undefined;
  const urls = {
    leader: `http://127.0.0.1:${await freePort()}`,
    helper: `http://127.0.0.1:${await freePort()}`,
  };
  const machine = async (role: Role): Promise<Machine> =>
    new Machine({
      role,
      place: join(folder, role),
      operatorPort: await freePort(),
      urls,
      environment: postgres?.environment ?? {},
    });
  const machines = { leader: await machine("leader"), helper: await machine("helper") };
  const rehearsal = new Rehearsal(store, urls, machines);
  try {
    await setUp(rehearsal, (role) => postgres?.url(role) ?? "");
    await act(rehearsal);
    const log = machines.leader.log + machines.helper.log;
    for (const secret of [rehearsal.operatorToken("leader"), machines.leader.read("peer-token")]) {
      expect(log).not.toContain(secret);
    }
  } finally {
    for (const role of ["leader", "helper"] as const) {
      await machines[role].do(`systemctl kill sumus@${role}`);
    }
    await postgres?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  }
}

async function setUp(rehearsal: Rehearsal, urlOf: (role: Role) => string): Promise<void> {
  const { leader, helper } = rehearsal.machines;
  await rehearsal.follow(PAGES.setUp, "Make keys");
  rehearsal.exchange();
  rehearsal.handOverPeerToken();
  for (const machine of [leader, helper]) machine.write("postgres-url", urlOf(machine.role));
  await rehearsal.follow(PAGES.setUp, "Configure");
  for (const machine of [leader, helper]) machine.fillIn();
  const said = await rehearsal.follow(PAGES.setUp, "Start and check");
  expect(said.match(/"ready":true/g)?.length).toBe(2);
  expect(said).toMatch(/\[\]$/);
}

/** Sends so many people's reports; resolves when all are counted. */
async function ask(survey: Survey, people: number): Promise<void> {
  const before = (await survey.status()).people;
  const rows = Array.from({ length: people }, () => survey.reports({ place: "here", height: 170 }));
  await survey.uploadPeople(rows);
  await expect
    .poll(() => survey.status(), PATIENCE)
    .toMatchObject({ people: before + people, tasks: [{ pending: 0 }] });
}

/** Asks until there is a final answer. */
async function collect(survey: Survey): Promise<Collected> {
  let answer: Collected = { state: "waiting" };
  const [task] = survey.tasks;
  if (task === undefined) throw new Error("expected a task");
  await expect
    .poll(async () => {
      answer = await survey.collect(task);
      return answer.state;
    }, PATIENCE)
    .not.toBe("waiting");
  return answer;
}

const released = (people: number) => ({ state: "released", people });
const mismatch = { state: "refused", problem: expect.stringContaining("batchMismatch") };

describe.each(["folder", "postgres"] as const)("with %s", (store) => {
  const isMissing = store === "postgres" && postgresToolsMissing;

  test.skipIf(isMissing)(
    "set up, rotated, upgraded and backed up, the nodes lose nothing",
    { timeout: 240_000 },
    async () => {
      await rehearse(store, async (rehearsal) => {
        const survey = await Survey.open(rehearsal, STUDY);
        await ask(survey, 2);
        await rehearsal.follow(PAGES.backUp, "Back up");
        await rehearsal.follow(PAGES.setUp, "Rotate", {
          after: ({ text }) => {
            if (text.includes("peer-token")) rehearsal.handOverPeerToken();
          },
        });
        const said = await rehearsal.follow(PAGES.upgrade, "One process");
        expect(said.match(/"ready":true/g)?.length).toBe(2);
        await ask(survey, 2);
        expect(await collect(survey)).toMatchObject(released(4));
      });
    },
  );

  test.skipIf(isMissing)(
    "a node from an old backup has lost what came since, and counts nothing twice",
    { timeout: 240_000 },
    async () => {
      await rehearse(store, async (rehearsal) => {
        const titled = (title: string) => STUDY.replace("by place", title);
        const { leader, helper } = rehearsal.machines;
        const quiet = await Survey.open(rehearsal, titled("untouched"));
        const busy = await Survey.open(rehearsal, titled("busy while the leader forgets"));
        const done = await Survey.open(rehearsal, titled("collected before it forgets"));
        const later = await Survey.open(rehearsal, titled("busy while the helper forgets"));
        for (const survey of [quiet, busy, done, later]) await ask(survey, 3);

        await rehearsal.follow(PAGES.backUp, "Back up");
        await ask(busy, 2);
        expect(await collect(done)).toMatchObject(released(3));
        await leader.do("systemctl kill sumus@leader");
        await rehearsal.follow(PAGES.backUp, "The leader's store is lost");
        expect(await busy.status()).toMatchObject({ people: 3 });
        expect(await collect(busy)).toEqual(mismatch);
        // The helper gives the share that it gave: one noise of its own, whatever the leader draws.
        expect(await collect(done)).toMatchObject(released(3));

        await ask(later, 2);
        await helper.do("systemctl kill sumus@helper");
        await rehearsal.follow(PAGES.backUp, "The helper's store is lost");
        expect(await collect(later)).toEqual(mismatch);
        await ask(quiet, 1);
        expect(await collect(quiet)).toMatchObject(released(4));

        await rehearsal.follow(PAGES.backUp, "Without a backup");
        await expect(quiet.status()).rejects.toThrow("404");
        const next = await Survey.open(rehearsal, titled("asked anew"));
        await ask(next, 3);
        expect(await collect(next)).toMatchObject(released(3));
      });
    },
  );
});

test("every block of the pages says who runs it, and is rehearsed above", () => {
  const headings = [
    "Make keys",
    "Configure",
    "Start and check",
    "Rotate",
    "One process",
    "Back up",
  ];
  const more = ["The leader's store is lost", "The helper's store is lost", "Without a backup"];
  for (const { place, heading, words } of Object.values(PAGES).flat()) {
    expect(words[0], place).toMatch(/^(leader|helper|both)$/);
    expect([...headings, ...more], place).toContain(heading);
  }
});
