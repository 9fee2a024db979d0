import type { Json } from "@sumus/document";
import { cellCount, severalOf } from "../lower/group-cells.ts";
import { dimensionJson, measureJson, weightJson } from "../manifest.ts";
import type { Dimension, Measure, NumericColumn, ResultBlock } from "../study.ts";
import { diffNames, diffNumber, diffValue, type StudyChange } from "./study-change.ts";

/** What became of a study's result: measures that came and went, and how the others differ. */
export function diffResults(
  before: readonly ResultBlock[],
  after: readonly ResultBlock[],
): StudyChange[] {
  const [old, now] = [before, after].map(byName);
  const kept = [...(old?.keys() ?? [])].filter((name) => now?.has(name) === true);
  const pairs = new Map<string, readonly [ResultBlock, ResultBlock]>();
  const measures = kept.flatMap((name) => {
    const [left, right] = [old?.get(name), now?.get(name)];
    if (left === undefined || right === undefined) return [];
    pairs.set(`${before.indexOf(left.block)} ${after.indexOf(right.block)}`, [
      left.block,
      right.block,
    ]);
    return diffMeasures(left.measure, right.measure);
  });
  const groups = [...pairs.values()].flatMap(([left, right]) =>
    diffGroups(left.dimensions, right.dimensions),
  );
  const names = diffNames("result.measures", [...(old?.keys() ?? [])], [...(now?.keys() ?? [])]);
  return [...names, ...measures, ...groups];
}

function byName(
  blocks: readonly ResultBlock[],
): ReadonlyMap<string, { readonly block: ResultBlock; readonly measure: Measure }> {
  return new Map(
    blocks.flatMap((block) =>
      block.measures.map((measure) => [measure.name, { block, measure }] as const),
    ),
  );
}

function diffMeasures(before: Measure, after: Measure): StudyChange[] {
  const path = `result.measures.${after.name}`;
  if (isNumeric(before) && isNumeric(after) && before.kind === after.kind) {
    return [
      ...diffValue(`${path}.${after.kind}`, before.column, after.column),
      ...diffValue(`${path}.weight`, ...weightsOf(before, after)),
      ...diffNumber(`${path}.min`, [before.min, after.min], "narrowed"),
      ...diffNumber(`${path}.max`, [before.max, after.max], "widened"),
      ...diffNumber(`${path}.resolution`, [before.resolution, after.resolution], "narrowed"),
    ];
  }
  if (before.kind === "prefixes" && after.kind === "prefixes") {
    const column = diffValue(`${path}.prefixes`, before.column, after.column);
    return [...column, ...diffNames(`${path}.candidates`, before.candidates, after.candidates)];
  }
  if (before.kind === "quantiles" && after.kind === "quantiles" && isSameSpread(before, after)) {
    return diffNames(`${path}.of`, before.of.map(String), after.of.map(String));
  }
  if (before.kind === "histogram" && after.kind === "histogram" && before.column === after.column) {
    return diffNames(`${path}.edges`, before.edges.map(String), after.edges.map(String));
  }
  return diffValue(path, measureJson(before), measureJson(after));
}

function weightsOf(...measures: readonly [Measure, Measure]): readonly [Json, Json] {
  const [before, after] = measures.map((each) =>
    "weight" in each && each.weight !== null ? weightJson(each.weight) : null,
  );
  return [before ?? null, after ?? null];
}

function isNumeric(measure: Measure): measure is Measure & NumericColumn {
  return "resolution" in measure;
}

function isSameSpread(
  left: Measure & { kind: "quantiles" },
  right: Measure & { kind: "quantiles" },
): boolean {
  return left.column === right.column && left.edges.join() === right.edges.join();
}

/** People told apart by more are asked more. */
function diffGroups(before: readonly Dimension[], after: readonly Dimension[]): StudyChange[] {
  const columnsOf = (dimensions: readonly Dimension[]): string[] =>
    dimensions.map(({ column }) => column);
  const kept = after.flatMap((right) => {
    const left = before.find(({ column }) => column === right.column);
    return left === undefined ? [] : diffDimensions(left, right);
  });
  return [...diffNames("result.group", columnsOf(before), columnsOf(after)), ...kept];
}

function diffDimensions(before: Dimension, after: Dimension): StudyChange[] {
  const path = `result.group.${after.column}`;
  const several = diffNumber(
    `${path}.at_most`,
    [severalOf(before) ?? 1, severalOf(after) ?? 1],
    "widened",
  );
  if (before.kind === "domain" && after.kind === "domain") {
    return [...several, ...diffNames(path, before.values.map(String), after.values.map(String))];
  }
  const [left, right] = [before, after].map(cellsJson);
  const [change] = diffValue(path, left ?? null, right ?? null);
  if (change === undefined) return several;
  const cells = [cellCount([before]), cellCount([after])];
  return [...several, { ...change, words: `${change.words} (${cells.join(" and ")} groups)` }];
}

/** A dimension but for how many of its cells a person may be in. */
function cellsJson(dimension: Dimension): ReturnType<typeof dimensionJson> {
  return dimensionJson(dimension.kind === "bands" ? dimension : { ...dimension, atMost: null });
}
