/**
 * Standing rules of a person. A rule names what it is about; what it leaves out, it does not care
 * for. Rules are plain values: they can be stored, shown and sent to another device.
 *
 * @module
 */

/** What a rule is about. */
interface RuleScope {
  /** The person's own name for it, quoted in reasons. */
  readonly name: string;
  /**
   * Ids of studies in lower-case hex, or of series, for all their occurrences: the answer of a person who
   * was asked.
   */
  readonly studies?: readonly string[];
  /** As did:key. */
  readonly commissioners?: readonly string[];
  /** Texts of which the stated purpose must contain one, in any case of letters. */
  readonly purposes?: readonly string[];
  /**
   * Columns by collection, `"*"` for all of a collection. An allowing rule covers a study that
   * reads nothing else; a denying rule meets a study that reads any of these.
   */
  readonly reads?: Readonly<Record<string, readonly string[] | "*">>;
}

/** No study that it meets is taken part in, whatever other rules say. */
export interface DenyingRule extends RuleScope {
  readonly effect: "deny";
}

/** The vault takes part by itself (`allow`), or the person is asked each time (`ask`). */
export interface AllowingRule extends RuleScope {
  readonly effect: "allow" | "ask";
  /**
   * Columns of which taking part may tell something, as studies that do not admit everybody make it.
   * A rule that allows without naming the study covers none that tells more; left out, none at all.
   */
  readonly tells?: Readonly<Record<string, readonly string[] | "*">>;
  /** The most that one study may ask for. */
  readonly epsilonMax?: number;
  /** The fewest people among whom the answer is given. */
  readonly peopleMin?: number;
}

export type ConsentRule = AllowingRule | DenyingRule;
