const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** Seconds of a text such as `90s`, `15m`, `1h`, `1d` or `1w`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^([1-9]\d{0,8})([smhdw])$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS];
}

/** In the largest unit that gives a whole number. */
export function formatDuration(seconds: number): string {
  const units = Object.entries(SECONDS).toReversed();
  const [unit, length] = units.find(([, length]) => seconds % length === 0) ?? ["s", 1];
  return `${seconds / length}${unit}`;
}
