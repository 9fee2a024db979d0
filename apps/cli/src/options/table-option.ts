import { InvalidArgumentError } from "@commander-js/extra-typings";

/** One `--table`: what the study calls it, where it lies, and which column says whose a row is. */
export interface TableOption {
  readonly name: string;
  readonly file: string;
  readonly personColumn: string;
}

/**
 * Reads `NAME=FILE:PERSON_COLUMN` and adds it to those before. The column follows the last colon,
 * so that a path may contain others.
 */
export function parseTable(text: string, before: readonly TableOption[] = []): TableOption[] {
  const match = /^([^=]+)=(.+):([^:]+)$/.exec(text);
  const [, name, file, personColumn] = match ?? [];
  if (name === undefined || file === undefined || personColumn === undefined) {
    throw new InvalidArgumentError(
      `Expected NAME=FILE.csv:PERSON_COLUMN, such as visits=visits.csv.gz:patient, got "${text}".`,
    );
  }
  if (before.some((table) => table.name === name)) {
    throw new InvalidArgumentError(`Expected each table once, got "${name}" twice.`);
  }
  return [...before, { name, file, personColumn }];
}
