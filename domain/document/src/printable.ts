/** Hostile text as it may stand in a message: it moves no cursor, breaks no line, hides nothing. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
}

/** The beginning of a hostile text, printable. */
export function clip(text: string): string {
  const plain = printable(text);
  const characters = Array.from(plain.slice(0, 80));
  return characters.length <= 40 ? plain.slice(0, 80) : `${characters.slice(0, 40).join("")}…`;
}
