import { unreachable } from "@sumus/assert";
import { encodeUtf8 } from "@sumus/bytes";
import { sha256 } from "@sumus/crypto";
import { canonicalJson, formatTimestamp, type Json } from "@sumus/document";
import type {
  Condition,
  Dimension,
  Eligibility,
  Measure,
  Need,
  PersonWeight,
  Recurrence,
  ResultBlock,
  Study,
  StudyMap,
} from "./study.ts";

/**
 * The canonical JSON of a study (RFC 8785): what is sent, hashed and signed. Every shorthand is
 * written out and every default filled in, so that studies with the same meaning have the same text.
 */
export function canonicalStudy(study: Study): string {
  return canonicalJson(manifestOf(study));
}

/** The id of a study: SHA-256 of its canonical JSON, 32 bytes. */
export function studyId(study: Study): Uint8Array {
  return sha256(encodeUtf8(canonicalStudy(study)));
}

/**
 * The id of a study's algorithm: SHA-256 of the canonical JSON of {language, source, needs, result},
 * 32 bytes. Studies that differ in who asks, when, and at what epsilon share it.
 */
export function algorithmId(study: Pick<Study, "map" | "needs" | "result">): Uint8Array {
  const algorithm = {
    ...mapOf(study.map),
    needs: needsOf(study.needs),
    result: resultOf(study.result),
  };
  return sha256(encodeUtf8(canonicalJson(algorithm)));
}

/** The manifest as plain data, in its long form. What is null in the study is left out. */
function manifestOf(study: Study): Json {
  const { combine, privacy, eligible, window, recurrence, reward } = study;
  return {
    title: study.title,
    purpose: study.purpose,
    ...optional("commissioner", study.commissioner),
    needs: needsOf(study.needs),
    map: mapOf(study.map),
    result: resultOf(study.result),
    combine: {
      protocol: combine.protocol,
      ...optional("leader", combine.leader),
      ...optional("helper", combine.helper),
      ...optional("collector", combine.collector),
    },
    privacy: {
      ...optional("population", privacy.population),
      epsilon: privacy.epsilon,
      delta: privacy.delta,
      people_min: privacy.peopleMin,
      ...(privacy.weights === null ? {} : { weights: Object.fromEntries(privacy.weights) }),
    },
    ...(eligible === null ? {} : { eligible: eligibleJson(eligible) }),
    ...(window === null
      ? {}
      : {
          window: {
            opens: formatTimestamp(window.opens),
            closes: formatTimestamp(window.closes),
            ...(recurrence === null ? {} : recurrenceJson(recurrence)),
          },
        }),
    ...(reward === null ? {} : { reward: { credits: reward.credits } }),
  };
}

function recurrenceJson({ every, times, occurrence }: Recurrence): Readonly<Record<string, Json>> {
  return { every, times, ...(occurrence === null ? {} : { occurrence }) };
}

export function eligibleJson({ issuers, attributes, where }: Eligibility): Json {
  const proven = { issuers, attributes: Object.fromEntries(attributes) };
  if (where.length === 0) return proven;
  const held = where.map(({ collection, conditions }) => {
    const named = conditions.map((condition) => [condition.column, conditionJson(condition)]);
    return [collection, Object.fromEntries(named)];
  });
  return { ...proven, where: Object.fromEntries(held) };
}

function conditionJson(condition: Condition): Json {
  if (condition.kind === "values") return condition.values;
  const { min, max } = condition;
  return { ...(min === null ? {} : { min }), ...(max === null ? {} : { max }) };
}

function optional(key: string, value: string | null): { readonly [key: string]: string } {
  return value === null ? {} : { [key]: value };
}

export function needsOf(needs: readonly Need[]): Json {
  return Object.fromEntries(needs.map(({ collection, columns }) => [collection, columns]));
}

function mapOf(map: StudyMap): { readonly [key: string]: Json } {
  return map.language === "none"
    ? { language: map.language }
    : { language: map.language, source: map.source };
}

/** One block stands for itself; several are a list. */
function resultOf(blocks: readonly ResultBlock[]): Json {
  const [block, ...more] = blocks;
  return block !== undefined && more.length === 0 ? blockOf(block) : blocks.map(blockOf);
}

function blockOf({ dimensions, measures }: ResultBlock): Json {
  const group = dimensions.map((dimension) => [dimension.column, dimensionJson(dimension)]);
  return {
    ...(group.length === 0 ? {} : { group: Object.fromEntries(group) }),
    measures: Object.fromEntries(measures.map((measure) => [measure.name, measureJson(measure)])),
  };
}

export function dimensionJson(dimension: Dimension): Json {
  switch (dimension.kind) {
    case "domain": {
      const { values, atMost } = dimension;
      return atMost === null ? values : { values, at_most: atMost };
    }
    case "bands": {
      const bands = dimension.bands.map(({ label, low, high }) => [label, [low, high]]);
      return { bands: Object.fromEntries(bands) };
    }
    case "geohash": {
      const { precision, area, atMost } = dimension;
      const { south, west, north, east } = area;
      const cells = { geohash: precision, area: [south, west, north, east] };
      return atMost === null ? cells : { ...cells, at_most: atMost };
    }
    case "h3": {
      const { resolution, area, atMost } = dimension;
      const { south, west, north, east } = area;
      const cells = { h3: resolution, area: [south, west, north, east] };
      return atMost === null ? cells : { ...cells, at_most: atMost };
    }
    default:
      return unreachable(dimension);
  }
}

/** Of people who count once, nothing. */
export function weightJson(weight: PersonWeight | null): { readonly [key: string]: Json } {
  if (weight === null) return {};
  const { column, max, resolution } = weight;
  return { weight: column, weight_max: max, weight_resolution: resolution };
}

export function measureJson(measure: Measure): Json {
  switch (measure.kind) {
    case "count":
      return "count";
    case "sum":
    case "variance":
    case "deviation": {
      const { kind, column, min, max, resolution } = measure;
      return { [kind]: column, min, max, resolution };
    }
    case "mean": {
      const { column, min, max, resolution, weight } = measure;
      return { mean: column, min, max, resolution, ...weightJson(weight) };
    }
    case "share":
      return { share: measure.column, of: measure.of, ...weightJson(measure.weight) };
    case "histogram":
      return { histogram: measure.column, edges: measure.edges };
    case "quantiles":
      return { quantiles: measure.column, of: measure.of, edges: measure.edges };
    case "prefixes":
      return { prefixes: measure.column, candidates: measure.candidates };
    default:
      return unreachable(measure);
  }
}
