/**
 * Prometheus' text format [version 0.0.4], written by hand: a service counts in plain numbers and
 * formats them when it is asked. Labels come from bounded sets; never ids, never secrets.
 *
 * @module
 */

export const METRICS_MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type MetricLabels = Readonly<Record<string, string>>;

/** One metric with its samples. Counters end in `_total`, durations are in seconds, sizes in bytes. */
export interface Metric {
  readonly name: string;
  /** What it counts, in one sentence. */
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly {
    readonly labels?: MetricLabels;
    readonly value: number;
    /** Of a histogram. */
    readonly suffix?: "_bucket" | "_sum" | "_count";
  }[];
}

/** A metric of one sample without labels. */
export function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [{ value }] };
}

/** Like {@link gauge}, of a number that only grows while the process lives. */
export function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: "counter", samples: [{ value }] };
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

/** Upper bounds, in seconds: from a lookup in memory to the longest that a client waits. */
const BUCKETS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

interface Observed {
  readonly labels: MetricLabels;
  /** How many were at most as long as each bound and longer than the one before; the last: longer. */
  readonly counts: number[];
  seconds: number;
}

/** How long things took, by label: a histogram. */
export class Durations {
  readonly #byKey = new Map<string, Observed>();

  observe(labels: MetricLabels, seconds: number): void {
    const key = JSON.stringify(labels);
    let observed = this.#byKey.get(key);
    if (observed === undefined) {
      observed = { labels, counts: new Array<number>(BUCKETS.length + 1).fill(0), seconds: 0 };
      this.#byKey.set(key, observed);
    }
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    const place = bucket < 0 ? BUCKETS.length : bucket;
    observed.counts[place] = (observed.counts[place] ?? 0) + 1;
    observed.seconds += seconds;
  }

  /** @param name ends in `_seconds` */
  toMetric(name: string, help: string): Metric {
    const samples = [...this.#byKey.values()].flatMap(({ labels, counts, seconds }) => {
      let count = 0;
      const buckets = counts.map((each, index) => {
        count += each;
        const le = index < BUCKETS.length ? String(BUCKETS[index]) : "+Inf";
        return { labels: { ...labels, le }, value: count, suffix: "_bucket" as const };
      });
      return [
        ...buckets,
        { labels, value: seconds, suffix: "_sum" as const },
        { labels, value: count, suffix: "_count" as const },
      ];
    });
    return { name, help, type: "histogram", samples };
  }
}
