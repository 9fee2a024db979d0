/** `sumus study collect`: the answer of a study, opened with the key that only the commissioner has. */

import { writeFile } from "node:fs/promises";
import { type Command, Option } from "@commander-js/extra-typings";
import { encodeBase64url, encodeHex } from "@sumus/bytes";
import type { HpkeKeyPair } from "@sumus/crypto";
import { answersCsv, mapExports } from "@sumus/pages";
import {
  type CompleteStudy,
  estimateStudy,
  lowerStudy,
  type ReleaseMeasure,
  studyId,
} from "@sumus/study";
import { CliError } from "../cli-error.ts";
import { type Asking, collectTasks, waitUntilReady } from "../studies/collect-tasks.ts";
import { readOpenedStudy } from "../studies/study-documents.ts";
import { findToken } from "../tasks/secret-file.ts";
import { besideTask, findCollectorKey } from "../tasks/task-file.ts";
import { formatReleased, kindsOf } from "../terminal/released.ts";
import { type CommandContext, subcommand } from "./context.ts";

const TOKEN_VARIABLE = "SUMUS_COLLECTOR_TOKEN";

const EXAMPLES = `
The collector's key lies beside the study, as sumus study open wrote it; --key-file names another. The
leader's collector token comes from --token-file or from SUMUS_COLLECTOR_TOKEN.

A study is collected once, whole, when its window has closed: before, the command ends with code 2 and
says how far it is. --wait stays until then; --now collects at once, and nobody can take part any more.
The command waits while reports are being verified. Ctrl-C loses nothing: the same command asks for the
same answer again.

--csv, --geojson and --kml write the answer to files too; maps show counts of a study in cells.

Examples:
  sumus study collect study.yaml --token-file collector-token
  sumus study collect study.yaml --token-file collector-token --wait --csv answer.csv --geojson map.json
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
    .option("--wait", "until the study's window has closed")
    .option("--now", "before it closes; that ends the study")
    .addOption(format)
    .option("--csv <file>", "write the numbers as CSV")
    .option("--geojson <file>", "write a map, of a study in cells")
    .option("--kml <file>", "write a map for globes")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (path, options) => {
      const { output, signal } = context;
      const opened = await readOpenedStudy(path, output);
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
      const release = describeRelease(opened, await collectTasks(asking));
      await writeExports(opened, release, options);
      if (options.json === true) output.print(JSON.stringify(release));
      else if (options.format === "csv") output.print(answersCsv([release]).trimEnd());
      else output.print(formatRelease(opened, release));
    });
}

interface ExportOptions {
  readonly csv?: string | undefined;
  readonly geojson?: string | undefined;
  readonly kml?: string | undefined;
}

/** What `--json` prints. */
interface Release {
  readonly id: string;
  readonly title: string;
  /** Whose contribution was counted in every task, at most. */
  readonly people: number;
  readonly epsilon: number;
  readonly delta: number;
  /** What each vault was charged. */
  readonly rho: number;
  readonly measures: readonly ReleaseMeasure[];
}

function describeRelease(
  study: CompleteStudy,
  collections: Awaited<ReturnType<typeof collectTasks>>,
): Release {
  const plan = lowerStudy(study);
  const { epsilon, delta } = study.privacy;
  const aggregates = collections.map(({ aggregate }) => aggregate);
  return {
    id: encodeHex(studyId(study)),
    title: study.title,
    people: Math.min(...collections.map(({ reportCount }) => reportCount)),
    epsilon,
    delta,
    rho: plan.rho,
    measures: estimateStudy(plan, aggregates, { noised: true }),
  };
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
  if (
    (geojson ?? kml) === undefined ||
    mapExports({ id: "", title: "", measures: [] }, study) !== null
  )
    return;
  const message = "There is no map of this study: it counts no people in geohash cells.";
  throw new CliError(message, "Leave --geojson and --kml out.");
}

async function writeExports(
  study: CompleteStudy,
  release: Release,
  { csv, geojson, kml }: ExportOptions,
): Promise<void> {
  const maps = mapExports(release, study);
  const files = [
    [csv, answersCsv([release])],
    [geojson, maps?.geojson],
    [kml, maps?.kml],
  ] as const;
  for (const [file, content] of files) {
    if (file !== undefined && content !== undefined) await write(file, content);
  }
}

async function write(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = "The answer is not lost: run the command again with another file.";
    throw new CliError(`Cannot write ${file}: ${reason}`, remedy);
  }
}

function formatRelease(
  study: CompleteStudy,
  { title, people, measures, epsilon }: Release,
): string {
  const head = `${title}  (epsilon ${epsilon})\n${people.toLocaleString("en")} people counted`;
  return `${head}\n${formatReleased(measures, kindsOf(study))}`;
}
