/** Edits that a slip of the finger makes. */
const EDITS_MAX = 2;

/** Names longer than this are not compared: no name of ours is. */
const COMPARED_CHARACTERS_MAX = 32;

/** The known name that was probably meant, if one is near. */
export function suggest(got: string, known: readonly string[]): string | undefined {
  if (got.length > COMPARED_CHARACTERS_MAX) return undefined;
  let nearest: string | undefined;
  let edits = Math.min(EDITS_MAX, Math.ceil(got.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(got.toLowerCase(), name.toLowerCase());
    if (distance < edits) {
      nearest = name;
      edits = distance;
    }
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into another. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = at(last, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1);
      let best = Math.min(replaced, at(last, j) + 1, at(row, j - 1) + 1);
      if (i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]) {
        best = Math.min(best, at(beforeLast, j - 2) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
