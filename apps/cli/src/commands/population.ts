/** `sumus population`: whom studies are asked of, and what their answers may reveal of them together. */

import type { Command } from "@commander-js/extra-typings";
import type { PopulationBudget } from "@sumus/client";
import { type Population, parsePopulation } from "@sumus/study";
import { CliError } from "../cli-error.ts";
import { describeBudget, findPopulation } from "../studies/population-budget.ts";
import { askOperator } from "../tasks/ask-operator.ts";
import { findOperatorTokens } from "../tasks/operator-tokens.ts";
import type { Output } from "../terminal/output.ts";
import { type CommandContext, subcommand } from "./context.ts";
import { formatProblemIn, readSource } from "./study-file.ts";

const REGISTER_EXAMPLES = `
A population is a small file, the same for both operators:

  id: town
  collections: { demographics: [age, region], visits: [place, day] }   # what its studies may ask for
  budget: { rho: 0.5, days: 30 }                                       # of all of them together

A study that is opened takes its rho from the budget of its population, at each node for itself, and holds it
until it is cancelled, or for so many days after its answer. What does not fit is not opened. A node without
any population opens studies of all and keeps no budget; with one, it opens studies of those it knows.
Registered again, a population has its new terms from then on.

Examples:
  sumus population register town.yaml --leader https://leader.example --leader-token-file leader-token
  sumus population register town.yaml --helper https://helper.example --helper-token-file helper-token`;

const SHOW_EXAMPLES = `
Everybody may ask.

Examples:
  sumus population show town --node https://leader.example
  sumus population show town --node https://leader.example --json`;

/** Adds `population` with its commands. */
export function addPopulationCommand(program: Command, context: CommandContext): void {
  const population = subcommand(program, "population", "budgets over all studies of some people");
  addRegister(population, context);
  addShow(population, context);
}

function addRegister(population: Command, context: CommandContext): void {
  subcommand(population, "register", "register a population with a leader, a helper, or both")
    .argument("<file>", "the population, YAML")
    .option("--leader <url>", "the leader's address")
    .option("--helper <url>", "the helper's address")
    .option("--leader-token-file <file>", "the operator's token of the leader")
    .option("--helper-token-file <file>", "the operator's token of the helper")
    .option("--json", "print one JSON object")
    .addHelpText("after", REGISTER_EXAMPLES)
    .action(async (file, options) => {
      const { output, signal } = context;
      const read = await readPopulation(file, output);
      const tokens = await findOperatorTokens(options);
      const registerAt = async (role: "leader" | "helper"): Promise<string | null> => {
        const [token, node] = [tokens[role], options[role]];
        if (token === undefined) return null;
        if (node === undefined) {
          throw new CliError(`Where is the ${role}?`, `Name it with --${role}.`);
        }
        const isNew = await askOperator({ node, token, signal }, (operator) =>
          operator.registerPopulation(read),
        );
        return isNew ? "registered" : "registered again";
      };
      const answer = {
        id: read.id,
        leader: await registerAt("leader"),
        helper: await registerAt("helper"),
      };
      if (options.json === true) output.print(JSON.stringify(answer));
      else {
        const lines = (["leader", "helper"] as const).map(
          (role) => `${role}      ${answer[role] ?? "not asked"}`,
        );
        output.print([`population  ${read.id}`, ...lines].join("\n"));
      }
    });
}

function addShow(population: Command, context: CommandContext): void {
  subcommand(population, "show", "what a population's studies may ask for, and what is left")
    .argument("<id>", "the population")
    .requiredOption("--node <url>", "the leader's or the helper's address")
    .option("--json", "print one JSON object")
    .addHelpText("after", SHOW_EXAMPLES)
    .action(async (id, options) => {
      const { output, signal } = context;
      const found = await findPopulation(options.node, id, signal);
      if (found === null) {
        const remedy = "Its operator registers it: sumus population register --help.";
        throw new CliError(`${options.node} knows no population ${id}.`, remedy);
      }
      output.print(options.json === true ? JSON.stringify(found) : formatPopulation(found));
    });
}

function formatPopulation(found: PopulationBudget): string {
  const collections = Object.entries(found.collections).map(
    ([name, columns]) => `  ${name}: ${columns.join(", ")}`,
  );
  return [describeBudget(found), "", "Its studies may ask for", ...collections].join("\n");
}

async function readPopulation(file: string, output: Output): Promise<Population> {
  const source = await readSource(file);
  const reading = parsePopulation(source);
  if (reading.ok) return reading.population;
  for (const problem of reading.problems) output.say(`${formatProblemIn(file, source, problem)}\n`);
  throw new CliError(`${file} is no population yet.`, "");
}
