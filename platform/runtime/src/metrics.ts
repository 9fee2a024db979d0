/**
 * Prometheus' text format [version 0.0.4], written by hand: a service counts in plain numbers and
 * formats them when it is asked. Labels come from bounded sets; never ids, never secrets.
 *
 * @module
 */

export const METRICS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type MetricLabels = Readonly<Record<string, string>>;

/** One metric with its samples. Counters end in `_total`, durations are in seconds. */
export interface Metric {
  readonly name: string;
  /** What it counts, in one sentence. */
  readonly help: string;
  readonly type: "counter" | "gauge" | "summary";
  readonly samples: readonly {
    readonly labels?: MetricLabels;
    readonly value: number;
    /** Of a summary. */
    readonly suffix?: "_sum" | "_count";
  }[];
}

export function formatMetrics(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, help, type, samples }) => [
      `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}`,
      `# TYPE ${name} ${type}`,
      ...samples.map(
        ({ labels = {}, value, suffix = "" }) => `${name}${suffix}${formatLabels(labels)} ${value}`,
      ),
    ])
    .map((line) => `${line}\n`)
    .join("");
}

function formatLabels(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const text = value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
    return `${name}="${text}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** How often things happened and how long they took together, by label. */
export class Durations {
  readonly #byKey = new Map<string, { labels: MetricLabels; count: number; seconds: number }>();

  observe(labels: MetricLabels, seconds: number): void {
    const key = JSON.stringify(labels);
    const entry = this.#byKey.get(key) ?? { labels, count: 0, seconds: 0 };
    entry.count++;
    entry.seconds += seconds;
    this.#byKey.set(key, entry);
  }

  /** A summary without quantiles: rates and means are for who reads it. */
  toMetric(name: string, help: string): Metric {
    const samples = [...this.#byKey.values()].flatMap(
      ({ labels, count, seconds }) =>
        [
          { labels, value: seconds, suffix: "_sum" },
          { labels, value: count, suffix: "_count" },
        ] as const,
    );
    return { name, help, type: "summary", samples };
  }
}
