import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Which one of a study that is asked again. */
export function parseOccurrence(text: string): number {
  const occurrence = /^[1-9]\d{0,2}$/.test(text) ? Number(text) : 0;
  if (occurrence >= 1) return occurrence;
  throw new InvalidArgumentError("Expected a whole number from 1 on.");
}
