import { parseStudy } from "@sumus/study";
import { manifestWith } from "@sumus/study/testing";
import { expect, test } from "vitest";
import { checkProvable } from "./needs.ts";

function studyWith(eligible: string): Parameters<typeof checkProvable>[0] {
  const reading = parseStudy(manifestWith({ eligible }));
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join("; "));
  return reading.study;
}

test("a study that wants issuers or attributes is refused before anything is started", () => {
  const study = studyWith("{ attributes: { region: [CA] } }");
  expect(() => checkProvable(study)).toThrow("cannot prove them");
  expect(() => checkProvable({ ...study, eligible: null })).not.toThrow();
  const held = studyWith("{ where: { census: { age: { min: 18 } } } }");
  expect(() => checkProvable(held)).not.toThrow();
});
