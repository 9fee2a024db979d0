/** `sumus study new`: writes a first manifest, asking for what was not given. */

import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import type { Command } from "@commander-js/extra-typings";
import { CliError } from "../cli-error.ts";
import { type CommandContext, subcommand } from "./context.ts";
import { draftManifest, type StudyAnswers } from "./study-draft.ts";
import { readStudyFile } from "./study-file.ts";

const EXAMPLES = `
In a terminal it asks for what is not given; elsewhere everything must be. The file is a beginning: the
query and the result are yours to change, and \`sumus study check\` says what that costs.

Examples:
  sumus study new study.yaml
  sumus study new study.yaml --title "Minutes on the way" --purpose "To plan buses" \\
    --needs "visits: place, minutes" --group "place: home, work" --mean "minutes: 0 to 600" \\
    --epsilon 1 --people-min 100`;

interface Question {
  readonly key: keyof StudyAnswers;
  readonly flag: string;
  readonly words: string;
  /** What an empty answer means; without one, an answer is needed. */
  readonly fallback?: string;
}

const QUESTIONS: readonly Question[] = [
  { key: "title", flag: "--title", words: "What do you ask, in a line?" },
  { key: "purpose", flag: "--purpose", words: "What is the answer for, and who will see it?" },
  { key: "needs", flag: "--needs", words: "Of which table and columns? (visits: place, minutes)" },
  {
    key: "group",
    flag: "--group",
    words: "By which column, with which values? (place: home, work; empty: everybody together)",
    fallback: "",
  },
  {
    key: "mean",
    flag: "--mean",
    words: "The mean of which column, within which bounds? (minutes: 0 to 600; empty: count only)",
    fallback: "",
  },
  {
    key: "eligible",
    flag: "--eligible",
    words: "Who may take part? (age: 18 to 65, or region: CA, NV; empty: everybody)",
    fallback: "",
  },
  {
    key: "epsilon",
    flag: "--epsilon",
    words: "Epsilon? (0.5 strong, 3 good, 8 weak)",
    fallback: "1",
  },
  { key: "peopleMin", flag: "--people-min", words: "How many people at least?", fallback: "100" },
];

/** The answers given, and those to questions that are put to a person at a terminal. */
async function askRest(given: Partial<StudyAnswers>, signal: AbortSignal): Promise<StudyAnswers> {
  const answers: Record<string, string> = { ...given };
  const open = QUESTIONS.filter(({ key }) => given[key] === undefined);
  const missing = open.find(({ fallback }) => fallback === undefined);
  if (process.stdin.isTTY !== true && missing !== undefined) {
    throw new CliError(`Nobody is here to ask: ${missing.words}`, `Give it as ${missing.flag}.`);
  }
  const prompts =
    process.stdin.isTTY === true
      ? createInterface({ input: process.stdin, output: process.stderr, signal })
      : null;
  for (const { key, words, fallback } of open) {
    const answer = prompts === null ? "" : await prompts.question(`${words}\n> `, { signal });
    answers[key] = answer.trim() === "" ? (fallback ?? "") : answer.trim();
  }
  prompts?.close();
  return answers as unknown as StudyAnswers;
}

/** Never over a file that is there. */
async function write(file: string, manifest: string): Promise<void> {
  try {
    await writeFile(file, manifest, { flag: "wx" });
  } catch (cause) {
    const there = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    if (there) throw new CliError(`There is a file ${file} already.`, "Choose another name.");
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`Cannot write ${file}: ${reason}`, "Check the folder and its permissions.");
  }
}

/** Adds `new` to `study`. */
export function addStudyNewCommand(study: Command, context: CommandContext): void {
  const { output } = context;
  subcommand(study, "new", "write a first manifest")
    .argument("<file>", "the manifest to write, YAML")
    .option("--title <text>", "what is asked, in a line")
    .option("--purpose <text>", "what the answer is for")
    .option("--needs <columns>", "a table and its columns: visits: place, minutes")
    .option("--group <values>", "a column and its values: place: home, work")
    .option("--mean <bounds>", "a column and its bounds: minutes: 0 to 600")
    .option("--eligible <values>", "who may take part: age: 18 to 65, or region: CA, NV")
    .option("--epsilon <number>", "what the study may reveal of a person")
    .option("--people-min <n>", "how many people must take part")
    .addHelpText("after", EXAMPLES)
    .action(async (file, options) => {
      await write(file, draftManifest(await askRest(options, context.signal)));
      // What was written is read as any other manifest: its problems have lines to mend.
      await readStudyFile(file, output);
      output.say(`Wrote ${file}. Next: sumus study check ${file}`);
    });
}
