/** `sumus lab run`: any study over any tables, every person with a vault of their own. */

import type { Command } from "@commander-js/extra-typings";
import { runStudy } from "@sumus/lab";
import { EXIT } from "../cli-error.ts";
import { parsePeople } from "../options/count-option.ts";
import { shareOption } from "../options/share-option.ts";
import { storeOption } from "../options/store-option.ts";
import { parseTable } from "../options/table-option.ts";
import { createProgressBar } from "../terminal/progress-bar.ts";
import { formatSummary } from "../terminal/summary.ts";
import { type CommandContext, subcommand } from "./context.ts";
import { readStudyFile } from "./study-file.ts";

const EXAMPLES = `
Column types are inferred, empty cells are NULL, files may be gzipped. People are the values of the
person columns; --people takes a sample of them, or resamples whole people when there are fewer.

Examples:
  sumus lab run --study visits.yaml --table visits=visits.csv.gz:patient
  sumus lab run --study q.yaml --table a=a.csv:id --table b=b.csv:id --people 10000 --seed 7
  sumus lab run --study q.yaml --table a=a.csv:id --liars 1% --drop 5% --deny 10% --json
  sumus lab run --study q.yaml --table a=a.csv:id --people 1000000 --store postgres`;

/** Adds `run` to `lab`. */
export function addLabRunCommand(lab: Command, context: CommandContext): void {
  subcommand(lab, "run", "run one study over your own tables")
    .requiredOption("--study <file>", "the manifest, YAML")
    .requiredOption("--table <name=file:column>", "a table and its person column", parseTable)
    .option("--people <n>", "how many people live in the town", parsePeople)
    .addOption(shareOption("--liars <share>", "how many send a report that lies", 0))
    .addOption(shareOption("--drop <share>", "how many say yes and vanish", 0))
    .addOption(shareOption("--deny <share>", "how many say no", 0))
    .option("--seed <text>", "draws who is sampled, says no, vanishes and lies", "1")
    .addOption(storeOption())
    .option("--json", "print one JSON object as the last line")
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const { output, signal } = context;
      const { study } = await readStudyFile(options.study, output);
      const result = await runStudy(study, options.table, {
        shares: { deny: options.deny, drop: options.drop, lie: options.liars },
        people: options.people ?? null,
        seed: options.seed,
        store: options.store,
        progress: createProgressBar(output, () => performance.now()),
        signal,
      });
      output.print(options.json === true ? JSON.stringify(result) : formatSummary(result));
      const [only] = result.studies;
      if (only !== undefined && only.state !== "answered") {
        // The summary says it too; an object is read by programs.
        if (options.json === true) output.say(`No answer: ${only.reason ?? ""}`);
        context.finish(EXIT.noAnswer);
      }
    });
}
