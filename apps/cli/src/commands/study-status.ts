/** `sumus study status`: how far a study is, which anybody may ask. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "@commander-js/extra-typings";
import {
  createPatientHttp,
  fetchStudyProgress,
  type PatientHttp,
  type StudyProgress,
} from "@sumus/client";
import { describeRecurrence } from "@sumus/study";
import { parseOccurrence } from "../options/occurrence-option.ts";
import { describeStudyProgress, formatProgress } from "../studies/describe-progress.ts";
import { type NamedStudy, nameStudies } from "../studies/name-study.ts";
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
    .option("--occurrence <n>", "one only, of a study that is asked again", parseOccurrence)
    .option("--watch", "until the study has ended")
    .option("--json", "print one JSON object; with --watch one a change")
    .addHelpText("after", EXAMPLES)
    .action(async (name, options) => {
      const { output, signal } = context;
      const studies = await nameStudies(name, options.leader, output, options.occurrence);
      const http = createPatientHttp({ signal, patienceMs: PATIENCE_MS });
      const look = (): Promise<Look[]> => Promise.all(studies.map((each) => lookAt(http, each)));
      let looks = await look();
      const show = (isFirst: boolean): void => {
        const now = Date.now() / 1000;
        const told = looks.map(({ id, progress }) => ({ id, ...progress }));
        if (options.json === true) {
          output.print(JSON.stringify(told.length === 1 ? told[0] : { occurrences: told }));
        } else output.print(formatLooks(looks, now, isFirst));
      };
      show(true);
      while (options.watch === true && !looks.every(({ progress }) => hasEnded(progress))) {
        await sleep(WATCH_MS, undefined, { signal });
        const before = JSON.stringify(looks);
        looks = await look();
        if (JSON.stringify(looks) !== before) show(false);
      }
    });
}

/** What a node says of one study. */
interface Look {
  /** Lower-case hex. */
  readonly id: string;
  /** Such as `week 2 of 4`; null when it is asked once, or named by its id. */
  readonly which: string | null;
  readonly progress: StudyProgress;
}

async function lookAt(http: PatientHttp, named: NamedStudy): Promise<Look> {
  try {
    const progress = await fetchStudyProgress(http, named.node, named.id);
    const which = named.study === undefined ? null : describeRecurrence(named.study);
    return { id: named.name, which, progress };
  } catch (error) {
    throw inWords(error, named.node);
  }
}

function formatLooks(looks: readonly Look[], now: number, isFirst: boolean): string {
  const [first] = looks;
  if (first !== undefined && looks.length === 1) {
    const { id, progress } = first;
    return isFirst ? formatProgress(id, progress, now) : describeStudyProgress(progress, now);
  }
  const collected = looks.filter(({ progress }) => progress.state === "collected").length;
  const due = looks.filter(({ progress }) => progress.state === "closed").length;
  const head = `${first?.progress.title ?? ""}: ${collected} of ${looks.length} collected, ${due} to collect`;
  return [
    head,
    ...looks.map(({ which, progress }) => `  ${which}: ${describeStudyProgress(progress, now)}`),
  ].join("\n");
}

function hasEnded({ state }: StudyProgress): boolean {
  return state === "collected" || state === "cancelled";
}
