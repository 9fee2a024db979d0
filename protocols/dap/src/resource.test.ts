import { decodeHex } from "@sumus/bytes";
import { describe, expect, test } from "vitest";
import { DapProblem, parseProblemDocument, problemDocument } from "./problem.ts";
import { parseResourcePath, resourcePath } from "./resource.ts";

const taskId = decodeHex("f0163447364ccf1bc0e3affcca6873c9c381f64acdf9020662f83f46c07219e7");
const id = decodeHex("95ceda51e1a9752368b0d961f9466128");
const task = "/tasks/8BY0RzZMzxvA46_8ymhzycOB9krN-QIGYvg_RsByGec";

describe("resources", () => {
  test("have the paths of the draft's example", () => {
    expect(resourcePath({ kind: "aggregationJobs", taskId, id })).toBe(
      `${task}/aggregation_jobs/lc7aUeGpdSNosNlh-UZhKA`,
    );
    expect(resourcePath({ kind: "hpkeConfig" })).toBe("/hpke_config");
  });

  test("are read back from their paths", () => {
    const resources = [
      { kind: "hpkeConfig" },
      { kind: "reports", taskId },
      { kind: "collectionJobs", taskId },
      { kind: "collectionJobs", taskId, id },
      { kind: "aggregateShares", taskId, id },
    ] as const;
    for (const resource of resources) {
      expect(parseResourcePath(resourcePath(resource))).toEqual(resource);
    }
  });

  test("are no other paths", () => {
    const paths = [
      "",
      "/",
      "/hpke_config/",
      "/tasks",
      task,
      `${task}/`,
      `${task}/reports/lc7aUeGpdSNosNlh-UZhKA`,
      `${task}/reports/`,
      `${task}/other`,
      `${task}/aggregation_jobs/lc7aUeGpdSNosNlh-UZhK`,
      `${task}/aggregation_jobs/lc7aUeGpdSNosNlh-UZhKA/x`,
      `${task}=/reports`,
      `${task.slice(0, -1)}/reports`,
      `${task.slice(0, -1)}d/reports`,
      `/x${task}/reports`,
    ];
    for (const path of paths) expect(parseResourcePath(path)).toBeUndefined();
  });
});

describe("problem documents", () => {
  test("carry the draft's type, a detail and a remedy", () => {
    const problem = new DapProblem("unsupportedExtension", "expected none, got 23 and 42", {
      unsupportedExtensions: [23, 42],
    });
    expect(problemDocument(problem, taskId)).toEqual({
      type: "urn:ietf:params:ppm:dap:error:unsupportedExtension",
      title: "An extension is not known here",
      status: 400,
      detail: "expected none, got 23 and 42",
      remedy: "Leave out the extensions that the document lists.",
      taskid: "8BY0RzZMzxvA46_8ymhzycOB9krN-QIGYvg_RsByGec",
      unsupported_extensions: [23, 42],
    });
    expect(problem.status).toBe(400);
  });

  test("are read back as problems", () => {
    const document = problemDocument(new DapProblem("batchOverlap", "why"));
    const parsed = parseProblemDocument(JSON.parse(JSON.stringify(document)));
    expect([parsed?.type, parsed?.detail]).toEqual(["batchOverlap", "why"]);
  });

  test("are not what else a body may hold", () => {
    const bodies = [
      undefined,
      null,
      7,
      "text",
      [],
      {},
      { type: 7 },
      { type: "about:blank" },
      { type: "urn:ietf:params:ppm:dap:error:toString" },
      { type: "urn:ietf:params:ppm:dap:error:other" },
    ];
    for (const body of bodies) expect(parseProblemDocument(body)).toBeUndefined();
    const long = { type: "urn:ietf:params:ppm:dap:error:batchInvalid", detail: "x".repeat(9999) };
    expect(parseProblemDocument(long)?.detail).toHaveLength(500);
  });
});
