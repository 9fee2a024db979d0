/** `sumus task`: DAP tasks that stand for themselves, without a study. */

import type { Command } from "@commander-js/extra-typings";
import { type CommandContext, subcommand } from "./context.ts";
import { addTaskCreateCommand } from "./task-create.ts";
import { addTaskOperationCommands } from "./task-operations.ts";

/** Adds `task` with its commands. */
export function addTaskCommand(program: Command, context: CommandContext): void {
  const task = subcommand(program, "task", "set up and watch tasks of your own");
  addTaskCreateCommand(task, context);
  addTaskOperationCommands(task, context);
}
