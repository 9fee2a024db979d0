/** `sumus task list|show|pause|delete`: what a node's operator sees of tasks and does with them. */

import type { Command } from "@commander-js/extra-typings";
import type { TaskDetails, TaskOverview } from "@sumus/aggregator";
import { decodeBase64url, type Secret } from "@sumus/bytes";
import type { Operator } from "@sumus/client";
import { CliError } from "../cli-error.ts";
import { askOperator } from "../tasks/ask-operator.ts";
import { findToken } from "../tasks/secret-file.ts";
import { readKnownTask } from "../tasks/task-file.ts";
import { formatTable } from "../terminal/table.ts";
import { type CommandContext, subcommand } from "./context.ts";

const TASK_ID_BYTES = 32;
const TOKEN_VARIABLE = "SUMUS_OPERATOR_TOKEN";

const COMMON = `
A task is named by its file, or by its id and --node. With a file the leader is asked unless --node says
otherwise. The operator's token comes from a file, or from SUMUS_OPERATOR_TOKEN.
`;

const LIST_EXAMPLES = `
Tasks of studies are listed as well; they are opened and closed with their study.

Examples:
  sumus task list --node https://leader.example --token-file operator-token
  sumus task list --node https://leader.example --token-file operator-token --json`;

const SHOW_EXAMPLES = `${COMMON}
Examples:
  sumus task show task.json --token-file operator-token
  sumus task show task.json --node https://helper.example --token-file helper-token
  sumus task show 3q2-7…43 characters --node https://leader.example --token-file operator-token --json`;

const PAUSE_EXAMPLES = `${COMMON}
While a task is paused its leader answers uploads with 503 and Retry-After, and clients keep their
reports. What was taken before is aggregated and can be collected.

Examples:
  sumus task pause task.json --token-file operator-token
  sumus task pause task.json --token-file operator-token --resume`;

const DELETE_EXAMPLES = `${COMMON}
A node refuses to delete a task while it has reports that nobody collected; with --force they are lost
for good. Delete it on both nodes. The id is never served again, so that no report can be counted anew.

Examples:
  sumus task delete task.json --token-file operator-token
  sumus task delete task.json --node https://helper.example --token-file helper-token --force`;

interface PlaceOptions {
  readonly node?: string | undefined;
  readonly tokenFile?: string | undefined;
}

/** Adds `list`, `show`, `pause` and `delete` to `task`. */
export function addTaskOperationCommands(task: Command, context: CommandContext): void {
  addList(task, context);
  addShow(task, context);
  addPause(task, context);
  addDelete(task, context);
}

function addList(task: Command, context: CommandContext): void {
  subcommand(task, "list", "the tasks of a node")
    .requiredOption("--node <url>", "the node's address")
    .option("--token-file <file>", "its operator's token")
    .option("--json", "print one JSON array")
    .addHelpText("after", LIST_EXAMPLES)
    .action(async (options) => {
      const place = { ...context, node: options.node, token: await requireToken(options) };
      // The shape is the promise of a node of this version.
      const tasks = (await askOperator(place, (operator) =>
        operator.listTasks(),
      )) as TaskOverview[];
      context.output.print(options.json === true ? JSON.stringify(tasks) : formatList(tasks));
    });
}

function addShow(task: Command, context: CommandContext): void {
  subcommand(task, "show", "how far a task is")
    .argument("<task>", "its file, or its id")
    .option("--node <url>", "the node's address")
    .option("--token-file <file>", "its operator's token")
    .option("--json", "print one JSON object")
    .addHelpText("after", SHOW_EXAMPLES)
    .action(async (name, options) => {
      const details = await askAbout(name, options, context, (operator, id) =>
        operator.showTask(id),
      );
      const shown =
        options.json === true ? JSON.stringify(details) : formatDetails(details as TaskDetails);
      context.output.print(shown);
    });
}

function addPause(task: Command, context: CommandContext): void {
  subcommand(task, "pause", "take no reports for a while")
    .argument("<task>", "its file, or its id")
    .option("--resume", "take reports again")
    .option("--node <url>", "the leader's address")
    .option("--token-file <file>", "its operator's token")
    .option("--json", "print one JSON object")
    .addHelpText("after", PAUSE_EXAMPLES)
    .action(async (name, options) => {
      const state = options.resume === true ? "open" : "paused";
      await askAbout(name, options, context, (operator, id) => operator.changeTask(id, state));
      const words =
        state === "open"
          ? "The task takes reports again."
          : "The task takes no reports until it is resumed with --resume.";
      context.output.print(options.json === true ? JSON.stringify({ state }) : words);
    });
}

function addDelete(task: Command, context: CommandContext): void {
  subcommand(task, "delete", "end a task at a node, for good")
    .argument("<task>", "its file, or its id")
    .option("--force", "also when reports are lost that nobody collected")
    .option("--node <url>", "the node's address")
    .option("--token-file <file>", "its operator's token")
    .option("--json", "print one JSON object")
    .addHelpText("after", DELETE_EXAMPLES)
    .action(async (name, options) => {
      const discard = options.force === true;
      await askAbout(name, options, context, (operator, id) => operator.deleteTask(id, discard));
      const words = "The task is deleted at this node. Delete it at the other one as well.";
      context.output.print(options.json === true ? JSON.stringify({ state: "deleted" }) : words);
    });
}

/** Asks a node about one task, by its file or by its id. */
async function askAbout<T>(
  name: string,
  options: PlaceOptions,
  context: CommandContext,
  ask: (operator: Operator, id: Uint8Array) => Promise<T>,
): Promise<T> {
  const token = await requireToken(options);
  const byId = parseId(name);
  const { task, document } =
    byId === undefined ? await readKnownTask(name, context.output) : { task: { id: byId } };
  const node = options.node ?? document?.leader;
  if (node === undefined) {
    throw new CliError("An id says nothing about where the task is.", "Name the node with --node.");
  }
  return await askOperator({ ...context, node, token }, (operator) => ask(operator, task.id));
}

async function requireToken({ tokenFile }: PlaceOptions): Promise<Secret<string>> {
  const token = await findToken(tokenFile, TOKEN_VARIABLE);
  if (token !== undefined) return token;
  const remedy = `Give --token-file, or set ${TOKEN_VARIABLE}.`;
  throw new CliError("The node is its operator's to ask: there is no token.", remedy);
}

function parseId(text: string): Uint8Array | undefined {
  try {
    const id = decodeBase64url(text);
    return id.length === TASK_ID_BYTES ? id : undefined;
  } catch (error) {
    // No base64url: a path.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function formatList(tasks: readonly TaskOverview[]): string {
  if (tasks.length === 0) return "This node has no tasks.";
  const columns = [
    { title: "task", align: "left" },
    { title: "title", align: "left" },
    { title: "state", align: "left" },
    { title: "vdaf", align: "left" },
    { title: "accepted", align: "right" },
    { title: "pending", align: "right" },
    { title: "refused", align: "right" },
  ] as const;
  return formatTable(
    columns,
    tasks.map((task) => [
      task.id,
      task.title,
      task.study === null ? task.state : "of a study",
      String(task.vdaf["type"]),
      task.accepted.toLocaleString("en"),
      task.pending.toLocaleString("en"),
      task.refused.toLocaleString("en"),
    ]),
  );
}

function formatDetails(task: TaskDetails): string {
  const vdaf = Object.entries(task.vdaf).map(([name, value]) =>
    name === "type" ? String(value) : `${name} ${value}`,
  );
  const refused = Object.entries(task.refused).map(([reason, count]) => `${count} ${reason}`);
  return [
    task.title,
    `task        ${task.id}`,
    `state       ${task.state}${task.study === null ? "" : `, of study ${task.study}`}`,
    `vdaf        ${vdaf.join(", ")}`,
    `batches     ${task.batchMode}, at least ${task.minBatchSize}, times in ${task.timePrecision} s`,
    `leader      ${task.leader}`,
    `helper      ${task.helper}`,
    `people      ${task.status}`,
    `refused     ${refused.length === 0 ? "none" : refused.join(", ")}`,
    `collected   ${task.collectedBatches} ${task.collectedBatches === 1 ? "batch" : "batches"}`,
    ...task.collectedIntervals.map(({ starts, ends }) => `            ${starts} to ${ends}`),
    `waits for   ${task.trouble ?? "nothing"}`,
  ].join("\n");
}
