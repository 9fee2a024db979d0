/** Fewer points for the same picture: Douglas and Peucker's line simplification, and path data. */

export type Point = readonly [x: number, y: number];

function distanceToSegment(point: Point, start: Point, end: Point): number {
  const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
  const lengthSquared = dx * dx + dy * dy;
  const along =
    lengthSquared === 0
      ? 0
      : ((point[0] - start[0]) * dx + (point[1] - start[1]) * dy) / lengthSquared;
  const clamped = Math.max(0, Math.min(1, along));
  return Math.hypot(point[0] - start[0] - clamped * dx, point[1] - start[1] - clamped * dy);
}

/** Keeps the ends and every point that lies farther than `tolerance` from the line without it. */
export function simplifyLine(points: readonly Point[], tolerance: number): Point[] {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 3) return [...points];
  let farthest = 0;
  let farthestIndex = 0;
  for (const [index, point] of points.entries()) {
    const distance = distanceToSegment(point, first, last);
    if (distance > farthest) [farthest, farthestIndex] = [distance, index];
  }
  if (farthest <= tolerance) return [first, last];
  const before = simplifyLine(points.slice(0, farthestIndex + 1), tolerance);
  const after = simplifyLine(points.slice(farthestIndex), tolerance);
  return [...before.slice(0, -1), ...after];
}

/**
 * SVG path data of a line in whole units: an absolute start and relative steps, which are short.
 * Empty when the line shrinks to a point.
 */
export function pathOf(points: readonly Point[], closed: boolean): string {
  let text = "";
  let [x, y] = [0, 0];
  for (const [index, point] of points.entries()) {
    const [nextX, nextY] = [Math.round(point[0]), Math.round(point[1])];
    if (index === 0) text = `M${nextX} ${nextY}`;
    else if (nextX !== x || nextY !== y) {
      text += `${text.includes("l") ? " " : "l"}${nextX - x} ${nextY - y}`;
    }
    [x, y] = [nextX, nextY];
  }
  if (!text.includes("l")) return "";
  return (closed ? `${text}z` : text).replaceAll(" -", "-");
}
