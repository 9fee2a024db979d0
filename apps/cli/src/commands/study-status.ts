/** `sumus study status`: how far a study is, which anybody may ask. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "@commander-js/extra-typings";
import { createPatientHttp, fetchStudyProgress, type StudyProgress } from "@sumus/client";
import { describeStudyProgress, formatProgress } from "../studies/describe-progress.ts";
import { nameStudy } from "../studies/name-study.ts";
import { inWords } from "../tasks/ask-operator.ts";
import { type CommandContext, subcommand } from "./context.ts";

const PATIENCE_MS = 10_000;
const WATCH_MS = 5_000;

const EXAMPLES = `
A study is named by its file, or by its id and --leader. Everybody may ask. With --watch a line is
printed whenever something changed, until the study is collected or cancelled.

Examples:
  sumus study status study.yaml
  sumus study status study.json --watch
  sumus study status 3f0c…64 characters --leader https://leader.example --json`;

/** Adds `status` to `study`. */
export function addStudyStatusCommand(study: Command, context: CommandContext): void {
  subcommand(study, "status", "how many people took part, until when, and what the node waits for")
    .argument("<study>", "its file, or its id")
    .option("--leader <url>", "the leader's address")
    .option("--watch", "until the study has ended")
    .option("--json", "print one JSON object; with --watch one a change")
    .addHelpText("after", EXAMPLES)
    .action(async (name, options) => {
      const { output, signal } = context;
      const named = await nameStudy(name, options.leader, output);
      const http = createPatientHttp({ signal, patienceMs: PATIENCE_MS });
      const look = async (): Promise<StudyProgress> => {
        try {
          return await fetchStudyProgress(http, named.node, named.id);
        } catch (error) {
          throw inWords(error, named.node);
        }
      };
      let progress = await look();
      const show = (isFirst: boolean): void => {
        const now = Date.now() / 1000;
        if (options.json === true) output.print(JSON.stringify({ id: named.name, ...progress }));
        else if (isFirst) output.print(formatProgress(named.name, progress, now));
        else output.print(describeStudyProgress(progress, now));
      };
      show(true);
      while (options.watch === true && !hasEnded(progress)) {
        await sleep(WATCH_MS, undefined, { signal });
        const before = JSON.stringify(progress);
        progress = await look();
        if (JSON.stringify(progress) !== before) show(false);
      }
    });
}

function hasEnded({ state }: StudyProgress): boolean {
  return state === "collected" || state === "cancelled";
}
