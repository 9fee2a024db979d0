/** `sumus task create`: sets a task up, on the nodes whose operator one is. */

import { resolve } from "node:path";
import type { Command } from "@commander-js/extra-typings";
import { encodeBase64url } from "@sumus/bytes";
import type { DapTask } from "@sumus/dap";
import { encodeHpkeConfigList } from "@sumus/dap/messages";
import { collectorHpkeConfig, completeTask, dapTaskOf, type TaskDocument } from "@sumus/task";
import { askOperator } from "../tasks/ask-operator.ts";
import { findOperatorTokens } from "../tasks/operator-tokens.ts";
import {
  besideTask,
  createCollectorKey,
  findCollectorKey,
  readTaskFile,
  type TaskFile,
  writeSharedTask,
} from "../tasks/task-file.ts";
import { readTaskSecrets, type TaskSecretFiles } from "../tasks/task-secrets.ts";
import { type CommandContext, subcommand } from "./context.ts";

const EXAMPLES = `
A task is a small file:

  title: Steps a day
  vdaf: { type: Prio3Histogram, length: 12 }   # Prio3Count, Prio3Sum, Prio3SumVec, …, Poplar1
  batch_mode: time_interval                    # or leader_selected
  time_precision: 1h
  min_batch_size: 100
  leader: https://leader.example
  helper: https://helper.example
  noise: { epsilon: 1, delta: 1e-9 }           # of each batch; or none, in so many words

Without \`collector:\` its key is made: task.yaml gets task.collector-key beside it, which collects and
which only you can read. task.json is the same task with nothing secret in it: for the other operator,
for clients and collectors. Both operators derive the same task, and the same id, from it.

Tokens come from files, or from SUMUS_LEADER_TOKEN and SUMUS_HELPER_TOKEN. With both, the task is
created on both nodes. With one, the command for the other operator is printed. Where the other node is
not paired with yours, or not Sumus, the document names what you agreed on with its operator; files that
do not exist are made:

  peer: { verify_key_file: ./verify-key, token_file: ./peer-token }

Examples:
  sumus task create task.yaml --leader-token-file leader-token --helper-token-file helper-token
  sumus task create task.yaml --leader-token-file leader-token
  sumus task create task.json --helper-token-file /etc/sumus/operator-token
  SUMUS_LEADER_TOKEN=... sumus task create task.yaml --json`;

/** Adds `create` to `task`. */
export function addTaskCreateCommand(task: Command, context: CommandContext): void {
  subcommand(task, "create", "set a task up on a leader, a helper, or both")
    .argument("<file>", "the task, YAML")
    .option("--leader-token-file <file>", "the operator's token of the leader")
    .option("--helper-token-file <file>", "the operator's token of the helper")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (path, options) => {
      const answer = await createTask(path, options, context);
      context.output.print(options.json === true ? JSON.stringify(answer) : formatAnswer(answer));
    });
}

type Role = "leader" | "helper";

/** What `--json` prints. */
interface CreateAnswer {
  readonly id: string;
  readonly title: string;
  /** What became of it at each node; null where it was not asked. */
  readonly leader: "created" | "was there" | null;
  readonly helper: "created" | "was there" | null;
  /** The document to share. */
  readonly document: string;
  /** Files with secrets that were made now. */
  readonly made: readonly string[];
  /** What is left to do elsewhere: a command, or what another software's operator enters. */
  readonly next: string | null;
  /** For software that is not Sumus, in base64url. */
  readonly taskConfiguration: string;
  readonly collectorHpkeConfigList: string;
}

async function createTask(
  path: string,
  options: { readonly leaderTokenFile?: string; readonly helperTokenFile?: string },
  { output, signal }: CommandContext,
): Promise<CreateAnswer> {
  const file = await readTaskFile(path, output, { warn: true });
  const tokens = await findOperatorTokens(options);
  const { document, made: madeKeys } = await completeDocument(file);
  const task = dapTaskOf(document);
  const { secrets, made } = await readTaskSecrets(file.draft.files, path, task);
  const shared = besideTask(path, "json");
  if (resolve(shared) !== resolve(path)) await writeSharedTask(shared, document);
  const createAt = async (role: Role): Promise<CreateAnswer[Role]> => {
    const token = tokens[role];
    if (token === undefined) return null;
    const isNew = await askOperator({ node: document[role], token, signal }, (operator) =>
      operator.createTask(document, secrets),
    );
    return isNew ? "created" : "was there";
  };
  // The helper first: a leader that had the task alone would ask for what the helper does not know.
  const helper = await createAt("helper");
  const leader = await createAt("leader");
  return {
    id: encodeBase64url(task.id),
    title: document.title,
    leader,
    helper,
    document: shared,
    made: [...madeKeys, ...made],
    next: describeNext(file, { leader, helper }, secrets),
    ...forOthers(task, document),
  };
}

/** The document with a collector's key: its own, or that of the file beside it, or a new one. */
async function completeDocument(
  file: TaskFile,
): Promise<{ readonly document: TaskDocument; readonly made: readonly string[] }> {
  const { draft, path } = file;
  if (draft.collector !== null) return { document: completeTask(draft), made: [] };
  const keyFile = besideTask(path, "collector-key");
  const found = await findCollectorKey(keyFile);
  const { publicKey } = found ?? (await createCollectorKey(keyFile));
  const document = completeTask(draft, encodeBase64url(publicKey.bytes));
  return { document, made: found === undefined ? [keyFile] : [] };
}

function describeNext(
  { draft, path }: TaskFile,
  { leader, helper }: Pick<CreateAnswer, Role>,
  { peer }: TaskSecretFiles["secrets"],
): string | null {
  if (leader !== null && helper !== null) return null;
  const other = leader === null ? "leader" : "helper";
  if (peer === undefined) {
    const shared = besideTask(path, "json");
    return `sumus task create ${shared} --${other}-token-file FILE`;
  }
  const { verifyKeyFile = "", tokenFile = "" } = draft.files.peer ?? {};
  return `give the ${other}'s operator the task configuration, ${verifyKeyFile} and ${tokenFile}`;
}

/** The task in DAP's own encodings. */
function forOthers(
  { encodedConfiguration }: DapTask,
  { collector }: TaskDocument,
): Pick<CreateAnswer, "taskConfiguration" | "collectorHpkeConfigList"> {
  const configs = encodeHpkeConfigList([collectorHpkeConfig(collector)]);
  return {
    taskConfiguration: encodeBase64url(encodedConfiguration),
    collectorHpkeConfigList: encodeBase64url(configs),
  };
}

function formatAnswer(answer: CreateAnswer): string {
  const { leader, helper, next } = answer;
  const isForeign = next !== null && !next.startsWith("sumus ");
  return [
    `${answer.title}`,
    `task      ${answer.id}`,
    `leader    ${leader ?? "not asked"}`,
    `helper    ${helper ?? "not asked"}`,
    `share     ${answer.document}`,
    ...answer.made.map((file) => `secret    ${file} (made now; keep it, and a copy of it)`),
    ...(isForeign
      ? [
          `task configuration         ${answer.taskConfiguration}`,
          `collector's HPKE configs   ${answer.collectorHpkeConfigList}`,
        ]
      : []),
    ...(next === null
      ? []
      : ["", isForeign ? `Next: ${next}.` : `Next, the other operator:\n  ${next}`]),
  ].join("\n");
}
