import { sampleMeasure } from "@sumus/pages/testing";
import { expect, test } from "vitest";
import { sampleStudy } from "../report/sample-result.ts";
import { type Headline, tellHeadline } from "./headline.ts";

const STUDY = sampleStudy({
  measures: [
    sampleMeasure("cabs", { place: "Mission" }, 880, { high: 930 }),
    sampleMeasure("cabs", { place: "Marina" }, 220),
    sampleMeasure("cabs", { place: "Seacliff" }, 4, { suppressed: true }),
  ],
});

function tell(says: string, more: Partial<Headline> = {}): string {
  const headline: Headline = { measure: "cabs", style: "count", says, ...more };
  return tellHeadline(headline, STUDY, (label) => label.toUpperCase());
}

test("places are filled with what the answer says", () => {
  expect(tell("{highest.who} {highest} of {counted}, {Marina} ({Marina.low})")).toBe(
    "MISSION 880 of 900, 220 (210)",
  );
  expect(tell("{Mission.share} and {Mission.others}, {places} places")).toBe(
    "80\u00a0% and 20\u00a0%, 2 places",
  );
});

test("noise lifts no count above everybody there is", () => {
  expect(tell("up to {highest.high}")).toBe("up to 900");
});

test("what is too uncertain to say is not said, and nothing else of the sentence either", () => {
  expect(tell("{highest} and {Seacliff}")).toBe("");
  expect(tell("{lowest.who}")).toBe("MARINA");
});
