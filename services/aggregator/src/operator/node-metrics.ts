/**
 * What a node counts, for Prometheus. Reports and jobs are counted in the store, for all replicas of
 * the node together and across restarts; requests, transactions and queues are this process's own.
 *
 * @module
 */
import type { Durations, Metric, MetricLabels } from "@sumus/runtime";
import type { Store, Transaction } from "@sumus/storage";

export interface Meters {
  /** Answered requests by route and status. */
  readonly requests: Durations;
  /** Steps of the job loop that had work. */
  readonly steps: Durations;
}

export interface MetricSources {
  readonly store: Store;
  readonly meters: Meters;
  readonly uploads: { readonly queueLength: number; readonly queueBytes: number };
}

export async function readMetrics(sources: MetricSources): Promise<Metric[]> {
  const { store, meters, uploads } = sources;
  const stored = await store.transaction("read metrics", readStored);
  return [
    ...stored,
    meters.requests.toMetric("sumus_request_seconds", "Requests by route and status."),
    meters.steps.toMetric("sumus_job_step_seconds", "Steps of jobs between requests."),
    gauge("sumus_upload_queue_requests", "Uploads that wait to be written.", uploads.queueLength),
    gauge("sumus_upload_queue_bytes", "Bytes of the uploads that wait.", uploads.queueBytes),
    ...transactionMetrics(store),
    gauge("process_resident_memory_bytes", "Memory in use.", process.memoryUsage.rss()),
    {
      name: "process_cpu_seconds_total",
      help: "CPU time of all threads.",
      type: "counter",
      samples: [{ value: cpuSeconds() }],
    },
  ];
}

async function readStored(transaction: Transaction): Promise<Metric[]> {
  const count = (sql: string, label: string): Promise<Metric["samples"]> =>
    transaction
      .query<{ name: string; count: number }>(sql)
      .then((rows) => rows.map((row) => ({ labels: { [label]: row.name }, value: row.count })));
  const [pending] = await transaction.query<{ count: number }>(
    "SELECT count(*) AS count FROM pending_reports",
  );
  return [
    {
      name: "sumus_reports_total",
      help: "Reports that were accepted, or refused with a reason.",
      type: "counter",
      samples: await count(
        `SELECT outcome AS name, sum(count)::bigint AS count FROM task_counters
         GROUP BY outcome ORDER BY outcome`,
        "outcome",
      ),
    },
    gauge("sumus_pending_reports", "Uploaded reports not yet counted.", pending?.count ?? 0),
    {
      name: "sumus_aggregation_jobs",
      help: "Aggregation jobs that are not finished, or given up.",
      type: "gauge",
      samples: await count(
        "SELECT state AS name, count(*) AS count FROM aggregation_jobs GROUP BY state",
        "state",
      ),
    },
    {
      name: "sumus_collection_jobs",
      help: "Collection jobs.",
      type: "gauge",
      samples: await count(
        "SELECT state AS name, count(*) AS count FROM collection_jobs GROUP BY state",
        "state",
      ),
    },
  ];
}

function transactionMetrics(store: Store): Metric[] {
  const byName = [...store.metrics()];
  const each = (value: (index: number) => number, labels: MetricLabels = {}): Metric["samples"] =>
    byName.map(([name], index) => ({ labels: { name, ...labels }, value: value(index) }));
  return [
    {
      name: "sumus_transactions_total",
      help: "Transactions by name.",
      type: "counter",
      samples: [
        ...each((index) => byName[index]?.[1].committedCount ?? 0, { result: "committed" }),
        ...each((index) => byName[index]?.[1].failedCount ?? 0, { result: "failed" }),
      ],
    },
    {
      name: "sumus_transaction_retries_total",
      help: "Tries of transactions beyond the first.",
      type: "counter",
      samples: each((index) => byName[index]?.[1].retryCount ?? 0),
    },
    {
      name: "sumus_transaction_seconds_total",
      help: "Time in transactions, waiting for the database included.",
      type: "counter",
      samples: each((index) => (byName[index]?.[1].durationMs ?? 0) / 1000),
    },
  ];
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [{ value }] };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}
