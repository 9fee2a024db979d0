/** What a study asks of a person, as far as rules and budgets decide about it. */
import { encodeHex } from "@sumus/bytes";
import { type CompleteStudy, columnsTold, type Need, studyId } from "@sumus/study";

export interface ConsentRequest {
  /** The study's id in lower-case hex. */
  readonly study: string;
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
  return { study: id, commissioner, purpose, needs, tells, epsilon, peopleMin };
}
