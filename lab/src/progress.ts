/** How the lab says what it is doing; the terminal decides how to show it. */

/** One thing being done, counted. */
export interface ProgressStep {
  /** So many more are done. */
  advance(count: number): void;
  /** Done, or given up. Idempotent. */
  end(): void;
}

export interface Progress {
  /** Begins a step of `total` units, named as a person would: `people asked`, in `people`. */
  begin(name: string, total: number, unit: string): ProgressStep;
  /** Something a person should know: a node was restarted. */
  note(text: string): void;
}

/** Says nothing. */
export const SILENT_PROGRESS: Progress = {
  begin: () => ({ advance: () => {}, end: () => {} }),
  note: () => {},
};
