/** `sumus study`: what concerns manifests. */

import type { Command } from "@commander-js/extra-typings";
import { type CommandContext, subcommand } from "./context.ts";
import { addStudyCheckCommand } from "./study-check.ts";
import { addStudyDiffCommand } from "./study-diff.ts";
import { addStudyNewCommand } from "./study-new.ts";

/** Adds `study` with its commands. */
export function addStudyCommand(program: Command, context: CommandContext): void {
  const study = subcommand(program, "study", "work on manifests");
  addStudyNewCommand(study, context);
  addStudyCheckCommand(study, context);
  addStudyDiffCommand(study, context);
}
