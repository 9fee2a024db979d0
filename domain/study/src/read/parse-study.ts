import { encodeHex } from "@sumus/bytes";
import {
  Cursor,
  Findings,
  isWhole,
  type Problem,
  readLine,
  readOr,
  readWords,
  readYaml,
  type SourceNode,
} from "@sumus/document";
import { checkNoise } from "../check/noise-check.ts";
import {
  IDENTIFIER_CHARACTERS_MAX,
  PURPOSE_CHARACTERS_MAX,
  TITLE_CHARACTERS_MAX,
} from "../limits.ts";
import { algorithmId } from "../manifest.ts";
import type { Study } from "../study.ts";
import { isDidKey } from "./did-key.ts";
import { openParts } from "./open-parts.ts";
import { NO_COMBINE, readCombine } from "./read-combine.ts";
import { checkEligibleAgainst, readEligible } from "./read-eligible.ts";
import { checkMapAgainst, readMap } from "./read-map.ts";
import { readPrivacy } from "./read-privacy.ts";
import { readResult } from "./read-result.ts";
import { readNeeds, readReward } from "./read-terms.ts";
import { readWeights } from "./read-weights.ts";
import { readWindow } from "./read-window.ts";

const FIELDS = [
  "title",
  "purpose",
  "commissioner",
  "needs",
  "map",
  "result",
  "combine",
  "privacy",
  "eligible",
  "window",
  "reward",
];

/** A study with what its author should know, or all that keeps the text from being one. */
export type StudyReading =
  | { readonly ok: true; readonly study: Study; readonly warnings: readonly Problem[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
    };

/**
 * Reads a manifest in YAML or JSON, from anybody: bounded, without aliases, tags or unknown keys.
 * It never throws; all problems come at once, each with its place and remedy.
 */
export function parseStudy(text: string): StudyReading {
  const source = readYaml(text);
  return source.ok
    ? readStudy(source.root)
    : { ok: false, problems: source.problems, warnings: [] };
}

/** Reads a study from a tree, wherever that came from. */
export function readStudy(root: SourceNode): StudyReading {
  const findings = new Findings();
  const study = readFields(new Cursor(root, "", findings));
  const { problems, warnings } = findings;
  return study !== undefined && problems.length === 0
    ? { ok: true, study, warnings }
    : { ok: false, problems, warnings };
}

function readFields(cursor: Cursor): Study | undefined {
  const fields = cursor.fields(FIELDS, "a study");
  if (fields === undefined) return undefined;
  const find = (key: string, remedy: string): Cursor | undefined =>
    cursor.required(fields, key, remedy);
  const title = find("title", "say in a line what is asked");
  const purpose = find("purpose", "say what the answer is for, and who will see it");
  const needs = find("needs", "name collections and columns, such as { visits: [day, place] }");
  const map = find("map", "such as { language: sql, source: SELECT … }");
  const result = find("result", "say what is computed, such as { measures: { people: count } }");
  const privacy = find("privacy", "such as { epsilon: 1, delta: 1e-9, people_min: 100 }");
  const read = {
    title: title && readWords(title, "a title", TITLE_CHARACTERS_MAX),
    purpose: purpose && readWords(purpose, "a purpose", PURPOSE_CHARACTERS_MAX),
    commissioner: readCommissioner(cursor, fields.get("commissioner")),
    needs: needs && readNeeds(needs),
    mapReading: map && readMap(map),
    result: result && readResult(result),
    combine: readOr(fields.get("combine"), NO_COMBINE, readCombine),
    privacyReading: privacy && readPrivacy(privacy),
    eligible: readOr(fields.get("eligible"), null, readEligible),
    windowReading: readOr(fields.get("window"), null, readWindow),
    reward: readOr(fields.get("reward"), null, readReward),
  };
  const { mapReading, privacyReading, windowReading, ...rest } = read;
  if (
    mapReading === undefined ||
    windowReading === undefined ||
    privacyReading === undefined ||
    !isWhole(rest)
  )
    return undefined;
  const weights = readOr(privacyReading.weights ?? undefined, null, (field) =>
    readWeights(
      field,
      rest.result.flatMap(({ measures }) => measures),
    ),
  );
  if (weights === undefined) return undefined;
  const study: Study = {
    ...rest,
    window: windowReading?.window ?? null,
    recurrence: windowReading?.recurrence ?? null,
    map: mapReading.map,
    privacy: { ...privacyReading.privacy, weights },
  };
  if (map !== undefined) checkMapAgainst(map, study.map, study.needs, study.result);
  if (study.eligible !== null) {
    checkEligibleAgainst(fields.get("eligible") ?? cursor, study.eligible, study.needs);
  }
  checkAlgorithm(study, mapReading.algorithm);
  checkNoise(privacy ?? cursor, study);
  warnOfGaps(cursor, study);
  return study;
}

function readCommissioner(parent: Cursor, cursor: Cursor | undefined): string | null | undefined {
  if (cursor === undefined || cursor.node.value === null) {
    parent.warning("no commissioner is named", "add commissioner: did:key:z6Mk…");
    return null;
  }
  const commissioner = readLine(cursor, "a commissioner", IDENTIFIER_CHARACTERS_MAX);
  if (commissioner !== undefined && !isDidKey(commissioner)) {
    const message = "the commissioner is no did:key of an Ed25519 key";
    cursor.warning(message, "people see the text as it is; signatures will need a key");
  }
  return commissioner;
}

function checkAlgorithm(study: Study, claimed: { id: string; cursor: Cursor } | null): void {
  if (claimed === null) return;
  const id = encodeHex(algorithmId(study));
  if (claimed.id === id) return;
  claimed.cursor.problem(
    "expected the id of this map, needs and result, got that of another algorithm",
    `write ${id}, or remove it`,
  );
}

/** Says what a draft leaves open. */
function warnOfGaps(cursor: Cursor, study: Study): void {
  const open = openParts(study);
  if (open.length === 0) return;
  cursor.warning(`left open: ${open.join(", ")}`, "they are filled in before opening");
}
