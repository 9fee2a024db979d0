/** Numbers as a reader wants them: thousands separated, no more digits than are known. */

const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** The typographic minus; a hyphen before a digit reads as a range. */
export const MINUS = "\u2212";

/** `12,345`, `−3`. Rounds to a whole number. */
export function formatCount(value: number): string {
  // Why + 0: Math.round(-0.2) is -0, which would print with a sign.
  return GROUPED.format(Math.round(value) + 0).replace("-", MINUS);
}

/** With a fixed number of decimals and thousands separated. */
export function formatDecimals(value: number, decimals: number): string {
  const format = new Intl.NumberFormat("en", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  const rounded = Number(value.toFixed(decimals)) + 0;
  return format.format(rounded).replace("-", MINUS);
}

/** A share between 0 and 1 as `12.3 %`. */
export function formatPercent(share: number, decimals = 1): string {
  return `${formatDecimals(share * 100, decimals)}\u00a0%`;
}

/** `980 B`, `3.4 kB`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${formatCount(bytes)}\u00a0B`;
  if (bytes < 1_000_000) return `${formatDecimals(bytes / 1000, 1)}\u00a0kB`;
  return `${formatDecimals(bytes / 1_000_000, 1)}\u00a0MB`;
}

/** `45 s`, `2 min 5 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${formatDecimals(seconds, 1)}\u00a0s`;
  if (seconds < 60) return `${formatCount(seconds)}\u00a0s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}\u00a0min ${whole % 60}\u00a0s`;
}

/** `1e-9` as `one in 1,000,000,000`. */
export function formatOneIn(probability: number): string {
  return `one in ${formatCount(1 / probability)}`;
}
