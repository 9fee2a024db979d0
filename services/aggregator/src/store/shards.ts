/**
 * Rows that every commit of a task would write stand in several copies, and a reader adds them up:
 * replicas that commit at the same time rarely meet in one.
 *
 * @module
 */

const SHARDS = 8;

/** The copy that one transaction writes. Chance spreads the writers; it decides nothing else. */
export function chooseShard(): number {
  return Math.floor(Math.random() * SHARDS);
}
