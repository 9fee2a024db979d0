import { InvalidArgumentError } from "@commander-js/extra-typings";

/** One `--table` of a dry run: example rows of a collection, and whose they are where that is said. */
interface SampleOption {
  readonly name: string;
  readonly file: string;
  readonly personColumn: string | null;
}

/** Reads `NAME=FILE`, or `NAME=FILE:PERSON_COLUMN`, and adds it to those before. */
export function parseSample(text: string, before: readonly SampleOption[] = []): SampleOption[] {
  const [, name, file, personColumn = null] = /^([^=]+)=(.+?)(?::([^:./\\]+))?$/.exec(text) ?? [];
  if (name === undefined || file === undefined) {
    throw new InvalidArgumentError(
      `Expected NAME=FILE.csv or NAME=FILE.csv:PERSON_COLUMN, got "${text}".`,
    );
  }
  if (before.some((table) => table.name === name)) {
    throw new InvalidArgumentError(`Expected each table once, got "${name}" twice.`);
  }
  return [...before, { name, file, personColumn }];
}
