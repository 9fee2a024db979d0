/** A worker thread of `verifier.ts`: decrypts and verifies the reports of one job after the other. */
import { helperInitStep, type InitStep, leaderInitStep } from "@sumus/dap";
import { describeError, serveJobs, type WorkerMessage } from "@sumus/runtime";
import { putTogether, type VerificationJob, type VerificationResult } from "./verification-job.ts";

serveJobs<VerificationJob, VerificationResult>((job) =>
  job.role === "leader" ? verify(leaderInitStep, job) : verify(helperInitStep, job),
);

function verify<Item, Outcome>(
  step: InitStep<Item, Outcome>,
  { aggregator: parts, items }: VerificationJob,
): WorkerMessage<VerificationResult> {
  const aggregator = putTogether(parts);
  const unexpected: string[] = [];
  const found = step.verify(aggregator, step.decodeItems(items), (error) =>
    unexpected.push(describeError(error)),
  );
  const outcomes = step.encodeOutcomes(aggregator, [...found]);
  return { message: { outcomes, unexpected }, transfer: [outcomes.buffer] };
}
