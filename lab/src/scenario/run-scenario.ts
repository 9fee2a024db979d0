/** Runs a scenario: every question, one after the other, in one town. */

import { defined } from "@sumus/assert";
import type { LabResult, LabStudyResult } from "../result.ts";
import { budgetFor, type RunOptions, summarise } from "../run.ts";
import { checkBehaviour } from "../town/behaviour.ts";
import type { Settlers } from "../town/quarter.ts";
import { runInTown } from "../town/run-in-town.ts";
import { createSeededRandom } from "../town/seeded-random.ts";
import { schemasOf } from "../town/tables.ts";
import { withTown } from "../town/town.ts";
import { type Populated, populate } from "./populate.ts";
import type { Scenario } from "./scenario.ts";

/**
 * Asks everything of everybody.
 *
 * @throws {LabError} `badInput` when a table cannot be used, `failed` when a node does not do its part
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<LabResult> {
  const beganMs = performance.now();
  checkBehaviour(options.shares);
  const random = createSeededRandom(options.seed);
  const populated = await populate(scenario, { ...options, random });
  for (const { simulated } of populated.values()) {
    if (simulated !== null) options.progress.note(`Simulated: ${simulated}`);
  }
  const settlers = Array.from(populated, ([name, people]) => settlersOf(scenario, name, people));
  return await withTown(options, settlers, async (town) => {
    const results: LabStudyResult[] = [];
    for (const { people, study } of scenario.questions) {
      const settlement = defined(
        settlers.find(({ name }) => name === people),
        "a question's people live in the town",
      );
      const simulated = populated.get(people)?.simulated ?? null;
      results.push(await runInTown(town, { draft: study, settlement, simulated }));
    }
    const vaults = settlers.reduce((sum, { population }) => sum + population.rowsOf.length, 0);
    return summarise(vaults, results, beganMs, options.seed);
  });
}

/** People with the budget for what this scenario asks of them. */
function settlersOf({ questions }: Scenario, name: string, people: Populated): Settlers {
  const asked = questions.flatMap((each) => (each.people === name ? [each.study] : []));
  return {
    name,
    population: people.population,
    schemas: schemasOf(people.tables),
    budget: budgetFor(asked),
    // Who is asked several times pays from one budget.
    keepsVaults: asked.length > 1,
  };
}
