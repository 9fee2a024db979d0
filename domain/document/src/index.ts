/**
 * Reading small documents from strangers, YAML or JSON: bounded, plain data alone, and every fault with
 * its place and its remedy.
 *
 * @module
 */
export { readAddress, readX25519Key } from "./address.ts";
export { canonicalJson, type Json } from "./canonical-json.ts";
export { Cursor, Findings } from "./cursor.ts";
export { readJson } from "./json-source.ts";
export { ITEMS_MAX } from "./limits.ts";
export { isWhole, readOr } from "./parts.ts";
export { clip, printable } from "./printable.ts";
export { formatProblem, type Problem } from "./problem.ts";
export { isList, isMapping, type SourceNode } from "./source-node.ts";
export { suggest } from "./suggestion.ts";
export { isPrintable, readLine, readSource, readWords } from "./text.ts";
export { formatTimestamp, readTime } from "./timestamp.ts";
export { readYaml } from "./yaml-source.ts";
