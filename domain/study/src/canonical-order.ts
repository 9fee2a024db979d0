/** The order of RFC 8785: by UTF-16 code units. */
export function compareNames(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Numbers by size, texts as names; of one type. */
export function compareValues(left: number | string, right: number | string): number {
  return typeof left === "number" && typeof right === "number"
    ? left - right
    : compareNames(String(left), String(right));
}
