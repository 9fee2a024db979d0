/** The order of RFC 8785: by UTF-16 code units. */
export function compareNames(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
