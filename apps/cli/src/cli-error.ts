/** How commands end: exit codes that scripts can rely on, and errors in plain words. */

/** Documented in `sumus --help` and in the package's README. */
export const EXIT = {
  ok: 0,
  /** What was given is wrong: a flag, a manifest, a table. */
  badInput: 1,
  /** Everything was right, but there is no answer: too few people, for instance. */
  noAnswer: 2,
  /** A fault of ours or of the machine. */
  failure: 3,
  /** Ended by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error a person can do something about: it is printed without a stack. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly exitCode: ExitCode;
  /** What to do about it; empty when the message says so itself. */
  readonly remedy: string;

  constructor(message: string, remedy: string, exitCode: ExitCode = EXIT.badInput) {
    super(message);
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}
