/**
 * What a service needs of its process: a log, a clock, its configuration, an orderly end.
 *
 * @module
 */
export { systemClock } from "./clock.ts";
export { ConfigError, ConfigReader, readConfigFile } from "./config.ts";
export {
  createLogger,
  describeError,
  LOG_LEVELS,
  type LogFields,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  stderrLogger,
} from "./logger.ts";
export { stopOnSignal } from "./shutdown.ts";
