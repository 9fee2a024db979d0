import { expect, test } from "vitest";
import { SILENT_PROGRESS } from "../progress.ts";
import { createSeededRandom } from "../town/seeded-random.ts";
import { type Populated, populate } from "./populate.ts";
import type { Scenario } from "./scenario.ts";
import { loadScenario } from "./scenario-folder.ts";

async function make(scenario: Scenario, people: number): Promise<Map<string, Populated>> {
  const random = createSeededRandom("populate");
  return new Map(await populate(scenario, { people, random, progress: SILENT_PROGRESS }));
}

test("what somebody chose allows the sources of that level and of those before it", async () => {
  const made = await make(await loadScenario("telemetry"), 200);
  const { people } = made.get("users")?.population ?? { people: [] };
  expect(people).toHaveLength(200);
  const seen = new Map<string, unknown>();
  for (const { collections, rules } of people) {
    seen.set(String(collections.get("settings")?.rows[0]?.[1]), rules);
  }
  const limits = { effect: "allow", epsilonMax: 2, peopleMin: 50 };
  const basic = { applicationVersion: "*", qtVersion: "*", platform: "*", compiler: "*" };
  const usage = { ...basic, startCount: "*", usageTime: "*" };
  expect(seen.get("noTelemetry")).toEqual([]);
  expect(seen.get("basicSystemInformation")).toMatchObject([{ ...limits, reads: basic }]);
  expect(seen.get("basicUsageStatistics")).toMatchObject([{ ...limits, reads: usage }]);
  const all = [
    { reads: { ...usage, screens: "*", cpu: "*", locale: "*", opengl: "*", tools: "*" } },
  ];
  expect(seen.get("detailedUsageStatistics")).toMatchObject(all);
});

test("who is only drawn from lives nowhere, and people are as many as asked for", async () => {
  const scenario = await loadScenario("mobility");
  const questions = scenario.questions.filter(({ people }) => people === "manyCabs");
  const made = await make({ ...scenario, questions }, 1000);
  expect([...made.keys()]).toEqual(["manyCabs"]);
  const { population, simulated } = made.get("manyCabs") ?? {};
  expect(population?.rowsOf).toHaveLength(1000);
  expect(population?.people).toHaveLength(375);
  expect(simulated).toMatch(/^1,000 people, each with the day of one cab .* the same 375\.$/);
});

test("the same seed draws the same people", async () => {
  const scenario = await loadScenario("telemetry");
  const draw = async (): Promise<unknown> =>
    (await make(scenario, 20))
      .get("users")
      ?.population.people.map(({ collections }) => [...collections.values()]);
  expect(await draw()).toEqual(await draw());
});
