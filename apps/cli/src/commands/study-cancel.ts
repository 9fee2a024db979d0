/** `sumus study cancel`: the end of a study without an answer. */

import type { Command } from "@commander-js/extra-typings";
import { decodeHex, encodeHex } from "@sumus/bytes";
import { studyId } from "@sumus/study";
import { CliError } from "../cli-error.ts";
import { parseOccurrence } from "../options/occurrence-option.ts";
import { isStudyId } from "../studies/name-study.ts";
import { chooseOccurrences, readOpenedStudies } from "../studies/study-documents.ts";
import { askOperator } from "../tasks/ask-operator.ts";
import { findOperatorTokens } from "../tasks/operator-tokens.ts";
import type { Output } from "../terminal/output.ts";
import { type CommandContext, subcommand } from "./context.ts";

const EXAMPLES = `
From then on the nodes take no more reports, forget those they have, and release nothing; the study says
so to everybody. Either node alone is enough to keep it from being answered; cancel it on both, so that
both forget, and vaults get back what it cost them. There is no way back: ask anew, under another window. A study of which anything was
collected is refused. The command may be repeated.

Tokens come from files, or from SUMUS_LEADER_TOKEN and SUMUS_HELPER_TOKEN. A study is named by its file,
or by its id and the addresses of the nodes.

Examples:
  sumus study cancel study.yaml --leader-token-file leader-token --helper-token-file helper-token
  sumus study cancel study.json --helper-token-file /etc/sumus/operator-token --json
  sumus study cancel 3f0c…64 characters --leader https://leader.example --leader-token-file leader-token`;

type Role = "leader" | "helper";

interface CancelOptions {
  readonly leader?: string;
  readonly helper?: string;
  readonly leaderTokenFile?: string;
  readonly helperTokenFile?: string;
  readonly occurrence?: number;
}

/** Adds `cancel` to `study`. */
export function addStudyCancelCommand(study: Command, context: CommandContext): void {
  subcommand(study, "cancel", "end a study: nothing more is taken, nothing is released")
    .argument("<study>", "its file, or its id")
    .option("--leader-token-file <file>", "the operator's token of the leader")
    .option("--helper-token-file <file>", "the operator's token of the helper")
    .option("--occurrence <n>", "one only, of a study that is asked again", parseOccurrence)
    .option("--leader <url>", "the leader's address")
    .option("--helper <url>", "the helper's address")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (name, options) => {
      const answer = await cancelStudy(name, options, context);
      context.output.print(options.json === true ? JSON.stringify(answer) : formatAnswer(answer));
    });
}

/** What `--json` prints. */
interface CancelAnswer {
  readonly id: string;
  /** Null where it was not asked. */
  readonly leader: "cancelled" | null;
  readonly helper: "cancelled" | null;
}

async function cancelStudy(
  name: string,
  options: CancelOptions,
  { output, signal }: CommandContext,
): Promise<CancelAnswer> {
  const tokens = await findOperatorTokens(options);
  const { id, all, nodes } = await findStudy(name, options, output);
  const cancelAt = async (role: Role): Promise<CancelAnswer[Role]> => {
    const token = tokens[role];
    if (token === undefined) return null;
    const node = nodes[role];
    if (node === undefined) {
      throw new CliError(`An id says nothing about the ${role}.`, `Name it with --${role}.`);
    }
    for (const each of all) {
      await askOperator({ node, token, signal }, (operator) => operator.cancelStudy(each));
    }
    return "cancelled";
  };
  // The leader first: it knows whether anything was collected.
  const leader = await cancelAt("leader");
  const helper = await cancelAt("helper");
  return { id: encodeHex(id), leader, helper };
}

async function findStudy(
  name: string,
  { leader, helper, occurrence }: CancelOptions,
  output: Output,
): Promise<{
  readonly id: Uint8Array;
  /** The study itself, or all occurrences that are meant. */
  readonly all: readonly Uint8Array[];
  readonly nodes: Readonly<Record<Role, string | undefined>>;
}> {
  if (isStudyId(name)) {
    const id = decodeHex(name);
    return { id, all: [id], nodes: { leader, helper } };
  }
  const { study, occurrences } = await readOpenedStudies(name, output);
  const chosen = chooseOccurrences(name, occurrences, occurrence);
  const [first] = chosen;
  if (first === undefined) throw new TypeError("expected a study, got none");
  const { combine } = first;
  return {
    id: studyId(chosen.length === 1 ? first : study),
    all: chosen.map(studyId),
    nodes: { leader: leader ?? combine.leader, helper: helper ?? combine.helper },
  };
}

function formatAnswer({ id, leader, helper }: CancelAnswer): string {
  const isHalf = leader === null || helper === null;
  return [
    `study     ${id}`,
    `leader    ${leader ?? "not asked"}`,
    `helper    ${helper ?? "not asked"}`,
    ...(isHalf ? ["", "Nothing is released any more. The other operator cancels it as well."] : []),
  ].join("\n");
}
