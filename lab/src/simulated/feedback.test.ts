import { expect, test } from "vitest";
import { createSeededRandom } from "../town/seeded-random.ts";
import { simulateFeedback } from "./feedback-tables.ts";
import { drawFeedbackUser, TELEMETRY_MODES } from "./feedback-user.ts";

const PEOPLE = 4000;

test("the same seed makes the same people, another seed others", () => {
  const draw = (seed: string): string => JSON.stringify(drawFeedbackUser(createSeededRandom(seed)));
  expect(draw("1")).toBe(draw("1"));
  expect(draw("1")).not.toBe(draw("2"));
});

test("documents have the fields and bounds of KUserFeedback's sources", () => {
  const random = createSeededRandom("users");
  for (let user = 0; user < 500; user++) {
    const { document, telemetryMode } = drawFeedbackUser(random);
    expect(TELEMETRY_MODES).toContain(telemetryMode);
    expect(document.startCount.value).toBeGreaterThanOrEqual(1);
    expect(document.usageTime.value).toBeLessThanOrEqual(document.startCount.value * 600 * 60);
    expect(document.screens.length).toBeGreaterThanOrEqual(1);
    const shares = Object.values(document.tools).map(({ property }) => property);
    const total = shares.reduce((sum, share) => sum + share, 0);
    // Each is rounded to four decimals.
    if (shares.length > 0) expect(Math.abs(total - 1)).toBeLessThan(0.001);
  }
});

test("a scalar is a row, a list a row an item, a map a row an entry", () => {
  const tables = simulateFeedback(PEOPLE, createSeededRandom("tables"));
  const random = createSeededRandom("tables");
  const documents = Array.from({ length: PEOPLE }, () => drawFeedbackUser(random));
  const rows = (name: string): number =>
    [...(tables.find((table) => table.name === name)?.collections.values() ?? [])].reduce(
      (sum, collection) => sum + collection.rows.length,
      0,
    );
  expect(rows("settings")).toBe(PEOPLE);
  expect(rows("startCount")).toBe(PEOPLE);
  const count = (pick: (user: (typeof documents)[number]) => number): number =>
    documents.reduce((sum, user) => sum + pick(user), 0);
  expect(rows("screens")).toBe(count(({ document }) => document.screens.length));
  expect(rows("tools")).toBe(count(({ document }) => Object.keys(document.tools).length));
});

test("shares are those that are stated", () => {
  const random = createSeededRandom("shares");
  const users = Array.from({ length: PEOPLE }, () => drawFeedbackUser(random));
  const share = (holds: (user: (typeof users)[number]) => boolean): number =>
    users.filter(holds).length / PEOPLE;
  // Eight standard deviations of a share of 4,000; the seed is fixed besides.
  const near = (value: number, stated: number): void =>
    expect(Math.abs(value - stated)).toBeLessThan(8 * Math.sqrt(0.25 / PEOPLE));
  near(
    share(({ telemetryMode }) => telemetryMode === "noTelemetry"),
    0.35,
  );
  near(
    share(({ document }) => document.platform.os === "linux"),
    0.7,
  );
  near(
    share(({ document }) => document.startCount.value < 24),
    0.5,
  );
  near(
    share(({ document }) => "text" in document.tools),
    0.24,
  );
});
