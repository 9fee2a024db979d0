import fc from "fast-check";
import { expect, test } from "vitest";
import { Durations, formatMetrics, measureProcess } from "./index.ts";

test("writes counters and gauges in Prometheus' text format", () => {
  const samples = [{ labels: { why: 'a "quoted"\nback\\slash' }, value: 3 }, { value: 0.5 }];
  const text = formatMetrics([{ name: "x_total", help: "Counts\nx.", type: "counter", samples }]);
  expect(text).toBe(
    "# HELP x_total Counts\\nx.\n# TYPE x_total counter\n" +
      'x_total{why="a \\"quoted\\"\\nback\\\\slash"} 3\nx_total 0.5\n',
  );
  expect(formatMetrics([])).toBe("");
});

test("durations add up by label", () => {
  const durations = new Durations();
  durations.observe({ route: "a" }, 0.5);
  durations.observe({ route: "b" }, 2);
  durations.observe({ route: "a" }, 0.25);
  expect(formatMetrics([durations.toMetric("request_seconds", "Requests.")])).toBe(
    `# HELP request_seconds Requests.\n# TYPE request_seconds histogram\n${[
      ...buckets("a", { 0.25: 1, 0.5: 2 }),
      'request_seconds_sum{route="a"} 0.75',
      'request_seconds_count{route="a"} 2',
      ...buckets("b", { 2.5: 1 }),
      'request_seconds_sum{route="b"} 2',
      'request_seconds_count{route="b"} 1',
    ].join("\n")}\n`,
  );
});

/** @param counts from which bound on there are how many */
function buckets(route: string, counts: Readonly<Record<number, number>>): string[] {
  const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
  let count = 0;
  return [...bounds.map(String), "+Inf"].map((le) => {
    count = counts[Number(le)] ?? count;
    return `request_seconds_bucket{route="${route}",le="${le}"} ${count}`;
  });
}

test("a histogram loses nothing: its last bucket counts all, each at least as much as the one before", () => {
  const seconds = fc.double({ min: 0, max: 1000, noNaN: true });
  fc.assert(
    fc.property(fc.array(seconds), (values) => {
      const durations = new Durations();
      for (const value of values) durations.observe({}, value);
      const { samples } = durations.toMetric("x_seconds", "X.");
      const of = (name: string) => samples.filter(({ suffix }) => suffix === name);
      for (const { labels, value } of of("_bucket")) {
        const bound = labels?.["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels?.["le"]);
        expect(value).toBe(values.filter((each) => each <= bound).length);
      }
      expect(of("_count").map(({ value }) => value)).toEqual(
        values.length > 0 ? [values.length] : [],
      );
    }),
  );
});

test("a process tells of its memory, its time and how late its main thread is", async () => {
  const read = measureProcess();
  const measured = (name: string): number =>
    read().find((metric) => metric.name === name)?.samples[0]?.value ?? Number.NaN;
  await new Promise((resolve) => setTimeout(resolve, 50));
  const endMs = performance.now() + 300;
  while (performance.now() < endMs);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(measured("nodejs_eventloop_lag_max_seconds")).toBeGreaterThan(0.2);
  expect(measured("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(measured("process_cpu_seconds_total")).toBeGreaterThan(0);
  const startedSeconds = measured("process_start_time_seconds");
  expect(Math.abs(Date.now() / 1000 - process.uptime() - startedSeconds)).toBeLessThan(2);
});
