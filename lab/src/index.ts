export { writeReport } from "./report/write-report.ts";
export type {
  LabClaim,
  LabCost,
  LabMeasure,
  LabMeasureKind,
  LabResult,
  LabState,
  LabStudyResult,
  LabTask,
} from "./result.ts";
