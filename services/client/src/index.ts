/**
 * The asking side of aggregators over HTTP: what DAP's client and collector send, and what operators
 * ask of their own nodes.
 *
 * @module
 */
export { type Collected, type CollectOptions, collect, deleteCollectionJob } from "./collect.ts";
export { collectStudyTask } from "./collect-study.ts";
export { fetchHpkeConfig } from "./hpke-config.ts";
export { NodeError, type NodeErrorCode } from "./node-error.ts";
export { createOperator, type Operator, type TaskSecrets } from "./operator.ts";
export { createPatientHttp, type PatientHttp, type PatientHttpOptions } from "./patient-http.ts";
export { fetchPopulation, type PopulationBudget } from "./population.ts";
export { REQUEST_BYTES_MAX, REQUEST_REPORTS_MAX, sendReports } from "./send-reports.ts";
export { fetchStudyFates } from "./study-fates.ts";
export { fetchStudyProgress, pendingOf, type StudyProgress, verifiedOf } from "./study-progress.ts";
