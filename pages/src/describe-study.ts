import { encodeHex } from "@sumus/bytes";
import { checkStudy, describeConsent, disclosures, type Study, studyId } from "@sumus/study";
import type { MapSource, MeasureKind, StudyDescription } from "./answer.ts";

/** What the manifest alone says about a study, for those who read its answer. */
export function describeStudy(study: Study): StudyDescription {
  const { epsilon, delta, peopleMin } = study.privacy;
  const report = checkStudy(study);
  const kinds = study.result.flatMap(({ measures }) =>
    measures.map(({ name, kind }): [string, MeasureKind] => [name, kind]),
  );
  return {
    id: encodeHex(studyId(study)),
    title: study.title,
    purpose: study.purpose,
    epsilon,
    delta,
    rho: report.rho,
    population: study.privacy.population,
    peopleMin,
    cellsPerPerson: cellsPerPerson(study),
    consent: describeConsent(study),
    disclosures: disclosures(study),
    needs: Object.fromEntries(study.needs.map(({ collection, columns }) => [collection, columns])),
    measureKinds: Object.fromEntries(kinds),
    maps: mapsOf(study),
    tasks: report.tasks.map(({ purpose, encoding, reason, reportBytes, sigmaNode }) => ({
      purpose,
      encoding,
      reason,
      reportBytes,
      sigma: sigmaNode,
    })),
    bytesPerPerson: report.uploadBytes,
  };
}

/** `at_most` of the dimension in which a person may have several values. */
function cellsPerPerson({ result }: Study): number | null {
  const several = result.flatMap(({ dimensions }) =>
    dimensions.flatMap((dimension) => (dimension.kind === "bands" ? [] : (dimension.atMost ?? []))),
  );
  return several.length === 0 ? null : Math.max(...several);
}

function mapsOf({ result }: Study): MapSource[] {
  return result.flatMap(({ dimensions, measures }) => {
    const [dimension, second] = dimensions;
    // Cells of several dimensions would lie on top of each other.
    if (dimension === undefined || second !== undefined) return [];
    if (dimension.kind !== "geohash" && dimension.kind !== "h3") return [];
    return measures
      .filter(({ kind }) => kind === "count")
      .map(({ name }) => ({ measure: name, dimension: dimension.column }));
  });
}
