/** `sumus node`: what operators do. */

import type { Command } from "@commander-js/extra-typings";
import { type CommandContext, subcommand } from "./context.ts";
import { addNodeKeysCommand } from "./node-keys.ts";
import { addNodeRunCommand } from "./node-run.ts";

/** Adds `node` with its commands. */
export function addNodeCommand(program: Command, context: CommandContext): void {
  const node = subcommand(program, "node", "run a leader or a helper");
  addNodeRunCommand(node, context);
  addNodeKeysCommand(node, context);
}
