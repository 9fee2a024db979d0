/** The names in quickjs-names.ts belong to one build; this is that build, and these its names. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { FUNCTION_NAMES } from "./quickjs-names.ts";

const { resolve } = createRequire(import.meta.url);
const binary = readFileSync(resolve("@jitl/quickjs-wasmfile-release-sync/wasm"));
const loader = readFileSync(
  resolve("@jitl/quickjs-wasmfile-release-sync/emscripten-module").replace(".cjs", ".mjs"),
  "utf8",
);

/** What the loader calls them; null where it keeps them to itself. */
const LOADER_NAMES: Readonly<Record<keyof typeof FUNCTION_NAMES, string | null>> = {
  construct: null,
  malloc: "_malloc",
  setMaxStackSize: "_QTS_RuntimeSetMaxStackSize",
  getUndefined: "_QTS_GetUndefined",
  newRuntime: "_QTS_NewRuntime",
  newContext: "_QTS_NewContext",
  newString: "_QTS_NewString",
  getString: "_QTS_GetString",
  call: "_QTS_Call",
  resolveException: "_QTS_ResolveException",
  evaluate: "_QTS_Eval",
  typeOf: "_QTS_Typeof",
  stackRestore: null,
  stackGet: null,
};

test("the build is the one that was examined", () => {
  expect(createHash("sha256").update(binary).digest("hex")).toMatchInlineSnapshot(
    `"105c3bed22d457e43e3d1c3c1c6959fda62a8fe06f0fc8a985303c3a2be72232"`,
  );
});

test.each(Object.entries(LOADER_NAMES))("%s is exported by its name", (name, known) => {
  if (known === null) return;
  expect(loader).toMatch(
    new RegExp(
      `d\\.${known}=\\s*b\\.${FUNCTION_NAMES[name as keyof typeof LOADER_NAMES].replace("$", "\\$")};`,
    ),
  );
});
