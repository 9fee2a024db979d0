/** What maps are written in, and how to call it before people. */
import type { CodeLanguage, StudyMap } from "./study.ts";

export type MapLanguage = StudyMap["language"];

export const MAP_LANGUAGES: readonly MapLanguage[] = ["sql", "javascript", "wasm", "wasi", "none"];

export const WHAT_A_SOURCE_IS: Readonly<Record<CodeLanguage, string>> = {
  sql: "a query",
  javascript: "an expression for a function from tables to a row",
  wasm: "a module of WebAssembly in base64",
  wasi: "a module of WebAssembly in base64",
};

/** Such as "a query in SQL": a module can only be read by those who have what it was made from. */
export function describeCode(map: StudyMap): string {
  switch (map.language) {
    case "sql":
      return "a query in SQL";
    case "javascript":
      return "a function in JavaScript";
    case "wasm":
      return `a compiled program (WebAssembly, ${moduleBytes(map.source)} bytes)`;
    case "wasi":
      return `a compiled program (WebAssembly for WASI, ${moduleBytes(map.source)} bytes)`;
    case "none":
      return "none";
  }
}

function moduleBytes(base64: string): string {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return ((base64.length / 4) * 3 - padding).toLocaleString("en");
}
