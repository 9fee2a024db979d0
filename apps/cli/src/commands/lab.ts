/** `sumus lab`: the main job, five questions over real data, and a page to look at. */

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Command } from "@commander-js/extra-typings";
import { MAIN_SHARES, mainStoryOf, runMainJob, writeReport } from "@sumus/lab";
import { EXIT } from "../cli-error.ts";
import { parsePeople } from "../options/count-option.ts";
import { shareOption } from "../options/share-option.ts";
import { createProgressBar } from "../terminal/progress-bar.ts";
import { formatSummary } from "../terminal/summary.ts";
import { type CommandContext, subcommand } from "./context.ts";
import { addLabRunCommand } from "./lab-run.ts";

const EXAMPLES = `
Examples:
  sumus lab                      everything, into lab-report/ (a few minutes)
  sumus lab --people 1000        at most a thousand people per question: a quick look
  sumus lab --seed 7 --open      other people say no, drop out and lie; then show the page
  sumus lab --json               the last line of the output is one JSON object`;

function openInBrowser(page: string): void {
  const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: "open", win32: "explorer" };
  const opener = openers[process.platform] ?? "xdg-open";
  const child = spawn(opener, [page], { stdio: "ignore", detached: true });
  // A machine without a browser is no fault: the path of the page is printed anyway.
  child.on("error", () => {});
  child.unref();
}

/** Adds `lab` and below it `lab run`. */
export function addLabCommand(program: Command, context: CommandContext): void {
  const lab = subcommand(program, "lab", "ask real questions of a town of vaults")
    .usage("[options] | run [options]")
    .enablePositionalOptions()
    .option("--people <n>", "at most so many people per population", parsePeople)
    .addOption(shareOption("--liars <share>", "how many send a report that lies", MAIN_SHARES.lie))
    .addOption(shareOption("--drop <share>", "how many say yes and vanish", MAIN_SHARES.drop))
    .addOption(shareOption("--deny <share>", "how many say no", MAIN_SHARES.deny))
    .option("--seed <text>", "draws who is sampled, says no, vanishes and lies", "1")
    .option("--report <folder>", "where the page and its files go", "lab-report")
    .option("--open", "show the page in a browser")
    .option("--json", "print one JSON object as the last line")
    .addHelpText("after", EXAMPLES);
  lab.action(async (options) => {
    const { output, signal } = context;
    const result = await runMainJob({
      shares: { deny: options.deny, drop: options.drop, lie: options.liars },
      people: options.people ?? null,
      seed: options.seed,
      progress: createProgressBar(output, () => performance.now()),
      signal,
    });
    const page = await writeReport(resolve(options.report), result, mainStoryOf);
    const done = result.studies.every(({ state }) => state === "answered");
    const where = `The report: ${pathToFileURL(page).href}`;
    if (options.json === true) {
      output.say(where);
      output.print(JSON.stringify(result));
    } else {
      output.print(`${formatSummary(result)}\n\n${where}`);
    }
    if (options.open === true) openInBrowser(page);
    context.finish(done ? EXIT.ok : EXIT.noAnswer);
  });
  addLabRunCommand(lab as unknown as Command, context);
}
