/** `sumus lab scenario`: a town, its questions and a page of the answers. */

import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "@commander-js/extra-typings";
import {
  loadScenario,
  MAIN_SHARES,
  runScenario,
  scenarioNames,
  type TownStore,
  writeReport,
} from "@sumus/lab";
import { EXIT } from "../cli-error.ts";
import { parsePeople } from "../options/count-option.ts";
import { shareOption } from "../options/share-option.ts";
import { storeOption } from "../options/store-option.ts";
import { createProgressBar } from "../terminal/progress-bar.ts";
import { formatSummary } from "../terminal/summary.ts";
import { formatTable } from "../terminal/table.ts";
import { type CommandContext, subcommand } from "./context.ts";

/** Where pages go; that of a scenario in a folder of its name. */
export const REPORT_FOLDER = "lab-report";

const EXAMPLES = `
A scenario is a folder with a scenario.yaml and its studies; lab/scenarios/README.md says how to write
one. Without a name, those that come with the lab are listed.

Examples:
  sumus lab scenario                      what there is
  sumus lab scenario mobility --open      one of them, and its page
  sumus lab scenario telemetry --people 2000 --json
  sumus lab scenario ./my-scenario        a folder of your own`;

/** What every run of a scenario is told. */
type ScenarioOptions = {
  readonly people?: number | undefined;
  readonly liars: number;
  readonly drop: number;
  readonly deny: number;
  readonly seed: string;
  readonly store: TownStore;
  readonly open?: true | undefined;
  readonly json?: true | undefined;
};

/** The options of everything that runs a scenario. */
export function scenarioOptions(command: Command): Command<[], ScenarioOptions> {
  return command
    .option("--people <n>", "at most so many people per population", parsePeople)
    .addOption(shareOption("--liars <share>", "how many send a report that lies", MAIN_SHARES.lie))
    .addOption(shareOption("--drop <share>", "how many say yes and vanish", MAIN_SHARES.drop))
    .addOption(shareOption("--deny <share>", "how many say no", MAIN_SHARES.deny))
    .option("--seed <text>", "draws who is sampled, says no, vanishes and lies", "1")
    .addOption(storeOption())
    .option("--open", "show the page in a browser")
    .option("--json", "print one JSON object as the last line");
}

function openInBrowser(page: string): void {
  const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", win32: "explorer" };
  const opener = openers[process.platform] ?? "xdg-open";
  const child = spawn(opener, [page], { stdio: "ignore", detached: true });
  // A machine without a browser is no fault: the path of the page is printed anyway.
  child.on("error", () => {});
  child.unref();
}

/** Runs a scenario and writes its page. */
export async function askScenario(
  name: string,
  options: ScenarioOptions & { readonly report: string },
  { finish, output, signal }: CommandContext,
): Promise<void> {
  const scenario = await loadScenario(name);
  const result = await runScenario(scenario, {
    shares: { deny: options.deny, drop: options.drop, lie: options.liars },
    people: options.people ?? null,
    seed: options.seed,
    store: options.store,
    progress: createProgressBar(output, () => performance.now()),
    signal,
  });
  const page = await writeReport(resolve(options.report), result, scenario);
  const done = result.studies.every(({ state }) => state === "answered");
  const where = `The report: ${pathToFileURL(page).href}`;
  if (options.json === true) {
    output.say(where);
    output.print(JSON.stringify(result));
  } else {
    output.print(`${formatSummary(result)}\n\n${where}`);
  }
  if (options.open === true) openInBrowser(page);
  finish(done ? EXIT.ok : EXIT.noAnswer);
}

async function listScenarios(): Promise<string> {
  const names = await scenarioNames();
  const rows = [];
  for (const name of names) {
    const { questions, title } = await loadScenario(name);
    rows.push([name, String(questions.length), title]);
  }
  const columns = [
    { title: "scenario", align: "left" },
    { title: "questions", align: "right" },
    { title: "about", align: "left" },
  ] as const;
  return formatTable(columns, rows);
}

/** Adds `scenario` to `lab`. */
export function addLabScenarioCommand(lab: Command, context: CommandContext): void {
  scenarioOptions(subcommand(lab, "scenario", "ask the questions of one scenario"))
    .argument("[name]", "one of the lab's own, or a folder")
    .option("--report <folder>", `where the page and its files go (default: ${REPORT_FOLDER}/NAME)`)
    .addHelpText("after", EXAMPLES)
    .action(async (name, options) => {
      if (name === undefined) return context.output.print(await listScenarios());
      const report = options.report ?? join(REPORT_FOLDER, nameOfFolder(name));
      await askScenario(name, { ...options, report }, context);
    });
}

/** What a folder is called. */
function nameOfFolder(path: string): string {
  return resolve(path).split(/[/\\]/).at(-1) ?? path;
}
