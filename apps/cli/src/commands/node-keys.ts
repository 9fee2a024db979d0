/** `sumus node keys`: the HPKE keys of a running node, which clients seal their reports to. */

import { type Command, Option } from "@commander-js/extra-typings";
import type { HpkeKeyStatus } from "@sumus/aggregator";
import { askNode } from "../node-operator.ts";
import { formatTable } from "../terminal/table.ts";
import { type CommandContext, subcommand } from "./context.ts";

const PATH = "/hpke_keys";

const LIST_EXAMPLES = `
pending      made; clients are given it from the time shown
advertised   clients seal to it
retired      clients may remember it: it takes reports until it closes
closed       takes no more; deleted within hours, when no report waits that is sealed to it

Examples:
  sumus node keys list --config leader.yaml
  sumus node keys list --config leader.yaml --json`;

const ROTATE_EXAMPLES = `
A minute later clients are given the new key; the old one takes reports for \`hpkeKeys.keepDays\` and
is then deleted. All replicas follow, without a restart. Asked again within that minute it makes no
second key. \`hpkeKeys.rotateAfterDays\` in the configuration makes a node do this by itself.

Examples:
  sumus node keys rotate --config leader.yaml
  sumus node keys rotate --config helper.yaml --json
  sumus node keys rotate --config leader.yaml --url https://leader.example`;

/** Adds `keys` to `node`. */
export function addNodeKeysCommand(node: Command, context: CommandContext): void {
  const keys = subcommand(node, "keys", "the keys that clients seal reports to");
  subcommand(keys, "list", "show the keys of a running node")
    .requiredOption("--config <file>", "the node's configuration, YAML")
    .addOption(roleOption())
    .option("--url <url>", "the node's address, if not where it listens")
    .option("--json", "one object instead of a table")
    .addHelpText("after", LIST_EXAMPLES)
    .action(async (options) => {
      const answer = (await askNode(options, "GET", PATH)) as KeysAnswer;
      context.output.print(options.json ? JSON.stringify(answer) : formatKeys(answer.keys));
    });
  subcommand(keys, "rotate", "make a running node change to a new key")
    .requiredOption("--config <file>", "the node's configuration, YAML")
    .addOption(roleOption())
    .option("--url <url>", "the node's address, if not where it listens")
    .option("--json", "one object instead of a table")
    .addHelpText("after", ROTATE_EXAMPLES)
    .action(async (options) => {
      const answer = (await askNode(options, "POST", PATH)) as KeysAnswer;
      if (!options.json && answer.rotated === false) {
        context.output.say("A key is pending already; no second one was made.");
      }
      context.output.print(options.json ? JSON.stringify(answer) : formatKeys(answer.keys));
    });
}

function roleOption() {
  const choices = ["leader", "helper"] as const;
  return new Option("--role <role>", "what it is, if its file does not say so").choices(choices);
}

/** What the node of this version answers. */
interface KeysAnswer {
  /** Whether a key was made; absent in a list. */
  readonly rotated?: boolean;
  readonly keys: readonly HpkeKeyStatus[];
}

function formatKeys(keys: readonly HpkeKeyStatus[]): string {
  return formatTable(
    [
      { title: "id", align: "right" },
      { title: "state", align: "left" },
      { title: "advertised", align: "left" },
      { title: "retired", align: "left" },
      { title: "closed", align: "left" },
    ],
    keys.map(({ id, state, advertisedAt, retiredAt, closedAt }) => [
      String(id),
      state,
      advertisedAt ?? "",
      retiredAt ?? "",
      closedAt ?? "",
    ]),
  );
}
