import type { StudyProgress } from "@sumus/client";
import { expect, test } from "vitest";
import { describeRefused, describeStudyProgress } from "./describe-progress.ts";

const NOW = Date.parse("2026-10-06T12:00:00Z") / 1000;

const progress = (changes: Partial<StudyProgress>): StudyProgress => ({
  title: "Walks",
  state: "open",
  opens: "2026-10-01T00:00:00Z",
  closes: "2026-10-09T21:00:00Z",
  people: 412,
  peopleMin: 500,
  trouble: null,
  tasks: [],
  ...changes,
});

test("a study says how many people it has, and until when", () => {
  const said = (changes: Partial<StudyProgress>): string =>
    describeStudyProgress(progress(changes), NOW, "UTC");
  expect(said({})).toBe("412 of 500 people, closes Friday 21:00");
  expect(said({ closes: "2026-11-09T21:00:00Z" })).toBe(
    "412 of 500 people, closes 9 November 2026, 21:00",
  );
  expect(said({ people: 1500, state: "closed", closes: "2026-10-06T11:59:30Z" })).toBe(
    "1,500 of 500 people, closed Tuesday 12:00",
  );
  expect(said({ state: "waiting to open", opens: "2026-10-07T06:00:00Z" })).toBe(
    "412 of 500 people, opens Wednesday 06:00",
  );
  expect(said({ state: "cancelled" })).toContain("cancelled");
});

test("who is refused in every task is counted once", () => {
  const task = (refused: Record<string, number>) => ({ accepted: 1, pending: 0, refused });
  const tasks = [task({ report_replayed: 2 }), task({ report_replayed: 3, batch_collected: 1 })];
  expect(describeRefused(progress({ tasks }))).toBe("3 report_replayed, 1 batch_collected");
  expect(describeRefused(progress({}))).toBe("none");
});
