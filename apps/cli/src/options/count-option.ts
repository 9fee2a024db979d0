import { InvalidArgumentError } from "@commander-js/extra-typings";

/** Far above any run on one machine; a typing error should not fill its memory. */
const PEOPLE_MAX = 1_000_000;

/** Reads a number of people, `10000` or `10_000`. */
export function parsePeople(text: string): number {
  const number = Number(text.replaceAll("_", ""));
  if (!/^\d[\d_]*$/.test(text) || number < 1 || number > PEOPLE_MAX) {
    throw new InvalidArgumentError(
      `Expected a whole number from 1 to ${PEOPLE_MAX.toLocaleString("en")}, got "${text}".`,
    );
  }
  return number;
}
