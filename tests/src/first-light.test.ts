/**
 * One study with everything in it, over two tables that do not quite fit together, with people who
 * say no, vanish and lie. Every person has a histogram bin of their own, so that the answer itself
 * tells who was counted, and all other numbers can be reckoned again from exactly these people.
 */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { cardsCsv, createCrowd, type Person, visitsCsv } from "./crowd.ts";
import { binOf, clip, figuresOf, keyOf, Numbers } from "./reckoning.ts";
import { checkRelease, checkTruths, truthsOf } from "./release-checks.ts";
import { answerOf, openDesk, type StudyAnswer, studyOf } from "./sumus.ts";

const CROWD = createCrowd(160);
const PEOPLE_MIN = 15;
const BANDS: readonly (readonly [string, number, number])[] = [
  ["young", 0, 30],
  ["grown", 30, 60],
  ["old", 60, 99],
];
const SPREAD = [-20, 0, 10, 20, 40];
const NUMBERS = Array.from({ length: CROWD.length + 1 }, (_, number) => number);

const EVEN = Array.from({ length: 31 }, (_, half) => 2 * half - 20);

const STUDY = `title: Points and costs by age and sex
purpose: To see whether all parts say the same
needs: { cards: [number, age, sex], visits: [points, cost] }
map:
  language: sql
  source: |
    SELECT c.number, c.age AS band, c.sex, max(v.points) AS points, sum(v.cost) AS cost
    FROM cards c LEFT JOIN visits v ON v.who = c.id GROUP BY c.id
result:
  group:
    band: { bands: { young: [0, 30], grown: [30, 60], old: [60, 99] } }
    sex: [female, male]
  measures:
    people: count
    level: { mean: points, min: -20, max: 40 }
    even: { share: points, of: [${EVEN}] }
    weighed: { mean: points, min: -20, max: 40, weight: cost, weight_max: 20, weight_resolution: 0.25 }
    total: { sum: cost, min: -10, max: 40, resolution: 0.25 }
    spread: { histogram: points, edges: [${SPREAD}] }
    who: { histogram: number, edges: [${NUMBERS}] }
privacy: { epsilon: 20, delta: 1e-6, people_min: ${PEOPLE_MIN} }
`;

/** The band of an age: lower bounds belong to it, the highest upper bound too. */
function bandOf(age: number): string | undefined {
  return BANDS.find(
    ([, low, high]) => age >= low && (age < high || (age === 99 && high === 99)),
  )?.[0];
}

/** Reckons the study in plain words over these people. */
function reckon(people: readonly Person[]): (key: string) => number | null {
  const numbers = new Numbers();
  for (const figures of people.map(figuresOf)) {
    if (figures === null || figures.age === null) continue;
    const { age, cost, number, points, sex } = figures;
    const band = bandOf(age);
    if (band === undefined || (sex !== "female" && sex !== "male")) continue;
    const group = { band, sex };
    const add = (name: string, value: number, bin: string | null = null): void =>
      numbers.add(keyOf({ name, group, bin }), value);
    add("people", 1);
    add("who", 1, binOf(number, NUMBERS));
    if (cost !== null) add("total", clip(cost, -10, 40));
    if (points === null) continue;
    add("spread", 1, binOf(points, SPREAD));
    add("level", clip(points, -20, 40));
    add("even", EVEN.includes(points) ? 1 : 0);
    add("with points", 1);
    const weight = cost === null ? 0 : clip(cost, 0, 20);
    add("weighed", weight * clip(points, -20, 40));
    add("weight", weight);
  }
  return (key) => {
    const [name = ""] = key.split(" | ");
    const over = OVER[name];
    if (over === undefined) return numbers.get(key);
    const whole = numbers.get(key.replace(name, over));
    return whole === 0 ? null : numbers.get(key) / whole;
  };
}

/** What ratios are taken over. */
const OVER: Readonly<Record<string, string>> = {
  level: "with points",
  even: "with points",
  weighed: "weight",
};

/** The numbers of the people who were counted, as the truth of their own bins tells. */
function countedIn({ measures }: StudyAnswer): Set<number> {
  const bins = measures.filter(({ name, truth }) => name === "who" && truth !== 0);
  expect(bins.every(({ truth }) => truth === 1)).toBe(true);
  return new Set(bins.map(({ bin }) => Number(/^\[(\d+),/.exec(bin ?? "")?.[1])));
}

function holdsBoth({ card, visits }: Person): boolean {
  return card !== null && visits.length > 0;
}

test("a crowd with all its troubles is counted as it is", async () => {
  await using desk = await openDesk();
  await desk.write("study.yaml", STUDY);
  await desk.write("cards.csv.gz", gzipSync(cardsCsv(CROWD)));
  await desk.write("visits.csv", visitsCsv(CROWD));
  const ask = (seed: string) =>
    desk.run(
      ...["lab", "run", "--study", "study.yaml", "--json", "--seed", seed],
      ...["--table", "cards=cards.csv.gz:id", "--table", "visits=visits.csv:who"],
      ...["--deny", "10%", "--drop", "5%", "--liars", "3%"],
    );
  const ended = await ask("first light");
  expect(ended.code, ended.stderr).toBe(0);
  const answer = answerOf(ended);
  const study = studyOf(ended);

  const invited = CROWD.filter(holdsBoth).length;
  const [denied, dropped, liars] = [0.1, 0.05, 0.03].map((share) => Math.round(share * invited));
  const consented = invited - (denied ?? 0);
  const accepted = consented - (dropped ?? 0) - (liars ?? 0);
  expect(answer).toMatchObject({
    people: CROWD.length,
    invited,
    consented,
    accepted,
    rejected: liars,
    studies: [{ id: expect.stringMatching(/^[0-9a-f]{64}$/), accepted, epsilon: 20 }],
    seconds: expect.any(Number),
    cpuMsPerPerson: expect.any(Number),
    bytesPerPerson: expect.any(Number),
  });
  expect(study.title).toBe("Points and costs by age and sex");
  expect(answer.bytesPerPerson).toBeGreaterThan(0);

  checkRelease(study, PEOPLE_MIN);
  checkTruths(truthsOf(study, "truthAll"), reckon(CROWD));
  const counted = countedIn(study);
  const people = CROWD.filter(({ number }) => counted.has(number));
  expect(people.every(holdsBoth)).toBe(true);
  expect(counted.size).toBeGreaterThan(accepted / 3);
  expect(counted.size).toBeLessThanOrEqual(accepted);
  checkTruths(truthsOf(study, "truth"), reckon(people));

  const again = studyOf(await ask("first light"));
  expect(countedIn(again)).toEqual(counted);
  expect(truthsOf(again, "truth")).toEqual(truthsOf(study, "truth"));
  expect(again.measures.map(({ estimate }) => estimate)).not.toEqual(
    study.measures.map(({ estimate }) => estimate),
  );
  expect(countedIn(studyOf(await ask("second light")))).not.toEqual(counted);
});
