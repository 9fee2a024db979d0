const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

/**
 * A time as one would say it: `Friday 21:00` within six days, `9 October 2026, 21:00` otherwise.
 *
 * @param timeZone by default that of this machine
 */
export function describeMoment(seconds: number, nowSeconds: number, timeZone?: string): string {
  const isNear = Math.abs(seconds - nowSeconds) < 6 * DAY_SECONDS;
  const date = new Date(Math.ceil(seconds / MINUTE_SECONDS) * MINUTE_SECONDS * 1000);
  const zone = timeZone === undefined ? {} : { timeZone };
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", ...zone });
  if (isNear) return `${date.toLocaleDateString("en-GB", { weekday: "long", ...zone })} ${time}`;
  const day = { day: "numeric", month: "long", year: "numeric" } as const;
  return `${date.toLocaleDateString("en-GB", { ...day, ...zone })}, ${time}`;
}
