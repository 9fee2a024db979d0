/**
 * What the code of a map betrays about the columns that it reads: what they are compared with, which
 * are places, and what they become. Guesses, for values that nobody has seen; a sample is better.
 */

/** What a column is compared with. */
export interface Comparisons {
  /** Values that it is asked to be equal to, in order of appearance. */
  readonly equals: readonly (number | string)[];
  /** Numbers that it is compared with. */
  readonly borders: readonly number[];
}

const LITERAL = String.raw`(-?\d+(?:\.\d+)?|'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")`;
const EQUAL = String.raw`(?:===?|=|<>|!==?|\bIS\b(?:\s+NOT\b)?)`;
const ORDER = "(?:<=|>=|<|>)";

/** A column by its name, bare, quoted, or after the name of a table or row. */
function columnPattern(column: string): string {
  const name = escaped(column);
  return String.raw`(?:[\w$]+(?:\[0\])?\??\.)?(?:"${name}"|\[${name}\]|\[["']${name}["']\]|\b${name}\b)`;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function literalOf(text: string): number | string {
  const number = Number(text);
  return Number.isNaN(number) ? text.slice(1, -1).replaceAll("''", "'") : number;
}

function matchesOf(code: string, pattern: string): string[] {
  const matches = code.matchAll(new RegExp(pattern, "gi"));
  return [...matches].flatMap((match) => match.slice(1).filter((part) => part !== undefined));
}

/** Comparisons with literals, on either side, in lists, in CASE, and of a max or min over columns. */
export function comparisonsOf(code: string, column: string): Comparisons {
  const name = columnPattern(column);
  const lists = [
    ...matchesOf(code, String.raw`${name}\s+(?:NOT\s+)?IN\s*\(([^()]*)\)`),
    ...matchesOf(code, String.raw`\bCASE\s+${name}\s+(WHEN[\s\S]*?)\bEND\b`).map((cases) =>
      cases.replaceAll(/\b(?:THEN|ELSE)\s+(?:'(?:[^']|'')*'|[^\s]+)/gi, ""),
    ),
  ].flatMap((list) => matchesOf(list, LITERAL));
  const equal = [
    ...matchesOf(code, String.raw`${name}\s*${EQUAL}\s*${LITERAL}`),
    ...matchesOf(code, String.raw`${LITERAL}\s*${EQUAL}\s*${name}`),
  ];
  const ordered = [
    ...matchesOf(code, String.raw`${name}\s*${ORDER}\s*${LITERAL}`),
    ...matchesOf(code, String.raw`${LITERAL}\s*${ORDER}\s*${name}`),
    ...matchesOf(code, String.raw`${name}\s+BETWEEN\s+${LITERAL}\s+AND\s+${LITERAL}`),
    ...matchesOf(code, String.raw`\b(?:max|min)\([^()]*${name}[^()]*\)\s*${ORDER}\s*${LITERAL}`),
  ];
  return {
    equals: [...new Set([...lists, ...equal].map(literalOf))],
    borders: [...new Set(ordered.map(literalOf))]
      .filter((border) => typeof border === "number")
      .toSorted((a, b) => a - b),
  };
}

/** Whether a query gathers values into lists by itself, so that its tables hold single ones. */
export function gathersLists(code: string): boolean {
  return /json_group_array/i.test(code);
}

/** Whether a column is handed to geohash() or h3(), and as what. */
export function placeOf(code: string, column: string): "latitude" | "longitude" | null {
  const name = columnPattern(column);
  const call = String.raw`\b(?:geohash|h3|json_array)\s*\(\s*`;
  if (new RegExp(`${call}${name}\\s*,`, "i").test(code)) return "latitude";
  return new RegExp(String.raw`${call}[^(),]+,\s*${name}\s*[,)]`, "i").test(code)
    ? "longitude"
    : null;
}

/**
 * The column of the result that a column becomes, when an expression of it alone has that name: as it
 * is, within a function, or as one of several that are added.
 */
export function becomes(
  code: string,
  column: string,
  results: readonly string[],
): { readonly result: string; readonly summands: number } | null {
  const ownName = new RegExp(columnPattern(column), "i");
  for (const result of results) {
    const name = String.raw`\s+AS\s+["\[]?${escaped(result)}\b`;
    const pattern = String.raw`(?:\bSELECT\b|,)([^,]*?(?:\([^()]*\))?[^,]*?)${name}`;
    for (const expression of matchesOf(code, pattern)) {
      const last = expression.split(/\bSELECT\b|\bTHEN\b/i).at(-1) ?? "";
      if (!ownName.test(last) || /\b(?:CASE|WHEN|count)\b|[<>=*/|]|(?<![\w.])\d/i.test(last))
        continue;
      const summands = last.split("+");
      if (summands.every((summand) => /[A-Za-z_]/.test(summand))) {
        return { result, summands: summands.length };
      }
    }
  }
  return null;
}
