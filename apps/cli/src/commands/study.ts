/** `sumus study`: from a manifest to its answer. */

import type { Command } from "@commander-js/extra-typings";
import { type CommandContext, subcommand } from "./context.ts";
import { addStudyCancelCommand } from "./study-cancel.ts";
import { addStudyCheckCommand } from "./study-check.ts";
import { addStudyCollectCommand } from "./study-collect.ts";
import { addStudyDiffCommand } from "./study-diff.ts";
import { addStudyDryRunCommand } from "./study-dry-run.ts";
import { addStudyNewCommand } from "./study-new.ts";
import { addStudyOpenCommand } from "./study-open.ts";
import { addStudyStatusCommand } from "./study-status.ts";

/** Adds `study` with its commands. */
export function addStudyCommand(program: Command, context: CommandContext): void {
  const study = subcommand(program, "study", "write, check, open, follow and collect studies");
  addStudyNewCommand(study, context);
  addStudyCheckCommand(study, context);
  addStudyDiffCommand(study, context);
  addStudyDryRunCommand(study, context);
  addStudyOpenCommand(study, context);
  addStudyStatusCommand(study, context);
  addStudyCollectCommand(study, context);
  addStudyCancelCommand(study, context);
}
