/** The names in sqlite-exports.ts belong to one build; this is that build, and these its names. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { FUNCTION_NAMES } from "./sqlite-exports.ts";

const { resolve } = createRequire(import.meta.url);
const loader = readFileSync(resolve("wa-sqlite/dist/wa-sqlite.mjs"), "utf8");
const binary = readFileSync(resolve("wa-sqlite/dist/wa-sqlite.wasm"));

/** Names that the loader knows by another one than SQLite's, or keeps to itself. */
const OTHER_NAMES: Readonly<Record<string, string | null>> = {
  construct: null,
  main: "_main",
  stackSave: null,
  stackRestore: null,
  getTempRet0: null,
  getSqliteFree: "_getSqliteFree",
  registerExtensionFunctions: "_RegisterExtensionFunctions",
  setAuthorizer: "_set_authorizer",
  createFunction: "_create_function",
  progressHandler: "_progress_handler",
};

test("the build is the one that was examined", () => {
  expect(createHash("sha256").update(binary).digest("hex")).toMatchInlineSnapshot(
    `"5384bc7d80d7981c2516f3ad6b02d886629985d178e5037e765d655f440bbf9f"`,
  );
});

test.each(Object.entries(FUNCTION_NAMES))("%s is exported as %s", (name, short) => {
  const snake = name.replace(/[A-Z]+/g, (part) => `_${part.toLowerCase()}`);
  const known = name in OTHER_NAMES ? OTHER_NAMES[name] : `_sqlite3_${snake}`;
  if (known === null || known === undefined) return;
  expect(loader.includes(`f.${known}=Z.${short})`)).toBe(true);
});
