import type { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "../cli-error.ts";
import type { Output } from "../terminal/output.ts";

/** What every command gets. */
export interface CommandContext {
  readonly output: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** How the command ended, when it did not throw. */
  finish(code: ExitCode): void;
}

/** Makes a subcommand that inherits how errors and help are shown. */
export function subcommand(parent: Command, name: string, description: string): Command {
  return parent.command(name).description(description).copyInheritedSettings(parent);
}
