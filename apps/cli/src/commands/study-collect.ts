/** `sumus study collect`: the answer of a study, opened with the key that only the commissioner has. */

import { type Command, Option } from "@commander-js/extra-typings";
import { encodeBase64url } from "@sumus/bytes";
import type { HpkeKeyPair } from "@sumus/crypto";
import {
  answersCsv,
  describeStudy,
  loadPageStyle,
  mapExports,
  renderAnswerPage,
  type StudyAnswer,
} from "@sumus/pages";
import { type CompleteStudy, estimateStudy, learnedFrom, lowerStudy } from "@sumus/study";
import { CliError } from "../cli-error.ts";
import { parseOccurrence } from "../options/occurrence-option.ts";
import { type Asking, collectTasks, courseOf, waitUntilReady } from "../studies/collect-tasks.ts";
import { readOpenedStudy } from "../studies/study-documents.ts";
import { writeAnswer } from "../studies/write-answer.ts";
import { findToken } from "../tasks/secret-file.ts";
import { besideTask, findCollectorKey } from "../tasks/task-file.ts";
import { formatReleased } from "../terminal/released.ts";
import { type CommandContext, subcommand } from "./context.ts";

const TOKEN_VARIABLE = "SUMUS_COLLECTOR_TOKEN";

const EXAMPLES = `
The collector's key lies beside the study, as sumus study open wrote it; --key-file names another. The
leader's collector token comes from --token-file or from SUMUS_COLLECTOR_TOKEN.

A study is collected once, whole, when its window has closed: before, the command ends with code 2 and
says how far it is. --wait stays until then; --now collects at once, and nobody can take part any more.
The command waits while reports are being verified. Ctrl-C loses nothing: the same command asks for the
same answer again.

--page writes the answer as one page for everybody: charts, maps, intervals, what it cost in privacy,
and what each party learned. It loads nothing and runs nothing. --csv, --geojson and --kml write files
for programs; maps show counts of people in cells, geohash or H3.

Examples:
  sumus study collect study.yaml --token-file collector-token
  sumus study collect study.yaml --token-file collector-token --wait --page answer.html
  sumus study collect study.yaml --token-file collector-token --csv answer.csv --geojson map.json
  SUMUS_COLLECTOR_TOKEN=... sumus study collect study.yaml --now --json`;

/** Adds `collect` to `study`. */
export function addStudyCollectCommand(study: Command, context: CommandContext): void {
  const format = new Option("--format <format>", "how numbers are printed")
    .choices(["table", "csv"] as const)
    .default("table" as const);
  subcommand(study, "collect", "collect the answer of a study and open it")
    .argument("<file>", "the study")
    .option("--token-file <file>", "the leader's collector token")
    .option("--key-file <file>", "the collector's private key")
    .option("--occurrence <n>", "which one, of a study that is asked again", parseOccurrence)
    .option("--wait", "until the study's window has closed")
    .option("--now", "before it closes; that ends the study")
    .addOption(format)
    .option("--page <file>", "write the answer as a page")
    .option("--csv <file>", "write the numbers as CSV")
    .option("--geojson <file>", "write a map, of a study in cells")
    .option("--kml <file>", "write a map for globes")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (path, options) => {
      const { output, signal } = context;
      const opened = await readOpenedStudy(path, output, options.occurrence);
      requireMap(opened, options);
      const keyPair = await requireKey(
        opened,
        options.keyFile ?? besideTask(path, "collector-key"),
      );
      const token = await findToken(options.tokenFile, TOKEN_VARIABLE);
      if (token === undefined) {
        const remedy = `Give --token-file, or set ${TOKEN_VARIABLE}.`;
        throw new CliError("The leader asks collectors for a token: there is none.", remedy);
      }
      const asking: Asking = { study: opened, keyPair, token, output, signal };
      await waitUntilReady(asking, { wait: options.wait === true, now: options.now === true });
      const answer = await readAnswer(asking);
      await writeExports(answer, options);
      if (options.json === true) output.print(JSON.stringify(releaseOf(answer)));
      else if (options.format === "csv") output.print(answersCsv([answer]).trimEnd());
      else output.print(formatAnswer(answer));
    });
}

/** Collects all tasks and opens what they add up to. */
async function readAnswer(asking: Asking): Promise<StudyAnswer> {
  const { study } = asking;
  const collections = await collectTasks(asking);
  const aggregates = collections.map(({ aggregate }) => aggregate);
  const people = Math.min(...collections.map(({ reportCount }) => reportCount));
  const measures = estimateStudy(lowerStudy(study), aggregates, { noised: true });
  return {
    ...describeStudy(study),
    state: "answered",
    reason: null,
    accepted: people,
    measures,
    learned: learnedFrom(study, await courseOf(asking), people, measures),
    simulated: null,
  };
}

/** What `--json` prints. */
interface Release
  extends Pick<
    StudyAnswer,
    | "id"
    | "title"
    | "purpose"
    | "epsilon"
    | "delta"
    | "rho"
    | "population"
    | "peopleMin"
    | "measures"
    | "measureKinds"
    | "tasks"
    | "learned"
  > {
  /** Whose contribution was counted in every task, at most. */
  readonly people: number;
  /** Numbers that are too uncertain to say. */
  readonly uncertain: number;
}

function releaseOf(answer: StudyAnswer): Release {
  const { id, title, purpose, epsilon, delta, rho, population, peopleMin } = answer;
  const { accepted: people, measures, measureKinds, tasks, learned } = answer;
  const terms = { epsilon, delta, rho, population, peopleMin };
  const uncertain = measures.filter(({ suppressed }) => suppressed).length;
  const counted = { people, uncertain, ...terms };
  return { id, title, purpose, ...counted, measures, measureKinds, tasks, learned };
}

interface ExportOptions {
  readonly page?: string | undefined;
  readonly csv?: string | undefined;
  readonly geojson?: string | undefined;
  readonly kml?: string | undefined;
}

async function requireKey(study: CompleteStudy, file: string): Promise<HpkeKeyPair> {
  const keyPair = await findCollectorKey(file);
  if (keyPair === undefined) {
    const remedy = "Name the collector's private key with --key-file.";
    throw new CliError(`There is no file ${file}.`, remedy);
  }
  if (encodeBase64url(keyPair.publicKey.bytes) === study.combine.collector) return keyPair;
  const remedy = "Name the key that this study was opened with.";
  throw new CliError(`${file} holds the key of another study.`, remedy);
}

/** Said before anything is collected. */
function requireMap(study: CompleteStudy, { geojson, kml }: ExportOptions): void {
  if ((geojson ?? kml) === undefined || describeStudy(study).maps.length > 0) return;
  const message = "There is no map of this study: it counts no people in geohash or H3 cells.";
  throw new CliError(message, "Leave --geojson and --kml out.");
}

async function writeExports(
  answer: StudyAnswer,
  { csv, geojson, kml, page }: ExportOptions,
): Promise<void> {
  const maps = mapExports(answer);
  const files = [
    [page, page === undefined ? undefined : await renderPage(answer)],
    [csv, answersCsv([answer])],
    [geojson, maps?.geojson],
    [kml, maps?.kml],
  ] as const;
  for (const [file, content] of files) {
    if (file !== undefined && content !== undefined) await writeAnswer(file, content);
  }
}

async function renderPage(answer: StudyAnswer): Promise<string> {
  return renderAnswerPage(answer, await loadPageStyle(), {
    made: `Collected with sumus on ${new Date().toISOString().slice(0, 10)}.`,
  });
}

function formatAnswer(answer: StudyAnswer): string {
  const { title, accepted, measures, measureKinds, epsilon, rho } = answer;
  const charged = `rho ${Number(rho.toPrecision(3))} charged`;
  const counted = `${accepted.toLocaleString("en")} people counted`;
  const head = `${title}  (epsilon ${epsilon}, ${charged})\n${counted}`;
  return `${head}\n${formatReleased(measures, measureKinds)}`;
}
