/** From arguments to an exit code: the one place where errors become words. */

import { CommanderError } from "@commander-js/extra-typings";
import { LabError } from "@sumus/lab";
import { CliError, EXIT, type ExitCode } from "./cli-error.ts";
import { createProgram } from "./program.ts";
import { createOutput, type Output } from "./terminal/output.ts";

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof LabError) return error.code === "badInput" ? EXIT.badInput : EXIT.failure;
  return EXIT.failure;
}

function explain(output: Output, error: unknown): void {
  if (error instanceof CliError || error instanceof LabError) {
    output.say(error.message);
    if (error.remedy !== "") output.say(error.remedy);
  } else {
    output.say(`sumus failed: ${error instanceof Error ? error.message : String(error)}`);
    output.say("This is a fault of ours. Run again with SUMUS_DEBUG=1 for where it happened.");
  }
  if (process.env["SUMUS_DEBUG"] !== undefined && error instanceof Error) {
    output.say(error.stack ?? "");
  }
}

/** Runs one command line. Never throws; prints what went wrong on standard error. */
export async function run(args: readonly string[]): Promise<ExitCode> {
  const output = createOutput();
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram({
    output,
    signal: abort.signal,
    finish: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (abort.signal.aborted) {
      output.say("Stopped. Nothing is left running; nothing was released.");
      return EXIT.interrupted;
    }
    // Commander has printed its message already.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    }
    explain(output, error);
    return exitCodeOf(error);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}
