/**
 * What a process tells about itself, by the names that Prometheus' other clients use.
 *
 * @module
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { counter, gauge, type Metric } from "./metrics.ts";

/** How often the event loop is asked whether it is late. */
const RESOLUTION_MS = 10;

const NANOSECONDS = 1e9;
const MICROSECONDS = 1e6;

/** Starts to measure; the result reads what was measured, the event loop's delay since the last time. */
export function measureProcess(): () => Metric[] {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  // A timer that is on time is one period late by this count.
  const late = (nanoseconds: number): number =>
    delay.count === 0 ? 0 : Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1000);
  return () => {
    const { rss, heapUsed, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const metrics = [
      counter(
        "process_cpu_seconds_total",
        "CPU time of all threads.",
        (user + system) / MICROSECONDS,
      ),
      gauge("process_resident_memory_bytes", "Memory in use.", rss),
      gauge(
        "process_start_time_seconds",
        "When the process started, in seconds since 1970.",
        Math.round(Date.now() / 1000 - process.uptime()),
      ),
      gauge("nodejs_heap_size_used_bytes", "Memory of JavaScript objects.", heapUsed),
      gauge("nodejs_external_memory_bytes", "Memory of buffers and of WebAssembly.", external),
      gauge(
        "nodejs_eventloop_lag_p50_seconds",
        "How late the main thread was since the last look, in the middle.",
        late(delay.percentile(50)),
      ),
      gauge(
        "nodejs_eventloop_lag_p99_seconds",
        "How late the main thread was since the last look, but for one time in a hundred.",
        late(delay.percentile(99)),
      ),
      gauge(
        "nodejs_eventloop_lag_max_seconds",
        "How late the main thread was since the last look, at worst.",
        late(delay.max),
      ),
    ];
    delay.reset();
    return metrics;
  };
}
