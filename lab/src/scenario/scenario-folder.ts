/** Finds scenarios: those that come with the lab by their name, others by their folder. */

import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { formatProblem } from "@sumus/document";
import { LabError } from "../lab-error.ts";
import { readScenario, SCENARIO_FILE } from "./read-scenario.ts";
import type { Scenario, ScenarioPeople } from "./scenario.ts";

const SHIPPED_FOLDER = fileURLToPath(new URL("../../scenarios/", import.meta.url));

/** What `sumus lab` runs when no scenario is named. */
export const MAIN_SCENARIO = "main";

/** The names of the lab's own scenarios, in alphabetical order. */
export async function scenarioNames(): Promise<string[]> {
  const entries = await readdir(SHIPPED_FOLDER, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/**
 * Loads one of the lab's own scenarios by name, or any folder by a path with a slash in it.
 *
 * @throws {LabError} `badInput` that names every problem with its file and line
 */
export async function loadScenario(nameOrFolder: string): Promise<Scenario> {
  const own = await scenarioNames();
  if (/[/\\]/.test(nameOrFolder)) return await loadFolder(resolve(nameOrFolder), own);
  if (own.includes(nameOrFolder)) return await loadFolder(join(SHIPPED_FOLDER, nameOrFolder), own);
  throw new LabError(
    "badInput",
    `There is no scenario "${nameOrFolder}"; there are ${own.join(", ")}.`,
    `Name one of them, or a folder with a ${SCENARIO_FILE}: ./${nameOrFolder}`,
  );
}

async function loadFolder(folder: string, own: readonly string[]): Promise<Scenario> {
  const texts = await readTexts(folder);
  const others = new Map<string, Scenario>();
  // Which others it takes from is known only when it is read; the lab has a handful.
  if (/^takes:/m.test(texts.get(SCENARIO_FILE) ?? "")) {
    for (const name of own) {
      const other = join(SHIPPED_FOLDER, name);
      if (other !== folder) others.set(name, await loadFolder(other, []));
    }
  }
  const reading = readScenario({
    name: basename(folder),
    texts,
    others: (name) => others.get(name),
  });
  if (reading.ok) return withFiles(reading.scenario, folder);
  const lines = reading.problems.map(
    ({ file, ...problem }) => `${join(folder, file)}:${formatProblem(problem)}`,
  );
  throw new LabError("badInput", lines.join("\n"), "Correct the scenario.");
}

async function readTexts(folder: string): Promise<Map<string, string>> {
  const names = await namesIn(folder);
  if (!names.includes(SCENARIO_FILE)) {
    const remedy = "Write it, or name another folder.";
    throw new LabError("badInput", `${folder}: there is no ${SCENARIO_FILE} in it`, remedy);
  }
  const texts = new Map<string, string>();
  for (const name of names.filter((each) => each.endsWith(".yaml"))) {
    texts.set(name, await readFile(join(folder, name), "utf8"));
  }
  return texts;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const message = `${folder}: there is no such folder`;
    throw new LabError("badInput", message, "Check the path.", { cause });
  }
}

/** Files are named from the scenario's folder. */
function withFiles(scenario: Scenario, folder: string): Scenario {
  const populations = scenario.populations.map((population): ScenarioPeople => {
    const { source } = population;
    if (source.kind !== "tables") return population;
    const tables = source.tables.map((table) => ({ ...table, file: resolve(folder, table.file) }));
    return { ...population, source: { ...source, tables } };
  });
  return { ...scenario, populations };
}
