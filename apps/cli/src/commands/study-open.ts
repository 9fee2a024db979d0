/** `sumus study open`: completes a manifest and opens the study on the nodes whose operator one is. */

import type { Command } from "@commander-js/extra-typings";
import { encodeHex } from "@sumus/bytes";
import { formatTimestamp } from "@sumus/document";
import { type CompleteStudy, lowerStudy, type Study, studyId } from "@sumus/study";
import { describeMoment } from "../studies/moment.ts";
import { findPopulation } from "../studies/population-budget.ts";
import { type Given, prepareStudy } from "../studies/study-documents.ts";
import { askOperator } from "../tasks/ask-operator.ts";
import { findOperatorTokens } from "../tasks/operator-tokens.ts";
import { readTime } from "../tasks/rows.ts";
import { type CommandContext, subcommand } from "./context.ts";

const EXAMPLES = `
What the manifest leaves open is filled in: the window (from now on, for a week), and the collector's
key, made in study.collector-key beside it, which opens the answer and which only you can read. Who
asks, the population and the two nodes are in the manifest, or given here. study.json is the study as it
was opened, with nothing secret in it: for the other operator, for vaults, for sumus study status.

Tokens come from files, or from SUMUS_LEADER_TOKEN and SUMUS_HELPER_TOKEN. With both, the study is
opened on both nodes. With one, the command for the other operator is printed. The command may be
repeated: the same manifest is the same study. Of a study that is asked again (\`every\` and \`times\` in its
window) all occurrences are opened.

Examples:
  sumus study open study.yaml --leader-token-file leader-token --helper-token-file helper-token
  sumus study open study.yaml --closes 2026-10-08T21:00:00Z --leader-token-file leader-token
  sumus study open study.json --helper-token-file /etc/sumus/operator-token
  SUMUS_LEADER_TOKEN=... SUMUS_HELPER_TOKEN=... sumus study open study.yaml --json`;

interface OpenOptions {
  readonly leaderTokenFile?: string;
  readonly helperTokenFile?: string;
  readonly leader?: string;
  readonly helper?: string;
  readonly commissioner?: string;
  readonly population?: string;
  readonly opens?: string;
  readonly closes?: string;
}

/** Adds `open` to `study`. */
export function addStudyOpenCommand(study: Command, context: CommandContext): void {
  subcommand(study, "open", "open a study on its leader, its helper, or both")
    .argument("<file>", "the manifest, YAML")
    .option("--leader-token-file <file>", "the operator's token of the leader")
    .option("--helper-token-file <file>", "the operator's token of the helper")
    .option("--leader <url>", "the leader, when the manifest names none")
    .option("--helper <url>", "the helper, when the manifest names none")
    .option("--commissioner <did>", "who asks, when the manifest does not say it")
    .option("--population <id>", "whose budget is charged, when the manifest does not say it")
    .option("--opens <time>", "from when on, when the manifest has no window (default: now)")
    .option("--closes <time>", "until when, when the manifest has no window (default: a week)")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (path, options) => {
      const answer = await openStudy(path, options, context);
      context.output.print(options.json === true ? JSON.stringify(answer) : formatAnswer(answer));
    });
}

type Role = "leader" | "helper";

/** What `--json` prints. */
interface OpenAnswer {
  readonly id: string;
  readonly title: string;
  readonly opens: string;
  readonly closes: string;
  /** More than one of a study that is asked again: then the id above is that of the series. */
  readonly occurrences: readonly {
    readonly id: string;
    readonly opens: string;
    readonly closes: string;
  }[];
  /** What became of it at each node; null where it was not asked. */
  readonly leader: "opened" | "was open" | null;
  readonly helper: "opened" | "was open" | null;
  /** What the study takes of its population's budget, and what that has left; null: nobody keeps one. */
  readonly charged: { readonly rho: number; readonly leftRho: number } | null;
  /** The study to share. */
  readonly document: string;
  /** Files with secrets that were made now. */
  readonly made: readonly string[];
  /** The command that is left to the other operator. */
  readonly next: string | null;
}

async function openStudy(
  path: string,
  options: OpenOptions,
  { output, signal }: CommandContext,
): Promise<OpenAnswer> {
  const tokens = await findOperatorTokens(options);
  const { study, occurrences, shared, made } = await prepareStudy(path, givenBy(options), {
    output,
    nowSeconds: nowSeconds(),
  });
  const openAt = async (role: Role): Promise<OpenAnswer[Role]> => {
    const token = tokens[role];
    if (token === undefined) return null;
    let isNew = false;
    for (const occurrence of occurrences) {
      const place = { node: occurrence.combine[role], token, signal };
      if (await askOperator(place, (operator) => operator.openStudy(occurrence))) isNew = true;
    }
    return isNew ? "opened" : "was open";
  };
  // The helper first: a leader that had the study alone would ask for what the helper does not know.
  const helper = await openAt("helper");
  const leader = await openAt("leader");
  const [first] = occurrences;
  if (first === undefined) throw new TypeError("expected a study, got none");
  const { combine, privacy } = first;
  const node = leader === null ? combine.helper : combine.leader;
  const budget = await findPopulation(node, privacy.population, signal);
  return {
    ...describe(study, occurrences),
    leader,
    helper,
    charged: budget && { rho: lowerStudy(study).rho * occurrences.length, leftRho: budget.leftRho },
    document: shared,
    made,
    next: next(shared, { leader, helper }),
  };
}

function describe(
  study: Study,
  occurrences: readonly CompleteStudy[],
): Pick<OpenAnswer, "id" | "title" | "opens" | "closes" | "occurrences"> {
  const listed = occurrences.map((each) => ({
    id: encodeHex(studyId(each)),
    opens: formatTimestamp(each.window.opens),
    closes: formatTimestamp(each.window.closes),
  }));
  return {
    id: encodeHex(studyId(study)),
    title: study.title,
    opens: listed[0]?.opens ?? "",
    closes: listed.at(-1)?.closes ?? "",
    occurrences: listed,
  };
}

function next(shared: string, { leader, helper }: Pick<OpenAnswer, Role>): string | null {
  if (leader !== null && helper !== null) return null;
  const other = leader === null ? "leader" : "helper";
  return `sumus study open ${shared} --${other}-token-file FILE`;
}

function givenBy(options: OpenOptions): Given {
  const { leader, helper, commissioner, population } = options;
  const opens = readTime(options.opens, "--opens");
  const closes = readTime(options.closes, "--closes");
  return {
    ...(leader !== undefined && { leader }),
    ...(helper !== undefined && { helper }),
    ...(commissioner !== undefined && { commissioner }),
    ...(population !== undefined && { population }),
    ...(opens !== undefined && { opens }),
    ...(closes !== undefined && { closes }),
  };
}

function describeCharge(charged: OpenAnswer["charged"]): string {
  if (charged === null) return "nobody: the population is not registered, and has no budget";
  const [rho, left] = [charged.rho, charged.leftRho].map((value) => Number(value.toPrecision(3)));
  return `rho ${rho} of the population's budget, which has ${left} left`;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function formatAnswer(answer: OpenAnswer): string {
  const closes = describeMoment(Date.parse(answer.closes) / 1000, nowSeconds());
  const times = answer.occurrences.length;
  return [
    answer.title,
    `study     ${answer.id}`,
    ...(times === 1 ? [] : [`asked     ${times} times, each a study of its own`]),
    `closes    ${closes}`,
    `leader    ${answer.leader ?? "not asked"}`,
    `helper    ${answer.helper ?? "not asked"}`,
    `charged   ${describeCharge(answer.charged)}`,
    `share     ${answer.document}`,
    ...answer.made.map((file) => `secret    ${file} (made now; keep it, and a copy of it)`),
    ...(answer.next === null ? [] : ["", `Next, the other operator:\n  ${answer.next}`]),
  ].join("\n");
}
