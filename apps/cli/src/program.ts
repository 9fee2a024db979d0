/** The command line's shape: every command is a file in `commands/`. */

import { createRequire } from "node:module";
import { Command } from "@commander-js/extra-typings";
import { addCollectCommand } from "./commands/collect.ts";
import type { CommandContext } from "./commands/context.ts";
import { addLabCommand } from "./commands/lab.ts";
import { addNodeCommand } from "./commands/node.ts";
import { addPopulationCommand } from "./commands/population.ts";
import { addReportCommand } from "./commands/report-upload.ts";
import { addStudyCommand } from "./commands/study.ts";
import { addTaskCommand } from "./commands/task.ts";

const ABOUT = `People keep their data; together they get the answers.

Examples:
  sumus lab                        ask five questions of ten thousand vaults, write lab-report/
  sumus lab run --study q.yaml --table visits=visits.csv:patient
  sumus node run --role leader --config leader.yaml
  sumus task create task.yaml --leader-token-file leader-token --helper-token-file helper-token
  sumus report upload --task task.json --file rows.csv
  sumus collect --task task.json --interval 2026-10-01/2026-10-08 --token-file collector-token
  sumus study check q.yaml         what a study costs and how exact it is, before anybody is asked
  sumus study open q.yaml --leader-token-file leader-token --helper-token-file helper-token
  sumus study collect q.yaml --token-file collector-token --wait

Exit codes:
  0  done     1  something given is wrong     2  no answer, with the reason
  3  a fault of ours or of the machine        130  stopped by Ctrl-C`;

/** The version of the whole house: its packages are released together. */
const { version: VERSION } = createRequire(import.meta.url)("../package.json") as {
  readonly version: string;
};

/** Builds the program; parsing it runs a command. */
export function createProgram(context: CommandContext): Command {
  const program = new Command("sumus")
    .usage("<command> [options]")
    .version(VERSION)
    .addHelpText("after", `\n${ABOUT}`)
    .showHelpAfterError("Run with --help for the options and examples.")
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => context.output.print(text.trimEnd()),
      writeErr: (text) => context.output.say(text.trimEnd()),
    })
    .exitOverride();
  addLabCommand(program, context);
  addNodeCommand(program, context);
  addStudyCommand(program, context);
  addPopulationCommand(program, context);
  addTaskCommand(program, context);
  addReportCommand(program, context);
  addCollectCommand(program, context);
  return program;
}
