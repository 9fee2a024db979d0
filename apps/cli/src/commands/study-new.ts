/** `sumus study new`: writes a first manifest, asking for what was not given. */

import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import type { Command } from "@commander-js/extra-typings";
import { CliError, EXIT } from "../cli-error.ts";
import type { Output } from "../terminal/output.ts";
import { type CommandContext, subcommand } from "./context.ts";
import { checkAnswer, draftManifest, type StudyAnswers } from "./study-draft.ts";
import { readStudyFile } from "./study-file.ts";

const EXAMPLES = `
In a terminal it asks for what is not given; elsewhere everything must be. The file is a beginning: the
query and the result are yours to change, and \`sumus study check\` says what that costs.

Examples:
  sumus study new study.yaml
  sumus study new study.yaml --title "Minutes on the way" --purpose "To plan buses" \\
    --needs "visits: place, minutes" --group "place: home, work" --mean "minutes: 0 to 600" \\
    --histogram "minutes: 0, 15, 30, 60, 600" --epsilon 1 --people-min 100`;

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
    key: "share",
    flag: "--share",
    words: "The share of people for whom a column is what? (how: bus, train; empty: none)",
    fallback: "",
  },
  {
    key: "histogram",
    flag: "--histogram",
    words:
      "How do people spread over which column, between which edges? (minutes: 0, 15, 30, 60; empty: not asked)",
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

/** Puts one question; an answer that cannot be read is asked for again, with the reason. */
async function askOne(
  { key, words, fallback }: Question,
  put: (words: string) => Promise<string>,
  output: Output,
): Promise<string> {
  for (;;) {
    const answer = (await put(`${words}\n> `)).trim();
    if (answer === "" && fallback !== undefined) return fallback;
    try {
      if (answer === "")
        throw new CliError("Expected an answer, got none.", "Say it in a few words.");
      checkAnswer(key, answer);
      return answer;
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      output.say(`${error.message} ${error.remedy}`);
    }
  }
}

/** The answers given, and those to questions that are put to a person at a terminal. */
async function askRest(
  given: Partial<StudyAnswers>,
  { output, signal }: CommandContext,
): Promise<StudyAnswers> {
  const answers: Record<string, string> = { ...given };
  const open = QUESTIONS.filter(({ key }) => given[key] === undefined);
  if (process.stdin.isTTY !== true) {
    const missing = open.find(({ fallback }) => fallback === undefined);
    if (missing !== undefined) {
      throw new CliError(`Nobody is here to ask: ${missing.words}`, `Give it as ${missing.flag}.`);
    }
    for (const { key, fallback } of open) answers[key] = fallback ?? "";
    return answers as unknown as StudyAnswers;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr, signal });
  const put = (words: string): Promise<string> => terminal.question(words, { signal });
  try {
    for (const question of open) answers[question.key] = await askOne(question, put, output);
    return answers as unknown as StudyAnswers;
  } catch (error) {
    // Ctrl-C and Ctrl-D, which the terminal keeps to itself while it waits for a line.
    if (!(error instanceof Error) || error.name !== "AbortError") throw error;
    throw new CliError("Stopped. Nothing was written.", "", EXIT.interrupted);
  } finally {
    terminal.close();
  }
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
    .option("--share <values>", "a column and the values to count: how: bus, train")
    .option("--histogram <edges>", "a column and its edges: minutes: 0, 15, 30, 60")
    .option("--eligible <values>", "who may take part: age: 18 to 65, or region: CA, NV")
    .option("--epsilon <number>", "what the study may reveal of a person")
    .option("--people-min <n>", "how many people must take part")
    .addHelpText("after", EXAMPLES)
    .action(async (file, options) => {
      await write(file, draftManifest(await askRest(options, context)));
      // What was written is read as any other manifest: its problems have lines to mend.
      await readStudyFile(file, output);
      output.say(`Wrote ${file}. Next: sumus study check ${file}`);
    });
}
