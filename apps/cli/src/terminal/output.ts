/** The two streams a command writes to, and what they can show. */

export interface Output {
  /** Answers: standard output. */
  print(text: string): void;
  /** Everything else: standard error. */
  say(text: string): void;
  /** Standard error is a terminal: lines may be rewritten. */
  readonly live: boolean;
  /** Columns of the terminal; 80 when there is none. */
  columns(): number;
}

/** The process's own streams. */
export function createOutput(): Output {
  const { stdout, stderr } = process;
  // Whoever reads us may have read enough, as head does: then there is nothing left to do.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  return {
    print: (text) => void stdout.write(`${text}\n`),
    say: (text) => void stderr.write(`${text}\n`),
    live: stderr.isTTY === true && process.env["TERM"] !== "dumb",
    columns: () => stderr.columns ?? 80,
  };
}
