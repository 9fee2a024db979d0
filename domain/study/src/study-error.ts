import { formatProblem, type Problem } from "@sumus/document";

/** A study that cannot be used as it is. */
export class StudyError extends Error {
  override readonly name = "StudyError";
  readonly code = "studyInvalid";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatProblem).join("\n"), options);
    this.problems = problems;
  }
}
