/** Where something stands in a text, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A value of a document that remembers where it and its key were written. */
export interface SourceNode {
  readonly value: SourceValue;
  readonly position: Position;
  /** Of its key in a mapping; elsewhere of the value itself. */
  readonly keyPosition: Position;
}

/** Mappings are maps, not objects: a key named `__proto__` or `constructor` is a key like others. */
export type SourceValue =
  | null
  | boolean
  | number
  | string
  | readonly SourceNode[]
  | ReadonlyMap<string, SourceNode>;

export function isList(value: SourceValue): value is readonly SourceNode[] {
  return Array.isArray(value);
}

export function isMapping(value: SourceValue): value is ReadonlyMap<string, SourceNode> {
  return value instanceof Map;
}
