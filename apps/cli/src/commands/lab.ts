/** `sumus lab`: the main job, five questions over real data, and a page to look at. */

import type { Command } from "@commander-js/extra-typings";
import { MAIN_SCENARIO } from "@sumus/lab";
import { type CommandContext, subcommand } from "./context.ts";
import { addLabRunCommand } from "./lab-run.ts";
import {
  addLabScenarioCommand,
  askScenario,
  REPORT_FOLDER,
  scenarioOptions,
} from "./lab-scenario.ts";

const EXAMPLES = `
Examples:
  sumus lab                      everything, into lab-report/ (about a minute)
  sumus lab --people 1000        at most a thousand people per question: a quick look
  sumus lab --seed 7 --open      other people say no, drop out and lie; then show the page
  sumus lab --json               the last line of the output is one JSON object
  sumus lab scenario             what else can be asked: health, mobility, finances, telemetry`;

/** Adds `lab` and below it `lab run` and `lab scenario`. */
export function addLabCommand(program: Command, context: CommandContext): void {
  const lab = scenarioOptions(
    subcommand(program, "lab", "ask real questions of a town of vaults")
      .usage("[options] | run [options] | scenario [name] [options]")
      .enablePositionalOptions(),
  )
    .option("--report <folder>", "where the page and its files go", REPORT_FOLDER)
    .addHelpText("after", EXAMPLES);
  lab.action((options) => askScenario(MAIN_SCENARIO, options, context));
  addLabRunCommand(lab as unknown as Command, context);
  addLabScenarioCommand(lab as unknown as Command, context);
}
