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
  return String.raw`(?:(?<![\w$])[\w$]+(?:\[0\])?\??\.)?(?:"${name}"|\[${name}\]|\[["']${name}["']\]|\b${name}\b)`;
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

/** Whether tables are joined on a column that several of them have. */
export function joinsOn(code: string, column: string): boolean {
  const name = columnPattern(column);
  const equal = String.raw`${name}\s*={1,3}\s*${name}`;
  const using = String.raw`\bUSING\s*\([^()]*${name}`;
  return new RegExp(String.raw`${equal}|${using}|\bNATURAL\b`, "i").test(code);
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

/** A column of the result that another becomes: alone, or as one of several that are added. */
export interface Becoming {
  readonly result: string;
  readonly summands: number;
}

/** What a column becomes: expressions of it alone, within a function or not, that have such a name. */
export function becomes(code: string, column: string, results: readonly string[]): Becoming[] {
  const ownName = new RegExp(columnPattern(column), "i");
  return results.flatMap((result) => {
    const name = new RegExp(String.raw`\bAS\s+["\[]?${escaped(result)}\b`, "gi");
    return [...code.matchAll(name)].flatMap(({ index }) => {
      const expression = expressionBefore(code, index);
      if (!ownName.test(expression) || OTHER_THAN_COLUMNS.test(expression)) return [];
      const summands = expression.split("+");
      if (!summands.every((summand) => /[A-Za-z_]/.test(summand))) return [];
      return [{ result, summands: summands.length }];
    });
  });
}

/** Cases, comparisons, numbers and joined texts: what comes of them is no value of the column. */
const OTHER_THAN_COLUMNS = /\b(?:CASE|WHEN|count)\b|[<>=*/|]|(?<![\w.])\d/i;

/** Characters of an expression; longer ones are no plain columns. */
const EXPRESSION_MAX = 400;

/** What stands between a place in a query and the comma, SELECT or THEN before it. */
function expressionBefore(code: string, end: number): string {
  let depth = 0;
  let start = end;
  for (; start > Math.max(0, end - EXPRESSION_MAX); start--) {
    const character = code.charAt(start - 1);
    if (character === ")") depth++;
    if (character === "(" && --depth < 0) break;
    if (character === "," && depth === 0) break;
  }
  return (
    code
      .slice(start, end)
      .split(/\bSELECT\b|\bTHEN\b/i)
      .at(-1) ?? ""
  );
}
