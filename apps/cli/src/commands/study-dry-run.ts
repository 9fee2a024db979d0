/** `sumus study dry-run`: a study rehearsed on people who do not exist, before anybody is asked. */

import type { Command } from "@commander-js/extra-typings";
import { type DryRun, rehearseStudy, renderDryRun } from "@sumus/lab";
import { loadPageStyle } from "@sumus/pages";
import { CliError, EXIT } from "../cli-error.ts";
import { parsePeople } from "../options/count-option.ts";
import { parseSample } from "../options/sample-option.ts";
import { problemOfMap } from "../studies/map-problem.ts";
import { writeAnswer } from "../studies/write-answer.ts";
import { createProgressBar } from "../terminal/progress-bar.ts";
import { formatReleased } from "../terminal/released.ts";
import { formatTable } from "../terminal/table.ts";
import { type CommandContext, subcommand } from "./context.ts";
import { formatProblemIn, readStudyFile } from "./study-file.ts";

/** Made up when nobody says how many, unless the study asks for more. */
const PEOPLE = 1_000;

const EXAMPLES = `
No node is needed and nobody is asked. The map runs in the sandbox on the rows of people who do not
exist; what it yields is clipped, encoded and added up, with the noise of both nodes, as in a real run.
It shows whether the map does what it should, which groups nobody is in, and how wide the intervals are.

What their rows hold is drawn from what the manifest says: domains, bands, bounds, areas, and what the
map compares. Better rows come from a sample: --table visits=example.csv draws its rows, and
--table visits=example.csv:patient whole people. A sample is read here and sent nowhere.

Examples:
  sumus study dry-run study.yaml
  sumus study dry-run study.yaml --people 10000 --page rehearsal.html
  sumus study dry-run study.yaml --table visits=example.csv --json`;

/** Adds `dry-run` to `study`. */
export function addStudyDryRunCommand(study: Command, context: CommandContext): void {
  subcommand(study, "dry-run", "rehearse a study on people who do not exist")
    .argument("<file>", "the manifest, YAML")
    .option("--people <n>", "how many people are made up", parsePeople)
    .option("--table <name=file>", "example rows of a table, CSV", parseSample)
    .option("--page <file>", "write what came out as a page")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (file, options) => {
      const { output, signal } = context;
      const { study: draft, source } = await readStudyFile(file, output);
      const rehearsal = await rehearseStudy(draft, {
        people: options.people ?? Math.max(PEOPLE, draft.privacy.peopleMin),
        samples: options.table ?? [],
        progress: createProgressBar(output, () => performance.now()),
        signal,
      });
      if (!rehearsal.ok && options.json === true) {
        const problems = [problemOfMap(source, rehearsal.fault)];
        output.print(JSON.stringify({ ok: false, synthetic: true, problems }));
        context.finish(EXIT.badInput);
        return;
      }
      if (!rehearsal.ok) {
        output.say(`${formatProblemIn(file, source, problemOfMap(source, rehearsal.fault))}\n`);
        throw new CliError("Every vault would decline this map.", "");
      }
      const { dryRun } = rehearsal;
      if (options.page !== undefined) {
        const made = `Made up with sumus on ${new Date().toISOString().slice(0, 10)}.`;
        await writeAnswer(options.page, renderDryRun(dryRun, await loadPageStyle(), made));
      }
      output.print(
        options.json === true ? JSON.stringify({ ok: true, ...dryRun }) : formatDryRun(dryRun),
      );
    });
}

function count(value: number): string {
  return value.toLocaleString("en");
}

/** The rehearsal as a commissioner reads it: first what was found, then the answer. */
function formatDryRun(dryRun: DryRun): string {
  const { answer, eligible, failures, people, rowsPerPerson, withRow, withoutRow } = dryRun;
  const { fuelAllowed, fuelMax, msMax, msMean } = dryRun.map;
  const said = answer.measures.filter(({ suppressed }) => !suppressed).length;
  return [
    `${answer.title}  (epsilon ${answer.epsilon})`,
    `SYNTHETIC: ${count(people)} people were made up, and so is the answer. Nobody was asked.`,
    "",
    `A row from      ${count(withRow)} of ${count(people)} vaults; none from ${count(withoutRow)}`,
    ...failures.map((failure) => `Failed on       ${count(failure.people)}: ${failure.reason}`),
    ...(eligible === null ? [] : [`Not rehearsed   who is asked: those whose ${eligible}`]),
    `Rows a person   ${rowsPerPerson === "one" ? "one in each table: the map fails on several" : "up to six in each table"}`,
    ...dryRun.groups.map(formatGroups),
    `The map took    ${msMean.toFixed(2)} ms of CPU a vault here, at most ${msMax.toFixed(1)}, and ` +
      `${fuelWords(fuelMax / fuelAllowed)} of its fuel`,
    `Can be said     ${count(said)} of ${count(answer.measures.length)} numbers`,
    "",
    formatColumns(dryRun),
    ...hintOf(dryRun),
    "",
    formatWidths(dryRun),
    "",
    answer.state === "answered"
      ? formatReleased(answer.measures, answer.measureKinds, [
          { title: "truth", of: ({ truth }) => truth ?? null },
        ])
      : `No answer: ${answer.reason ?? ""} Make up more with --people.`,
  ].join("\n");
}

function fuelWords(share: number): string {
  return share < 0.0001 ? "less than 0.01 %" : `at most ${(100 * share).toFixed(2)} %`;
}

function formatGroups({ by, cells, examples, never }: DryRun["groups"][number]): string {
  if (never === 0) return `Groups          each of the ${count(cells)} by ${by} was hit`;
  const more = never > examples.length ? `; and ${count(never - examples.length)} more` : "";
  return `Never hit       ${count(never)} of ${count(cells)} groups by ${by}: ${examples.join("; ")}${more}`;
}

function formatColumns({ columns }: DryRun): string {
  const head = ["column", "made up of", "because"].map((title) => {
    return { title, align: "left" } as const;
  });
  const rows = columns.map(({ collection, column, source, values }) => [
    `${collection}.${column}`,
    values,
    source,
  ]);
  return formatTable(head, rows);
}

/** Which tables a sample would be good for. */
function hintOf({ columns }: DryRun): string[] {
  const dark = columns.filter(({ inTheDark }) => inTheDark);
  const [first] = dark;
  if (first === undefined) return [];
  const names = dark.map(({ collection, column }) => `${collection}.${column}`).join(", ");
  const option = `--table ${first.collection}=example.csv`;
  return ["", `Nothing is known of ${names}: a sample makes them true to life (${option}).`];
}

function formatWidths({ measures }: DryRun): string {
  const head = [
    { title: "measure", align: "left" },
    { title: "kind", align: "left" },
    { title: "numbers", align: "right" },
    { title: "too uncertain", align: "right" },
    { title: "interval", align: "right" },
    { title: "of the answer", align: "right" },
  ] as const;
  const rows = measures.map(({ halfWidth, kind, name, numbers, relative, suppressed }) => [
    name,
    kind,
    count(numbers),
    count(suppressed),
    halfWidth === null ? "-" : `± ${Number(halfWidth.toPrecision(3))}`,
    relative === null ? "-" : `${(100 * relative).toFixed(1)} %`,
  ]);
  return formatTable(head, rows);
}
