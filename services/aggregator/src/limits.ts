/**
 * What a stranger, a client or a peer may take, each with its reason. LIMITS of one request; those
 * of connections and heads stand in `@sumus/http`.
 *
 * @module
 */

/** Canonical manifests have at most 262,144 characters, four bytes each at worst. */
export const STUDY_BYTES_MAX: number = 1024 * 1024;

/** One upload: some 10,000 ordinary reports, or 16 of the largest. */
export const UPLOAD_BYTES_MAX: number = 32 * 1024 * 1024;

/** Large uploads that are arriving, of all connections together; beyond it they are told to come back. */
export const UPLOAD_BODIES_BYTES_MAX: number = 256 * 1024 * 1024;

/** Uploads that are written in one transaction. */
export const UPLOAD_BATCH_BYTES_MAX: number = 16 * 1024 * 1024;

/** Uploads that wait for the store: beyond this clients are told to come back. */
export const UPLOAD_QUEUE_BYTES_MAX: number = 128 * 1024 * 1024;

/** Reports, and requests of anybody, a second from one address: a clinic's; a device sends a handful. */
export const ADDRESS_REPORTS_PER_SECOND = 5000;

/** Reports a second to one task: more than a store writes. */
export const TASK_REPORTS_PER_SECOND = 20_000;

/** How many seconds' worth of a rate may come at once. */
export const RATE_BURST_SECONDS = 20;

/** One aggregation job: what the leader asks of the helper at once. */
export const AGGREGATION_BYTES_MAX: number = 64 * 1024 * 1024;

/** Aggregation jobs that a helper works on at once for its leader, some 16 MiB and a second each. */
export const AGGREGATION_JOBS_AT_ONCE_MAX = 16;

/** Requests a second of collectors, for one task: they wait for people, not for milliseconds. */
export const COLLECTION_REQUESTS_PER_SECOND = 20;

/** Requests that a helper has put aside, of each kind: beyond this the leader is told to come back. */
export const DEFERRED_REQUESTS_MAX = 64;

/** Requests with an aggregation parameter: 65,536 prefixes of 256 bits, twice over. */
export const PARAMETER_REQUEST_BYTES_MAX: number = 4 * 1024 * 1024;

/** Requests without vectors. */
export const SMALL_REQUEST_BYTES_MAX: number = 64 * 1024;

/** Reports of one aggregation job: enough to make its transactions cheap, few enough to redo. */
export const JOB_REPORTS_MAX = 500;

/** Bytes of the reports of one job, for tasks whose reports are large. */
export const JOB_BYTES_MAX: number = 16 * 1024 * 1024;

/** How long a task rests after a job that was not full: nobody notices, and ten jobs a second do. */
export const GATHER_DELAY_MS = 100;

/** Reports that a worker thread verifies at once: some milliseconds of work, a message's worth. */
export const VERIFICATION_REPORTS_MAX = 50;

/** Such pieces of work that wait for a worker: beyond this the peer is told to come back. */
export const VERIFICATION_QUEUE_MAX = 1024;

/** Aggregation jobs of a helper that are not finished: while it is away no more are made. */
export const OPEN_JOBS_MAX = 4;

/** Jobs that the helper has and answers later: they cost a look now and then. */
export const DEFERRED_JOBS_MAX = 16;

/** Answers of the helper that no honest helper gives, until a job is abandoned. */
export const NONSENSE_MAX = 10;

/** How often, and for how long at least, a helper may say that it answers later: until a job is abandoned. */
export const DEFERRAL_COUNT_MAX = 100;
export const DEFERRAL_SECONDS_MAX: number = 7 * 86_400;

/**
 * For how long answers are kept, and tasks after their end: longer than any collector takes, and than
 * a leader or a helper is away.
 */
export const RETENTION_SECONDS: number = 90 * 86_400;

/** Reports that wait are counted so far for whoever asks: 4 ms of 100,000, where all took 60. */
export const PENDING_COUNTED_MAX = 10_000;

/** The same for metrics, which one asks for a few times a minute. */
export const PENDING_MEASURED_MAX = 100_000;

/** Studies in one answer: the newest, and no more of them than fit. */
export const STUDIES_MAX = 1000;
export const STUDIES_BYTES_MAX: number = 16 * 1024 * 1024;

/** Tasks in one answer. */
export const TASKS_MAX = 1000;

/** Collected batches in the description of a task. */
export const COLLECTED_SHOWN_MAX = 100;
