/**
 * What a service needs of its process: a log, a clock, its configuration, metrics, worker threads, an
 * orderly end.
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
export {
  counter,
  Durations,
  formatMetrics,
  gauge,
  METRICS_MEDIA_TYPE,
  type Metric,
  type MetricLabels,
} from "./metrics.ts";
export { cpuMsOf, cpuMsOfFamily, processesOf, rssBytesOf, shareBytesOf } from "./process-books.ts";
export { measureProcess } from "./process-metrics.ts";
export { stopOnSignal } from "./shutdown.ts";
export { threadCpuMs } from "./thread-cpu.ts";
export { serveJobs, type WorkerMessage } from "./worker-job.ts";
export {
  WorkerPool,
  WorkerPoolError,
  type WorkerPoolErrorCode,
  type WorkerPoolOptions,
} from "./worker-pool.ts";
