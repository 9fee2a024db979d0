/**
 * The command line as a stranger meets it: a process of its own, in a folder of its own, judged by
 * its exit code and by what it prints.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defined } from "@sumus/assert";

const MAIN = fileURLToPath(new URL("../../apps/cli/src/main.ts", import.meta.url));

/** How a run ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One number of a release, as the issue names its parts. */
export interface Measure {
  readonly name: string;
  readonly group: Readonly<Record<string, string>> | null;
  readonly bin: string | null;
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly suppressed: boolean;
  readonly truth: number | null;
  readonly truthAll: number | null;
}

export interface StudyAnswer {
  readonly id: string;
  readonly title: string;
  readonly accepted: number;
  readonly epsilon: number;
  readonly state: string;
  readonly reason: string | null;
  readonly measures: readonly Measure[];
  readonly failures: readonly { readonly reason: string; readonly people: number }[];
  readonly silent: { readonly reason: string; readonly people: number } | null;
}

/** The last line of `sumus lab run --json`. */
export interface LabAnswer {
  readonly people: number;
  readonly invited: number;
  readonly consented: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly studies: readonly StudyAnswer[];
  readonly seconds: number;
  readonly cpuMsPerPerson: number;
  readonly bytesPerPerson: number;
}

/** A folder with a stranger's files; `sumus` runs in it, and its temporary files stay in it too. */
export interface Desk extends AsyncDisposable {
  readonly folder: string;
  /** Where runs keep what they need while they last. */
  readonly temporary: string;
  write(name: string, content: string | Uint8Array): Promise<void>;
  start(args: readonly string[]): Run;
  run(...args: readonly string[]): Promise<Ended>;
}

export interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** All of our environment that a stranger's shell has too, and what makes programs start fast. */
const kept = Object.fromEntries(
  ["PATH", "HOME", "NODE_COMPILE_CACHE"].map((name) => [name, process.env[name]]),
);

function start(folder: string, temporary: string, args: readonly string[]): Run {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...kept, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const ended = once(child, "close").then(([code]): Ended => {
    return { code: typeof code === "number" ? code : null, ...texts };
  });
  return { child, ended };
}

/** Makes an empty desk; it is cleared when it goes out of scope. */
export async function openDesk(): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), "sumus-tests-"));
  const temporary = join(folder, "temporary");
  await mkdir(temporary);
  return {
    folder,
    temporary,
    write: (name, content) => writeFile(join(folder, name), content),
    start: (args) => start(folder, temporary, args),
    run: (...args) => start(folder, temporary, args).ended,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Reads the last line of the output; throws with what was said when that is no JSON. */
export function answerOf({ code, stdout, stderr }: Ended): LabAnswer {
  const line = stdout.trimEnd().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as LabAnswer;
  } catch (cause) {
    throw new Error(`expected JSON in the last line, exit ${code}, got ${line}\n${stderr}`, {
      cause,
    });
  }
}

/** The one study of a run of `sumus lab run`. */
export function studyOf(ended: Ended): StudyAnswer {
  return defined(answerOf(ended).studies[0], "lab run answers one study");
}
