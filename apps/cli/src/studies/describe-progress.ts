/** How far a study is, in words. */

import type { StudyProgress } from "@sumus/client";
import { describeMoment } from "./moment.ts";

function count(value: number): string {
  return value.toLocaleString("en");
}

/** `412 of 500 people, closes Friday 21:00` */
export function describeStudyProgress(
  { people, peopleMin, state, opens, closes }: StudyProgress,
  nowSeconds: number,
  timeZone?: string,
): string {
  if (state === "cancelled") return "cancelled: nothing is taken, and nothing was released";
  const at = (time: string): string =>
    describeMoment(Date.parse(time) / 1000, nowSeconds, timeZone);
  const soFar = `${count(people)} of ${count(peopleMin)} people`;
  switch (state) {
    case "waiting to open":
      return `${soFar}, opens ${at(opens)}`;
    case "open":
      return `${soFar}, closes ${at(closes)}`;
    case "closed":
      return `${soFar}, closed ${at(closes)}`;
    case "collected":
      return `${soFar}, collected`;
  }
}

/** Refused reports by reason, of the task that has most: a person sends one to each. */
export function describeRefused({ tasks }: StudyProgress): string {
  const most = new Map<string, number>();
  for (const { refused } of tasks) {
    for (const [reason, reports] of Object.entries(refused)) {
      most.set(reason, Math.max(most.get(reason) ?? 0, reports));
    }
  }
  const parts = Array.from(most, ([reason, reports]) => `${count(reports)} ${reason}`);
  return parts.length === 0 ? "none" : parts.join(", ");
}

/** All that a person wants to know about it. */
export function formatProgress(id: string, progress: StudyProgress, nowSeconds: number): string {
  const pending = Math.max(0, ...progress.tasks.map((task) => task.pending));
  const people = pending === 1 ? "1 person is" : `${count(pending)} people are`;
  return [
    progress.title,
    `study     ${id}`,
    `people    ${describeStudyProgress(progress, nowSeconds)}`,
    `pending   ${pending === 0 ? "none" : `${people} being verified`}`,
    `refused   ${describeRefused(progress)}`,
    `waits for ${progress.trouble ?? "nothing"}`,
  ].join("\n");
}
