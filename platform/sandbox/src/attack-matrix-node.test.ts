/**
 * Which attack is tried in which language, and where one is not, why: held against the conformance
 * suite, and the table in the README against both.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONFORMANCE_MAPS } from "./conformance-maps.ts";

type Language = "sql" | "javascript" | "wasm" | "wasi";
const LANGUAGES: readonly Language[] = ["sql", "javascript", "wasm", "wasi"];

interface Attack {
  readonly attack: string;
  /** Of the suite's maps, in whatever language. */
  readonly maps: readonly string[];
  /** Why a language has none, or which test of the suite tries it by an honest map. */
  readonly instead: Partial<Record<Language, string>>;
}

const MODULES_IMPORT_NOTHING = "imports are refused";

const ATTACKS: readonly Attack[] = [
  {
    attack: "endless loops",
    maps: [
      "an endless loop",
      "an endless loop while it is compiled",
      "an endless loop before its map",
      "an endless loop while it starts",
      "an endless generator",
      "an endless getter",
      "an endless toJSON",
      "an endless error",
      "a search without end",
      "a sort that never agrees",
      "deep loops",
      "a branch to very many places",
      "reading without end",
      "writing nothing without end",
      "writing errors without end",
    ],
    instead: {},
  },
  {
    attack: "memory bombs",
    maps: [
      "a memory bomb",
      "a memory bomb while it is compiled",
      "a memory bomb that catches its errors",
      "memory filled over and over",
      "memory copied over and over",
      "no room for the rows",
      "memory without a maximum",
      "memory beyond the limit",
      "a second memory",
      "very many tables",
      "a huge table",
    ],
    instead: {},
  },
  {
    attack: "string bombs",
    maps: ["a string bomb", "a string bomb by doubling"],
    instead: { wasm: "has no strings", wasi: "has no strings" },
  },
  {
    attack: "deep recursion",
    maps: [
      "deep recursion",
      "deep JSON",
      "deep code",
      "a deep map",
      "deep blocks",
      "queries within queries",
    ],
    instead: {},
  },
  {
    attack: "catastrophic patterns",
    maps: ["a catastrophic pattern", "a deep pattern", "a huge pattern"],
    instead: { wasm: "has no patterns", wasi: "has no patterns" },
  },
  {
    attack: "huge output",
    maps: ["a huge output", "many columns", "writing without end", "an output of many rows"],
    instead: {},
  },
  {
    attack: "malformed output",
    maps: [
      "an infinite number",
      "a number that is none",
      "malformed text",
      "bytes",
      "a column twice",
      "a boolean",
      "a nested row",
      "a bigint",
      "a function",
      "an output outside of its memory",
      "an output far outside",
      "an output that is no JSON",
      "a text for a row",
      "a text without end",
      "a failure",
    ],
    instead: {},
  },
  {
    attack: "prototype tricks",
    maps: ["a prototype", "its own JSON", "its own prototypes", "the constructor of constructors"],
    instead: { sql: "has no objects", wasi: "gives JSON as wasm does" },
  },
  {
    attack: "files, other programs",
    maps: [
      "a file",
      "a file to read",
      "a file to write",
      "a folder",
      "another program",
      "another module",
      "another system",
      "another thread",
      "a function that WASI has not",
    ],
    instead: {},
  },
  {
    attack: "the network",
    maps: ["the network"],
    instead: { sql: "has no function for it", wasm: MODULES_IMPORT_NOTHING },
  },
  {
    attack: "the clock",
    maps: ["the time", "the time by its name", "time to pass"],
    instead: { wasm: MODULES_IMPORT_NOTHING },
  },
  {
    attack: "randomness",
    maps: ["chance", "chance in bytes", "chance without end"],
    instead: { wasm: MODULES_IMPORT_NOTHING },
  },
  {
    attack: "other vaults",
    maps: [
      "another table",
      "another vault",
      "memory that is not its own",
      "data outside of its memory",
    ],
    instead: { wasi: "memory as in wasm; nothing of another person's rows is left" },
  },
  {
    attack: "state between runs",
    maps: [
      "a table that stays",
      "rows that stay",
      "a setting that stays",
      "what a run before counted",
    ],
    instead: {
      javascript: "a counter that stays at 1",
      wasm: "a counter that stays at 1",
      wasi: "a counter that stays at 1",
    },
  },
  {
    attack: "rows in messages",
    maps: [
      "a secret in an error",
      "a secret in the name of a property",
      "a secret in the name of a column",
    ],
    instead: { wasi: "gives JSON as wasm does; standard error is dropped" },
  },
  {
    attack: "what is no map",
    maps: [
      "rubbish",
      "no function",
      "nothing",
      "a zero character",
      "too much of it",
      "a trap",
      "a division by zero",
      "no memory",
      "no map",
      "no beginning",
      "a module of the other kind",
      "results of other types",
      "parameters of other types",
      "vectors",
      "threads",
      "references",
      "calls that leave no frame",
      "the meter's names",
      "text that is no base64",
      "bytes that are no module",
      "another kind of bytes",
    ],
    instead: {},
  },
];

const hostileIn = (language: Language): readonly string[] =>
  CONFORMANCE_MAPS.filter((maps) => maps.language === language).flatMap(({ hostile }) =>
    hostile.map(([name]) => name),
  );

function cellOf({ maps, instead }: Attack, language: Language): string {
  const tried = hostileIn(language).filter((name) => maps.includes(name));
  const why = instead[language];
  return [...tried, ...(why === undefined ? [] : [`*${why}*`])].join("; ");
}

test("every hostile map is one attack, and every attack is named by a map that there is", () => {
  const listed = ATTACKS.flatMap(({ maps }) => maps);
  expect(listed).toEqual([...new Set(listed)]);
  expect(new Set(listed)).toEqual(new Set(LANGUAGES.flatMap(hostileIn)));
});

test("every language tries every attack, or says why not", () => {
  for (const attack of ATTACKS) {
    for (const language of LANGUAGES) {
      expect(cellOf(attack, language), `${attack.attack} in ${language}`).not.toBe("");
    }
  }
});

test("languages that say they keep no state have a map that looks", () => {
  for (const { language, remains, runs } of CONFORMANCE_MAPS) {
    if (language === "none") continue;
    expect(remains).not.toBeNull();
    if (language !== "sql") expect(runs).not.toBeNull();
  }
});

test("the README has the same table", () => {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = [
    line(["attack", ...LANGUAGES.map((language) => `\`${language}\``)]),
    line(["---", ...LANGUAGES.map(() => "---")]),
    ...ATTACKS.map((attack) =>
      line([attack.attack, ...LANGUAGES.map((language) => cellOf(attack, language))]),
    ),
  ];
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8").split("\n");
  const start = readme.indexOf(table[0] ?? "");
  expect(readme.slice(start, start + table.length)).toEqual(table);
});
