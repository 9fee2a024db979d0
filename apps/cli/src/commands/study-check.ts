/** `sumus study check`: what a study costs, reveals and can answer, from its manifest alone. */

import type { Command } from "@commander-js/extra-typings";
import type { PopulationBudget } from "@sumus/client";
import { tryStudyMap } from "@sumus/lab";
import { checkStudy, parseStudy, type Study, type StudyReport } from "@sumus/study";
import { CliError, EXIT } from "../cli-error.ts";
import { parsePeople } from "../options/count-option.ts";
import { problemOfMap } from "../studies/map-problem.ts";
import { describeBudget, findPopulation } from "../studies/population-budget.ts";
import { formatTable } from "../terminal/table.ts";
import { type CommandContext, subcommand } from "./context.ts";
import { formatProblemIn, readSource, readStudyFile } from "./study-file.ts";

const EXAMPLES = `
Problems are shown with their line and a remedy, and the exit code is 1. The map is tried as every vault
tries it first, on no rows and on one of NULLs, and on a few rows that are made up; sumus study dry-run
makes up a thousand people.

Examples:
  sumus study check study.yaml
  sumus study check study.yaml --people 10000     with so many people taking part
  sumus study check study.yaml --node https://leader.example
  sumus study check study.yaml --json             for programs`;

/** Up to four digits that matter. */
function figure(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString("en", { maximumFractionDigits: 6 });
}

function percent(share: number): string {
  return `${figure(share * 100)} %`;
}

function formatTasks(report: StudyReport): string {
  const columns = [
    { title: "what is added up", align: "left" },
    { title: "encoding", align: "left" },
    { title: "of the budget", align: "right" },
    { title: "bytes", align: "right" },
    { title: "sensitivity L1", align: "right" },
    { title: "L2", align: "right" },
    { title: "noise of a node", align: "right" },
    { title: "of both", align: "right" },
  ] as const;
  const rows = report.tasks.map((task) => [
    task.purpose,
    task.encoding,
    percent(task.share),
    figure(task.reportBytes),
    figure(task.sensitivityL1),
    figure(task.sensitivityL2),
    figure(task.sigmaNode),
    figure(task.sigmaTotal),
  ]);
  return formatTable(columns, rows);
}

function formatMeasures(report: StudyReport): string {
  const columns = [
    { title: "measure", align: "left" },
    { title: "kind", align: "left" },
    { title: "of the budget", align: "right" },
    { title: "numbers", align: "right" },
    { title: "95 % by noise", align: "right" },
    { title: "of the largest", align: "right" },
    { title: "by sampling", align: "right" },
  ] as const;
  const rows = report.measures.map((measure) => [
    measure.name,
    measure.kind,
    percent(measure.share),
    figure(measure.numbers),
    `± ${figure(measure.error)}`,
    percent(measure.relativeError),
    measure.samplingError === null ? "" : `± ${figure(measure.samplingError)}`,
  ]);
  return formatTable(columns, rows);
}

/** The report as a person reads it. */
function formatStudyReport(report: StudyReport): string {
  const { node } = report;
  return [
    report.title,
    "",
    `People           ${figure(report.people)} reckoned with; at least ${figure(report.peopleMin)}`,
    ...(report.eligible === null ? [] : [`Admitted         whose ${report.eligible}`]),
    `Privacy          epsilon ${report.epsilon}, delta ${report.delta}; ` +
      `a vault is charged rho ${figure(report.rho)}`,
    ...(report.series === null
      ? []
      : [
          `Asked again      every ${report.series.every}, ${report.series.times} times: ` +
            `rho ${figure(report.series.rho)}, epsilon ${figure(report.series.epsilon)} in all`,
        ]),
    `A vault uploads  ${figure(report.uploadBytes)} bytes in ${report.tasks.length} reports`,
    `Each node        ${figure(node.reports)} reports, ${figure(node.receivedBytes)} bytes, ` +
      `about ${figure(node.cpuSeconds)} s of one core`,
    `Algorithm        ${report.code}; ${report.algorithmId}`,
    "",
    formatTasks(report),
    "",
    "Why these encodings",
    ...report.tasks.map(({ purpose, reason }) => `  ${purpose}: ${reason}`),
    "",
    `${formatMeasures(report)}`,
    "",
    "Who learns what",
    ...report.disclosures.map(({ party, learns }) => `  ${party}: ${learns}`),
  ].join("\n");
}

/** All occurrences of a series are opened at once. */
function describeFit({ rho, series }: StudyReport, budget: PopulationBudget): string {
  const fits = (series?.rho ?? rho) <= budget.leftRho ? "the study fits" : "the study does not fit";
  return `${describeBudget(budget)}: ${fits}`;
}

/** The answer for programs, and whether the study is sound. */
async function checkForPrograms(
  text: string,
  people: { readonly people?: number },
  budgetOf: (study: Study) => Promise<PopulationBudget | null>,
): Promise<{ readonly ok: boolean; readonly [field: string]: unknown }> {
  const { warnings, ...reading } = parseStudy(text);
  if (!reading.ok) return { ok: false, problems: reading.problems, warnings };
  const fault = await tryStudyMap(reading.study);
  const population = await budgetOf(reading.study);
  const report = { ...checkStudy(reading.study, people), population };
  if (fault === null) return { ok: true, ...report, warnings };
  return { ok: false, ...report, problems: [problemOfMap(text, fault)], warnings };
}

/** Adds `check` to `study`. */
export function addStudyCheckCommand(study: Command, context: CommandContext): void {
  const { output } = context;
  subcommand(study, "check", "what a study costs, reveals and can answer")
    .argument("<file>", "the manifest, YAML")
    .option("--people <n>", "how many people take part", parsePeople)
    .option("--node <url>", "also ask a node what the population has left")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (file, options) => {
      const people = options.people === undefined ? {} : { people: options.people };
      const budgetOf = async ({ privacy }: Study): Promise<PopulationBudget | null> => {
        if (options.node === undefined || privacy.population === null) return null;
        return await findPopulation(options.node, privacy.population, context.signal);
      };
      if (options.json === true) {
        const answer = await checkForPrograms(await readSource(file), people, budgetOf);
        output.print(JSON.stringify(answer));
        context.finish(answer.ok ? EXIT.ok : EXIT.badInput);
        return;
      }
      const { study: checked, source, warnings } = await readStudyFile(file, output);
      const budget = await budgetOf(checked);
      const report = checkStudy(checked, people);
      output.print(formatStudyReport(report));
      if (budget !== null) output.print(`\n${describeFit(report, budget)}`);
      for (const warning of warnings) {
        output.say(`\nnote: ${formatProblemIn(file, source, warning)}`);
      }
      const fault = await tryStudyMap(checked);
      if (fault === null) return;
      output.say(`\n${formatProblemIn(file, source, problemOfMap(source, fault))}\n`);
      throw new CliError("Every vault would decline this map.", "");
    });
}
