/**
 * The tables of a node; docs/data-model.md tells their states. Leader and helper have the same
 * schema and use their part of it.
 *
 * @module
 */
import type { Migration } from "@sumus/storage";

const STUDIES = [
  `CREATE TABLE studies (
     id bytea PRIMARY KEY,
     manifest text NOT NULL,
     opened_at bigint NOT NULL
   )`,
  `CREATE TABLE tasks (
     number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     id bytea NOT NULL UNIQUE,
     study_id bytea NOT NULL REFERENCES studies,
     position integer NOT NULL,
     collection_count integer NOT NULL DEFAULT 0,
     UNIQUE (study_id, position)
   )`,
  `CREATE TABLE task_counters (
     task integer NOT NULL REFERENCES tasks,
     outcome text NOT NULL,
     shard smallint NOT NULL,
     count bigint NOT NULL,
     PRIMARY KEY (task, outcome, shard)
   )`,
  `CREATE TABLE hpke_keys (
     config_id smallint PRIMARY KEY,
     kem_id integer NOT NULL,
     kdf_id integer NOT NULL,
     aead_id integer NOT NULL,
     private_key bytea NOT NULL
   )`,
];

const SUMS = [
  `CREATE TABLE report_ids (
     task integer NOT NULL REFERENCES tasks,
     report_id bytea NOT NULL,
     PRIMARY KEY (task, report_id)
   )`,
  `CREATE TABLE accumulators (
     task integer NOT NULL REFERENCES tasks,
     bucket bigint NOT NULL,
     shard smallint NOT NULL,
     aggregate_share bytea NOT NULL,
     report_count bigint NOT NULL,
     checksum bytea NOT NULL,
     PRIMARY KEY (task, bucket, shard)
   )`,
  // Shares are uniformly random: compressing them is wasted time.
  "ALTER TABLE accumulators ALTER aggregate_share SET STORAGE EXTERNAL",
  `CREATE TABLE collected_intervals (
     task integer NOT NULL REFERENCES tasks,
     start bigint NOT NULL,
     duration bigint NOT NULL,
     PRIMARY KEY (task, start)
   )`,
];

const LEADER = [
  `CREATE TABLE aggregation_jobs (
     number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     task integer NOT NULL REFERENCES tasks,
     state text NOT NULL CHECK (state IN ('gathered', 'prepared', 'abandoned')),
     gathered_at bigint NOT NULL,
     request bytea,
     failure_count integer NOT NULL DEFAULT 0,
     nonsense_count integer NOT NULL DEFAULT 0,
     trouble text,
     available_at bigint NOT NULL,
     lease_token bytea
   )`,
  "ALTER TABLE aggregation_jobs ALTER request SET STORAGE EXTERNAL",
  `CREATE TABLE pending_reports (
     number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     task integer NOT NULL REFERENCES tasks,
     bucket bigint NOT NULL,
     job bigint REFERENCES aggregation_jobs,
     report_id bytea NOT NULL,
     report bytea NOT NULL
   )`,
  "ALTER TABLE pending_reports ALTER report SET STORAGE EXTERNAL",
  "CREATE INDEX pending_reports_free ON pending_reports (task, number) WHERE job IS NULL",
  "CREATE INDEX pending_reports_job ON pending_reports (job) WHERE job IS NOT NULL",
  `CREATE TABLE collection_jobs (
     task integer NOT NULL REFERENCES tasks,
     id bytea NOT NULL,
     state text NOT NULL
       CHECK (state IN ('waiting', 'resting', 'asking', 'ready', 'failed', 'deleted')),
     request bytea NOT NULL,
     report_count bigint,
     start bigint,
     duration bigint,
     leader_share bytea,
     share_request bytea,
     response bytea,
     problem text,
     failure_count integer NOT NULL DEFAULT 0,
     trouble text,
     available_at bigint NOT NULL,
     lease_token bytea,
     PRIMARY KEY (task, id)
   )`,
];

const HELPER = [
  `CREATE TABLE helper_jobs (
     task integer NOT NULL REFERENCES tasks,
     id bytea NOT NULL,
     response bytea NOT NULL,
     PRIMARY KEY (task, id)
   )`,
  `CREATE TABLE aggregate_shares (
     task integer NOT NULL REFERENCES tasks,
     id bytea NOT NULL,
     response bytea NOT NULL,
     PRIMARY KEY (task, id)
   )`,
];

const SELECTED_BATCHES = [
  `CREATE TABLE selected_batches (
     task integer NOT NULL REFERENCES tasks,
     ordinal bigint NOT NULL,
     id bytea NOT NULL,
     is_collected boolean NOT NULL DEFAULT false,
     PRIMARY KEY (task, ordinal),
     UNIQUE (task, id)
   )`,
  "CREATE INDEX selected_batches_open ON selected_batches (task, ordinal) WHERE NOT is_collected",
  "ALTER TABLE aggregation_jobs ADD batch bigint",
  "ALTER TABLE aggregation_jobs ADD FOREIGN KEY (task, batch) REFERENCES selected_batches",
  "ALTER TABLE collection_jobs ADD batch bigint",
  "ALTER TABLE collection_jobs ADD FOREIGN KEY (task, batch) REFERENCES selected_batches",
  "ALTER TABLE accumulators ADD first_time bigint, ADD last_time bigint",
  // Until now every bucket was a time.
  "UPDATE accumulators SET first_time = bucket, last_time = bucket",
  "ALTER TABLE accumulators ALTER first_time SET NOT NULL, ALTER last_time SET NOT NULL",
];

/** A task belongs to a study, or stands for itself with a document of its own. */
const TASKS = [
  `ALTER TABLE tasks
     ALTER study_id DROP NOT NULL,
     ALTER position DROP NOT NULL,
     ADD document text,
     ADD secrets bytea,
     ADD created_at bigint,
     ADD state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'deleted')),
     ADD CHECK ((study_id IS NULL) = (document IS NOT NULL))`,
];

// The database's own clock: these are looked at by people, and decide nothing.
const ARRIVAL = [
  "ALTER TABLE pending_reports ADD COLUMN arrived_at timestamptz NOT NULL DEFAULT now()",
  "ALTER TABLE collection_jobs ADD COLUMN created_at timestamptz NOT NULL DEFAULT now()",
];

const KEY_ROTATION = [
  // Keys of before are advertised since ever.
  "ALTER TABLE hpke_keys ADD COLUMN advertised_at bigint NOT NULL DEFAULT 0",
  "ALTER TABLE hpke_keys ALTER advertised_at DROP DEFAULT",
  // The key that the leader's share is sealed to; unknown for reports of before.
  "ALTER TABLE pending_reports ADD COLUMN config_id smallint",
  `CREATE TABLE housekeeping (
     is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
     available_at bigint NOT NULL,
     lease_token bytea
   )`,
  "INSERT INTO housekeeping (available_at) VALUES (0)",
];

/** Every secret says by its first byte whether it is sealed; until now none was. */
const SEALED_SECRETS = [
  "UPDATE hpke_keys SET private_key = '\\x00'::bytea || private_key",
  "UPDATE tasks SET secrets = '\\x00'::bytea || secrets",
];

/** Aggregation parameters, jobs of several steps, and answers that come later. */
const ROUNDS = [
  "ALTER TABLE tasks ADD is_eager boolean NOT NULL DEFAULT true",
  // The parameter of a batch: of an interval of times, or of one ordinal when size_max is set.
  `CREATE TABLE batch_parameters (
     task integer NOT NULL REFERENCES tasks,
     start bigint NOT NULL,
     duration bigint NOT NULL,
     agg_param bytea NOT NULL,
     size_max bigint,
     is_open boolean NOT NULL DEFAULT true,
     PRIMARY KEY (task, start, duration)
   )`,
  `ALTER TABLE aggregation_jobs
     ADD agg_param bytea NOT NULL DEFAULT '',
     ADD step integer NOT NULL DEFAULT 0,
     ADD states bytea,
     ADD helper_path text,
     ADD is_deferred boolean NOT NULL DEFAULT false`,
  "ALTER TABLE aggregation_jobs ALTER states SET STORAGE EXTERNAL",
  "ALTER TABLE collection_jobs ADD helper_path text",
  // A request stands in its row until it is answered.
  ...["helper_jobs", "aggregate_shares"].flatMap((table) => [
    `ALTER TABLE ${table}
       ALTER response DROP NOT NULL,
       ADD request bytea,
       ADD problem text,
       ADD received_at bigint NOT NULL DEFAULT 0,
       ADD failure_count integer NOT NULL DEFAULT 0,
       ADD available_at bigint NOT NULL DEFAULT 0,
       ADD lease_token bytea`,
    `ALTER TABLE ${table} ALTER request SET STORAGE EXTERNAL`,
    `CREATE INDEX ${table}_open ON ${table} (available_at) WHERE request IS NOT NULL`,
  ]),
  `ALTER TABLE helper_jobs
     ADD agg_param bytea NOT NULL DEFAULT '',
     ADD batch_id bytea,
     ADD step integer NOT NULL DEFAULT 0,
     ADD request_digest bytea,
     ADD states bytea`,
  "ALTER TABLE helper_jobs ALTER states SET STORAGE EXTERNAL",
];

const GARBAGE_COLLECTION = [
  // The bucket of a report's time; unknown for reports of before, whose ids stay with their task.
  "ALTER TABLE report_ids ADD COLUMN bucket bigint",
  "ALTER TABLE collected_intervals ADD COLUMN is_swept boolean NOT NULL DEFAULT false",
  "ALTER TABLE tasks ADD COLUMN is_erased boolean NOT NULL DEFAULT false",
  // The database's own clock: ages of answers, and nothing that nodes must agree about.
  "ALTER TABLE helper_jobs ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now()",
  "ALTER TABLE aggregate_shares ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now()",
  "ALTER TABLE collection_jobs ADD COLUMN answered_at timestamptz",
  `UPDATE collection_jobs SET answered_at = now()
   WHERE state IN ('ready', 'failed', 'deleted')`,
];

/** Where it differs from the node's: a helper that is away holds up its own tasks alone. */
const OWN_HELPERS = ["ALTER TABLE tasks ADD own_helper text"];

/** How often a helper has said that it answers later, and since when. */
const DEFERRALS = ["aggregation_jobs", "collection_jobs"].map(
  (table) =>
    `ALTER TABLE ${table} ADD deferral_count integer NOT NULL DEFAULT 0, ADD deferred_since bigint`,
);

/** Its tasks are deleted with it. */
const CANCELLED_STUDIES = ["ALTER TABLE studies ADD cancelled_at bigint"];

/** A study's first share ends the time in which it can be cancelled: one row says either, never both. */
const RELEASED_STUDIES = [
  "ALTER TABLE studies ADD released_at bigint",
  `UPDATE studies s SET released_at = s.opened_at
   WHERE s.cancelled_at IS NULL AND EXISTS (
     SELECT FROM tasks t JOIN collected_intervals c ON c.task = t.number WHERE t.study_id = s.id
   )`,
  "ALTER TABLE studies ADD CHECK (cancelled_at IS NULL OR released_at IS NULL)",
];

/** The studies of a population are its ledger; those of before are charged to none. */
const POPULATIONS = [
  "CREATE TABLE populations (id text PRIMARY KEY, document text NOT NULL)",
  "ALTER TABLE studies ADD population text REFERENCES populations, ADD nano_rho bigint",
  "CREATE INDEX studies_population ON studies (population) WHERE cancelled_at IS NULL",
];

/** Of studies that ended before releases were noted nobody can tell: they count as released. */
const ENDED_STUDIES = [
  `UPDATE studies s SET released_at = s.opened_at
   WHERE s.cancelled_at IS NULL AND s.released_at IS NULL
     AND EXISTS (SELECT FROM tasks t WHERE t.study_id = s.id AND t.state = 'deleted')`,
];

export const AGGREGATOR_MIGRATIONS: readonly Migration[] = [
  { name: "studies, sums, jobs", statements: [...STUDIES, ...SUMS, ...LEADER, ...HELPER] },
  { name: "leader-selected batches", statements: SELECTED_BATCHES },
  { name: "tasks without a study", statements: TASKS },
  { name: "arrival", statements: ARRIVAL },
  { name: "HPKE keys come and go", statements: KEY_ROTATION },
  { name: "secrets sealed at rest", statements: SEALED_SECRETS },
  { name: "parameters, steps, later answers", statements: ROUNDS },
  { name: "garbage collection", statements: GARBAGE_COLLECTION },
  { name: "helpers of tasks", statements: OWN_HELPERS },
  { name: "patience with helpers", statements: DEFERRALS },
  { name: "cancelled studies", statements: CANCELLED_STUDIES },
  { name: "released studies", statements: RELEASED_STUDIES },
  { name: "populations", statements: POPULATIONS },
  { name: "ended studies", statements: ENDED_STUDIES },
];
