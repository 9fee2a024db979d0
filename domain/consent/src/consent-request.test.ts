import { canonicalStudy, completeStudy, decodeStudy, parseStudy } from "@sumus/study";
import { CHOLESTEROL_MANIFEST } from "@sumus/study/testing";
import { expect, test } from "vitest";
import { consentRequest } from "./index.ts";

test("a request says what the study says, and survives the wire", () => {
  const reading = parseStudy(CHOLESTEROL_MANIFEST);
  if (!reading.ok) throw new Error("expected a valid manifest");
  const study = completeStudy(reading.study, {
    leader: "https://leader.example/",
    helper: "https://helper.example/",
    collector: "A".repeat(43),
    population: "test",
    window: { opens: 0, closes: 3600 },
  });
  const request = consentRequest(study);
  expect(request).toMatchObject({
    commissioner: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
    needs: [
      { collection: "demographics", columns: ["RIDAGEYR", "RIAGENDR"] },
      { collection: "lab_total_cholesterol", columns: ["LBXTC"] },
    ],
    epsilon: 1,
    peopleMin: 100,
  });
  expect(consentRequest(decodeStudy(canonicalStudy(study)))).toEqual(request);
});
