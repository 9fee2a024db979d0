/** Real controls on the real clock, some tens of milliseconds each. */
import { describe, expect, it } from "vitest";
import { controlSubjects } from "./controls.ts";
import { T_MAX } from "./cropped-test.ts";
import { runExperiment } from "./experiment.ts";

const MILLISECONDS = 150;
/** A null control gets beyond this a few times in a billion runs. */
const T_NEVER = 6;

describe("controls", () => {
  const controls = [...controlSubjects()];

  it("are there in both kinds", () => {
    expect(new Set(controls.map(({ kind }) => kind))).toEqual(
      new Set(["positive control", "null control"]),
    );
  });

  it.each(controls.filter(({ kind }) => kind === "positive control"))("detects: $name", (leak) => {
    expect(Math.abs(runExperiment(leak, MILLISECONDS).t)).toBeGreaterThan(T_MAX);
  });

  it.each(controls.filter(({ kind }) => kind === "null control"))("passes: $name", (alike) => {
    expect(Math.abs(runExperiment(alike, MILLISECONDS).t)).toBeLessThan(T_NEVER);
  });
});
