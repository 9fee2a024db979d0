/**
 * One JSON object a line. Fields are plain values on purpose: a {@link Secret} that gets here by
 * mistake prints as `[secret]`, bytes and other objects do not type-check.
 *
 * @module
 */

const LEVELS = ["debug", "info", "warn", "error"] as const;

export type LogLevel = (typeof LEVELS)[number];

/** What a line may say besides its message. Ids go in as hexadecimal text. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger whose lines carry `fields` too. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** The lowest level that is written. */
  readonly level: LogLevel;
  /** Takes one line without its end. */
  readonly write: (line: string) => void;
  /** Milliseconds since 1970, for the `time` of each line. */
  readonly nowMs?: () => number;
}

export function createLogger(options: LoggerOptions, fields: LogFields = {}): Logger {
  const { level, write, nowMs = Date.now } = options;
  const lowest = LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (message: string, more: LogFields = {}): void => {
      if (LEVELS.indexOf(name) < lowest) return;
      const time = new Date(nowMs()).toISOString();
      write(JSON.stringify({ time, level: name, message, ...fields, ...more }));
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (more) => createLogger(options, { ...fields, ...more }),
  };
}

/** A logger that writes to standard error, as services do: standard output is for results. */
export function stderrLogger(level: LogLevel, fields: LogFields = {}): Logger {
  return createLogger({ level, write: (line) => process.stderr.write(`${line}\n`) }, fields);
}

/** What an error may say in a log: its name, code and message, and those of its causes. */
export function describeError(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current !== undefined; ) {
    if (!(current instanceof Error)) {
      parts.push(String(current));
      break;
    }
    parts.push(`${current.name}: ${current.message}`);
    if (parts.length >= CAUSES_MAX) break;
    current = current.cause;
  }
  return parts.join("; because of ");
}

const CAUSES_MAX = 5;

export { LEVELS as LOG_LEVELS };
