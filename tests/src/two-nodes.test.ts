/**
 * A bad day of two nodes over real sockets: the helper is away before, during and after the
 * verification, while a hostile client sends everything it can think of. Honest people count once.
 */
import { concat } from "@sumus/bytes";
import { expect, test } from "vitest";
import { NodePair } from "./node-pair.ts";
import { type Collected, Survey } from "./survey.ts";

const PEOPLE_MIN = 40;
const PATIENCE = { timeout: 30_000, interval: 100 };

const STUDY = `title: Heights by place
purpose: To be asked on a bad day
needs: { people: [place, height] }
map: { language: none }
result:
  group: { place: [here, there] }
  measures: { people: count, height: { mean: height, min: 100, max: 220 } }
privacy: { epsilon: 20, delta: 1e-3, people_min: ${PEOPLE_MIN} }
`;

/** A copy with one bit turned over. */
function mutated(bytes: Uint8Array, offset: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[offset] = (copy[offset] ?? 0) ^ 1;
  return copy;
}

/** Everything a client can send that is no honest report; how each is answered at the door. */
async function attack(survey: Survey): Promise<void> {
  const honest = { place: "here", height: 170 };
  const [report = new Uint8Array(), other = new Uint8Array()] = survey.reports(honest);
  const refusedWhole = { status: 400, problem: expect.stringContaining("invalidMessage") };
  for (const size of [0.99, 0.5, 0.01]) {
    const truncated = report.subarray(0, Math.floor(report.length * size));
    expect(await survey.upload(0, truncated)).toEqual(refusedWhole);
  }
  expect(await survey.upload(0, concat(report, Uint8Array.of(0)))).toEqual(refusedWhole);
  // Taken at the door, for only the nodes' keys can tell: a turned bit in either share, another
  // task's report, a number that is none.
  const taken = { status: 200, errors: [] };
  expect(await survey.upload(0, mutated(report, report.length - 1))).toEqual(taken);
  const [second = new Uint8Array()] = survey.reports(honest);
  expect(await survey.upload(0, mutated(second, Math.floor(second.length / 2)))).toEqual(taken);
  expect(await survey.upload(0, other)).toEqual(taken);
  for (const [index, lie] of survey.lies().entries()) {
    expect(await survey.upload(index, lie)).toEqual(taken);
    expect(await survey.upload(index, lie)).toEqual({ status: 200, errors: ["report_replayed"] });
  }
}

test("a hostile client and a helper that goes away thrice change no sum", async () => {
  await using pair = await NodePair.create();
  await pair.start("helper");
  await pair.start("leader");
  const survey = await Survey.open(pair, STUDY);
  const crowd = (count: number, height: number) =>
    Array.from({ length: count }, () => survey.reports({ place: "here", height }));

  // Away before the first report is verified.
  await pair.end("helper", "SIGKILL");
  const early = crowd(30, 160);
  await survey.uploadPeople(early);
  await expect.poll(async () => (await survey.status()).trouble, PATIENCE).toMatch(/helper/);
  await attack(survey);
  expect(await survey.status()).toMatchObject({
    people: 0,
    status: expect.stringMatching(/^0 of 40 people so far; \d+ reports are being verified$/),
  });
  await pair.start("helper");
  await expect
    .poll(() => survey.status(), PATIENCE)
    .toMatchObject({
      people: 30,
      trouble: null,
      status: "30 of 40 people so far",
      tasks: [
        {
          pending: 0,
          refused: { hpke_decrypt_error: 3, vdaf_verify_error: 1, report_replayed: 1 },
        },
        { pending: 0, refused: { vdaf_verify_error: 1, report_replayed: 1 } },
      ],
    });

  // Away while reports are verified, and the leader with it.
  await survey.uploadPeople(crowd(10, 180));
  await pair.end("helper", "SIGKILL");
  await survey.uploadPeople(crowd(10, 180));
  await pair.end("leader", "SIGKILL");
  await pair.start("leader");
  await pair.start("helper");
  await expect
    .poll(() => survey.status(), PATIENCE)
    .toMatchObject({
      people: 50,
      tasks: survey.tasks.map(() => ({ accepted: 50, pending: 0 })),
    });

  // Away when the commissioner asks.
  const collectAll = async (): Promise<Collected[]> =>
    await Promise.all(survey.tasks.map((task) => survey.collect(task)));
  await pair.end("helper", "SIGKILL");
  await collectAll();
  expect(await collectAll()).toEqual(survey.tasks.map(() => ({ state: "waiting" })));
  await pair.start("helper");
  await expect
    .poll(collectAll, PATIENCE)
    .toMatchObject(survey.tasks.map(() => ({ state: "released", people: 50 })));
  const released = await collectAll();
  const aggregates = released.map((task) => (task.state === "released" ? task.aggregate : []));
  const estimates = survey.estimates(aggregates);
  // Epsilon 20: both nodes' noise together stays within 8 people, but for one run in a billion. A
  // single lie that was counted would add a thousand.
  const here = (name: string) =>
    estimates.find((measure) => measure.name === name && measure.group?.["place"] === "here");
  expect(Math.abs((here("people")?.estimate ?? 0) - 50)).toBeLessThanOrEqual(8);
  // Four half widths are about eight deviations: by chance once in 1e15, where the interval itself
  // misses once in twenty.
  const { estimate, low, high } = here("height") ?? {};
  expect(Math.abs((estimate ?? 0) - 168)).toBeLessThan(2 * ((high ?? 0) - (low ?? 0)));
  expect(estimates.filter((measure) => measure.group?.["place"] === "there")).toMatchObject([
    { suppressed: true, estimate: null },
    { suppressed: true, estimate: null },
  ]);

  // What comes after the release is refused, and so is what was counted before.
  const late = { status: 200, errors: ["batch_collected"] };
  expect(
    await survey.upload(0, survey.reports({ place: "here", height: 1 })[0] ?? new Uint8Array()),
  ).toEqual(late);
  const again = await survey.upload(0, early[0]?.[0] ?? new Uint8Array());
  expect(again).toMatchObject({
    errors: [expect.stringMatching(/batch_collected|report_replayed/)],
  });
  expect(await collectAll()).toEqual(released);

  const small = await Survey.open(pair, STUDY.replace("bad day", "quiet day"));
  await small.uploadPeople([small.reports({ place: "there", height: 150 })]);
  const tooFew = { state: "refused", problem: expect.stringMatching(/1 of 40 people so far/) };
  await expect
    .poll(() => Promise.all(small.tasks.map((task) => small.collect(task))), PATIENCE)
    .toEqual(small.tasks.map(() => tooFew));

  await pair.end("leader", "SIGTERM");
  await pair.end("helper", "SIGTERM");
  expect(pair.log).toContain('"leader"');
  for (const secret of pair.secrets()) expect(pair.log).not.toContain(secret);
});
