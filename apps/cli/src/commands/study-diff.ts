/** `sumus study diff`: what a study asks more and less than another. */

import type { Command } from "@commander-js/extra-typings";
import { type Direction, diffStudies, type StudyDiff } from "@sumus/study";
import { type CommandContext, subcommand } from "./context.ts";
import { readStudyFile } from "./study-file.ts";

const EXAMPLES = `
Manifests that mean the same do not differ, however they are written.

Examples:
  sumus study diff agreed.yaml new.yaml
  sumus study diff agreed.yaml new.yaml --json     for programs`;

const HEADINGS: readonly (readonly [Direction, string])[] = [
  ["widened", "It asks more"],
  ["narrowed", "It asks less"],
  ["changed", "It is different"],
];

function formatDiff({ changes, needsConsent }: StudyDiff): string {
  if (changes.length === 0) return "The two are the same study.";
  const parts = HEADINGS.flatMap(([direction, heading]) => {
    const lines = changes
      .filter((change) => change.direction === direction)
      .map(({ path, words }) => `  ${path}: ${words}`);
    return lines.length === 0 ? [] : [[heading, ...lines].join("\n")];
  });
  const verdict = needsConsent
    ? "Who agreed to the first has not agreed to the second."
    : "It asks nothing that the first did not.";
  return [...parts, verdict].join("\n\n");
}

/** Adds `diff` to `study`. */
export function addStudyDiffCommand(study: Command, context: CommandContext): void {
  const { output } = context;
  subcommand(study, "diff", "what a study asks more and less than another")
    .argument("<before>", "the manifest that people know")
    .argument("<after>", "the other manifest")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (before, after, options) => {
      const { study: known } = await readStudyFile(before, output);
      const { study: other } = await readStudyFile(after, output);
      const diff = diffStudies(known, other);
      output.print(options.json === true ? JSON.stringify(diff) : formatDiff(diff));
    });
}
