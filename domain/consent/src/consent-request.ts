/** What a study asks of a person, as far as rules and budgets decide about it. */
import { encodeHex } from "@sumus/bytes";
import { type CompleteStudy, columnsTold, type Need, seriesId, studyId } from "@sumus/study";

export interface ConsentRequest {
  /** The study's id in lower-case hex. */
  readonly study: string;
  /** The id of the series that it is one occurrence of; null when it stands for itself. */
  readonly series: string | null;
  /** Who asks, as a did:key. */
  readonly commissioner: string;
  readonly purpose: string;
  /** Which columns of which collections the map reads. */
  readonly needs: readonly Need[];
  /** Of which columns taking part tells something, since the study does not admit everybody. */
  readonly tells: readonly Need[];
  readonly epsilon: number;
  readonly peopleMin: number;
}

export function consentRequest(study: CompleteStudy): ConsentRequest {
  const { commissioner, purpose, needs, privacy } = study;
  const { epsilon, peopleMin } = privacy;
  const tells = columnsTold(study);
  const id = encodeHex(studyId(study));
  const whole = seriesId(study);
  const series = whole && encodeHex(whole);
  return { study: id, series, commissioner, purpose, needs, tells, epsilon, peopleMin };
}
