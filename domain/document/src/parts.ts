import type { Cursor } from "./cursor.ts";

/** Whether every part of a document could be read. */
export function isWhole<T extends object>(
  parts: T,
): parts is { [K in keyof T]: Exclude<T[K], undefined> } & T {
  return Object.values(parts).every((part) => part !== undefined);
}

/** A part that may be missing: the fallback when it is, undefined after a problem. */
export function readOr<T, F>(
  cursor: Cursor | undefined,
  fallback: F,
  read: (cursor: Cursor) => T | undefined,
): T | F | undefined {
  return cursor === undefined || cursor.node.value === null ? fallback : read(cursor);
}
