/**
 * What a node counts, for Prometheus. Reports and jobs are counted in the store, for all replicas of
 * the node together and across restarts; requests, transactions and queues are this process's own.
 *
 * @module
 */
import { counter, Durations, gauge, type Metric, type MetricLabels } from "@sumus/runtime";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock } from "@sumus/time";
import type { AggregatorRole } from "../config.ts";
import { PENDING_MEASURED_MAX } from "../limits.ts";
import { readVersion } from "../version.ts";

export interface Meters {
  /** Answered requests by route and status. */
  readonly requests: Durations;
  /** Steps of the job loop that had work. */
  readonly steps: Durations;
  /** What a leader asked its helper, by resource and by what came of it. */
  readonly helper: Durations;
}

export function createMeters(): Meters {
  return { requests: new Durations(), steps: new Durations(), helper: new Durations() };
}

export interface MetricSources {
  readonly role: AggregatorRole;
  readonly store: Store;
  readonly clock: Clock;
  readonly meters: Meters;
  readonly uploads: { readonly queueLength: number; readonly queueBytes: number };
  readonly uploadBodies: { readonly bytes: number };
  readonly verifier: { readonly queueLength: number };
  /** What the process around the node counts: connections, memory. */
  readonly processMetrics: () => readonly Metric[];
}

export async function readMetrics(sources: MetricSources): Promise<Metric[]> {
  const { role, store, clock, meters } = sources;
  const stored = await store.transaction("read metrics", (transaction) =>
    readStored(transaction, clock.nowSeconds()),
  );
  const build = { version: readVersion(), role, node: process.version };
  return [
    {
      name: "sumus_build_info",
      help: "Always 1: the version of this node, its role, and the version of Node.js.",
      type: "gauge",
      samples: [{ labels: build, value: 1 }],
    },
    ...stored,
    meters.requests.toMetric(
      "sumus_http_request_duration_seconds",
      "Time until a request had its answer, by route and status.",
    ),
    meters.helper.toMetric(
      "sumus_helper_request_duration_seconds",
      "Time until the helper had answered its leader, tries included, by resource and outcome.",
    ),
    meters.steps.toMetric(
      "sumus_job_step_duration_seconds",
      "Time of a step of a job between requests.",
    ),
    ...queueMetrics(sources),
    ...transactionMetrics(store),
    ...embeddedMetrics(store),
    ...sources.processMetrics(),
  ];
}

function queueMetrics({ uploads, uploadBodies, verifier }: MetricSources): Metric[] {
  return [
    gauge("sumus_upload_queue_requests", "Uploads that wait to be written.", uploads.queueLength),
    gauge("sumus_upload_queue_bytes", "Bytes of the uploads that wait.", uploads.queueBytes),
    gauge(
      "sumus_upload_arriving_bytes",
      "Bytes of large uploads that have arrived in part.",
      uploadBodies.bytes,
    ),
    gauge(
      "sumus_verification_queue_slices",
      "Slices of reports that wait for a worker thread.",
      verifier.queueLength,
    ),
  ];
}

/** What a listener counts, to be told with the node's own metrics. */
export function connectionMetrics(counts: {
  readonly open: number;
  readonly refused: number;
}): Metric[] {
  return [
    gauge("sumus_http_connections", "Open connections.", counts.open),
    counter(
      "sumus_http_connections_refused_total",
      "Connections beyond what there may be, or beyond what one network may hold.",
      counts.refused,
    ),
  ];
}

async function readStored(transaction: Transaction, nowSeconds: number): Promise<Metric[]> {
  const count = (sql: string, label: string): Promise<Metric["samples"]> =>
    transaction
      .query<{ name: string; count: number }>(sql)
      .then((rows) => rows.map((row) => ({ labels: { [label]: row.name }, value: row.count })));
  const [pending] = await transaction.query<{ count: number; seconds: number }>(
    `SELECT count(*) AS count, (SELECT extract(epoch FROM now() - arrived_at)::float8
       FROM pending_reports ORDER BY number LIMIT 1) AS seconds
     FROM (SELECT 1 FROM pending_reports LIMIT $1) AS counted`,
    [PENDING_MEASURED_MAX],
  );
  const [jobs] = await transaction.query<{ aggregation: number | null; collection: number }>(
    `SELECT (SELECT min(gathered_at) FROM aggregation_jobs WHERE state <> 'abandoned') AS aggregation,
       (SELECT extract(epoch FROM now() - min(created_at))::float8
        FROM collection_jobs WHERE state IN ('waiting', 'asking')) AS collection`,
  );
  const gatheredAt = jobs?.aggregation ?? nowSeconds;
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
    gauge(
      "sumus_pending_reports",
      `Uploaded reports not yet counted; ${PENDING_MEASURED_MAX} means so many or more.`,
      pending?.count ?? 0,
    ),
    age(
      "sumus_oldest_pending_report_age_seconds",
      "uploaded report not yet counted",
      pending?.seconds,
    ),
    age(
      "sumus_oldest_aggregation_job_age_seconds",
      "aggregation job that is not finished",
      nowSeconds - gatheredAt,
    ),
    age(
      "sumus_oldest_collection_job_age_seconds",
      "collection job that waits for reports or for the helper",
      jobs?.collection,
    ),
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
    store.durations.toMetric(
      "sumus_transaction_seconds",
      "Transactions by name, with their tries, pauses, and waiting for the database.",
    ),
  ];
}

function embeddedMetrics({ embeddedCpuMs }: Store): Metric[] {
  if (embeddedCpuMs === undefined) return [];
  const help = "CPU time of the embedded database, a part of the process's own.";
  return [counter("sumus_embedded_database_cpu_seconds_total", help, embeddedCpuMs() / 1000)];
}

/** @param seconds absent when there is none: then it is 0, so that alerts end */
function age(name: string, what: string, seconds: number | null | undefined): Metric {
  return gauge(name, `Age of the oldest ${what}; 0 without one.`, Math.max(0, seconds ?? 0));
}
