import { expect, test } from "vitest";
import { Durations, formatMetrics } from "./index.ts";

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
    "# HELP request_seconds Requests.\n# TYPE request_seconds summary\n" +
      'request_seconds_sum{route="a"} 0.75\nrequest_seconds_count{route="a"} 2\n' +
      'request_seconds_sum{route="b"} 2\nrequest_seconds_count{route="b"} 1\n',
  );
});
