/** `sumus node run`: a leader or a helper in this process, until a signal ends it. */

import { type Command, Option } from "@commander-js/extra-typings";
import { NodeStartError, runNode } from "@sumus/aggregator";
import { CliError, EXIT } from "../cli-error.ts";
import { type CommandContext, subcommand } from "./context.ts";

const EXAMPLES = `
When it listens it prints one line of JSON, {"role","url","operatorUrl"}; its log, JSON too, goes to
standard error.
SIGTERM or Ctrl-C lets what is running finish, then ends it; a second one ends it at once. Whatever it
acknowledged is durable in either case. deploy/leader.yaml and deploy/helper.yaml show every option;
secrets may stand in files or in environment variables that the configuration names.

Examples:
  sumus node run --role helper --config helper.yaml
  sumus node run --role leader --config /etc/sumus/leader.yaml 2>> leader.log
  SUMUS_PEER_TOKEN=... sumus node run --role leader --config leader.yaml`;

const REMEDIES: Readonly<Record<NodeStartError["code"], string>> = {
  configInvalid: "Compare with deploy/leader.yaml or deploy/helper.yaml: they show every option.",
  storeKeyWrong:
    "Give the key as storeKey or among oldStoreKeys. Without it nobody opens what it sealed.",
  placeTaken:
    "Another process listens there, or this user may not; change listen or operatorListen.",
  folderLocked: "Stop the other process, or give this node a folder of its own.",
};

/** Adds `run` to `node`. */
export function addNodeRunCommand(node: Command, context: CommandContext): void {
  const role = new Option("--role <role>", "what this node is")
    .choices(["leader", "helper"] as const)
    .makeOptionMandatory();
  subcommand(node, "run", "run one node until it is stopped")
    .addOption(role)
    .requiredOption("--config <file>", "its configuration, YAML")
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const announce = (line: string): void => context.output.print(line);
      try {
        await runNode(options.config, { role: options.role, announce });
      } catch (error) {
        if (!(error instanceof NodeStartError)) throw error;
        const exitCode = error.code === "configInvalid" ? EXIT.badInput : EXIT.failure;
        throw new CliError(error.message, REMEDIES[error.code], exitCode);
      }
    });
}
