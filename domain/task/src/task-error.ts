import { formatProblem, type Problem } from "@sumus/document";

/** A task that cannot be used as it is. */
export class TaskError extends Error {
  override readonly name = "TaskError";
  readonly code = "taskInvalid";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(formatProblem).join("\n"), options);
    this.problems = problems;
  }
}
