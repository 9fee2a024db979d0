/**
 * Both nodes of a town are killed while people are asked and while reports are verified. The lab
 * starts them again, and the answer is the one that undisturbed nodes give: everybody once. Secrets
 * that went through the nodes' hands meanwhile stand in no log.
 */
import { expect, test } from "vitest";
import { toCsv } from "./crowd.ts";
import { binOf } from "./reckoning.ts";
import { checkRelease } from "./release-checks.ts";
import { answerOf, openDesk, studyOf } from "./sumus.ts";
import { TownNodes } from "./town-nodes.ts";

const PEOPLE = 400;
const LIARS = 12;
const NUMBERS = Array.from({ length: PEOPLE + 1 }, (_, number) => number);
const MARK = "only-this-person-writes-this";

const STUDY = `title: Hours
purpose: To be answered by nodes that die
needs: { diaries: [number, hours] }
map: { language: sql, source: "SELECT number, hours, CASE WHEN note THEN 1 END AS noted FROM diaries" }
result:
  measures:
    people: count
    hours: { mean: hours, min: 0, max: 24 }
    noted: { sum: noted, min: 0, max: 1 }
    who: { histogram: number, edges: [${NUMBERS}] }
privacy: { epsilon: 20, delta: 1e-6, people_min: 50 }
`.replace("[number, hours]", "[number, hours, note]");

test("kill -9 of both nodes in mid-run changes no answer and tells no secret", async () => {
  await using desk = await openDesk();
  await desk.write("study.yaml", STUDY);
  const rows = NUMBERS.slice(0, PEOPLE).map((number) => [number, number % 24, `${MARK} ${number}`]);
  await desk.write("diaries.csv", toCsv(["number", "hours", "note"], rows));
  const run = desk.start([
    ...["lab", "run", "--study", "study.yaml", "--table", "diaries=diaries.csv:number", "--json"],
    ...["--liars", "3%"],
  ]);
  const nodes = new TownNodes(desk.temporary);
  const kills = (async () => {
    await nodes.reach(({ tasks }) => tasks.some(({ pending, accepted }) => pending + accepted > 0));
    await nodes.kill("leader");
    await nodes.reach(({ tasks }) => tasks.some(({ accepted }) => accepted > 0));
    await nodes.kill("helper");
    await nodes.reach(({ people }) => people > PEOPLE / 2);
    await nodes.kill("leader");
  })();
  const ended = await run.ended;
  await nodes.stop();
  await kills;

  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).toContain("The leader died (SIGKILL). Starting it again");
  expect(ended.stderr).toContain("The helper died (SIGKILL). Starting it again");
  const accepted = PEOPLE - LIARS;
  expect(answerOf(ended)).toMatchObject({ people: PEOPLE, accepted, rejected: LIARS });
  const study = studyOf(ended);
  checkRelease(study, 50);
  const counted = study.measures.filter(({ name, truth }) => name === "who" && truth === 1);
  expect(counted).toHaveLength(accepted);
  const hours = NUMBERS.slice(0, PEOPLE).filter((number) =>
    counted.some(({ bin }) => bin === binOf(number, NUMBERS)),
  );
  const mean = hours.reduce((sum, number) => sum + (number % 24), 0) / accepted;
  expect(study.measures.find(({ name }) => name === "hours")?.truth).toBeCloseTo(mean, 9);

  const secrets = nodes.secrets();
  expect(secrets).toHaveLength(7);
  expect(nodes.logs.size).toBe(2);
  for (const text of [...nodes.logs.values(), ended.stderr, ended.stdout]) {
    for (const secret of [...secrets, MARK]) expect(text).not.toContain(secret);
  }
});
