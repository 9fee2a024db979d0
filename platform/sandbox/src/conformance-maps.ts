/** Maps for the conformance suite: in each language, honest ones and those that mean harm. */
import type { MapLanguage, MapRefusal } from "./map-run.ts";
import {
  ALLOCATE,
  assemble,
  type Code,
  call,
  drop,
  finish,
  forever,
  i32,
  i64,
  load,
  load8,
  local,
  op,
  packed,
  store,
  store8,
  type TestModule,
  unreachable,
  when,
} from "./wasm/testing.ts";

/** What is done, the map that does it, what becomes of it, and a part of what is said. */
type HostileMap = readonly [name: string, source: string, reason: MapRefusal, words: string];

export interface LanguageMaps {
  readonly language: MapLanguage;
  /** The one row of the table `person`, as it is; no row when there is none. */
  readonly theRow: string;
  /** Steps that it takes on one row of an age and a sex: equal on every platform. */
  readonly theRowSteps: number;
  /** A row `{ n }` that counts how often the map ran, as far as the map can tell. */
  readonly runs: string | null;
  /** What an earlier run may have left where this one can look, as a text; or null. */
  readonly remains: string | null;
  /** A row `{ t }` with whatever the language has for the time and for chance. */
  readonly timeAndChance: string | null;
  readonly hostile: readonly HostileMap[];
}

const TOO_LONG = "the map ran too long: 2,000,000 steps allowed";
const TOO_MUCH = "too much memory: 32 MiB allowed";
const TOO_DEEP = "nests too deeply";

const sql: LanguageMaps = {
  language: "sql",
  theRow: "SELECT * FROM person",
  theRowSteps: 0,
  runs: null,
  remains: "SELECT group_concat(sex) AS t FROM person",
  timeAndChance: null,
  hostile: [
    [
      "an endless loop",
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) AS n FROM c",
      "outOfFuel",
      TOO_LONG,
    ],
    [
      "a memory bomb",
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000000) SELECT max(x) AS m FROM (SELECT printf('%4000d', x) AS s, x FROM c ORDER BY s)",
      "outOfMemory",
      TOO_MUCH,
    ],
    [
      "a string bomb",
      "WITH RECURSIVE d(s) AS (SELECT 'a' UNION ALL SELECT s || s FROM d) SELECT max(length(s)) AS n FROM d",
      "outOfMemory",
      "262,144 bytes allowed",
    ],
    ["deep recursion", `SELECT ${"1+".repeat(60_000)}1 AS n`, "outOfMemory", TOO_DEEP],
    [
      "a huge output",
      "WITH RECURSIVE d(s) AS (SELECT 'a' UNION ALL SELECT s || s FROM d LIMIT 18) SELECT max(s) AS s FROM d",
      "outputInvalid",
      "65,536 bytes",
    ],
    ["an output of many rows", "SELECT 1 AS n UNION SELECT 2", "outputInvalid", "got several"],
    ["an infinite number", "SELECT 9e999 AS n", "outputInvalid", "finite"],
    ["malformed text", "SELECT CAST(x'ff' AS TEXT) AS t", "outputInvalid", "malformed"],
    ["bytes", "SELECT x'00' AS t", "outputInvalid", "bytes (a BLOB)"],
    ["a column twice", "SELECT 1 AS n, 2 AS n", "outputInvalid", "of different names"],
    [
      "many columns",
      `SELECT ${Array.from({ length: 65 }, (_, index) => `${index} AS c${index}`).join()}`,
      "outputInvalid",
      "64 columns",
    ],
    ["a huge pattern", `SELECT 'a' LIKE '${"%a".repeat(1000)}' AS n`, "mapFailed", "too complex"],
    [
      "queries within queries",
      `SELECT 1 AS n WHERE ${"EXISTS (SELECT 1 WHERE ".repeat(2000)} 1 ${")".repeat(2000)}`,
      "mapInvalid",
      "stack overflow",
    ],
    ["another table", "SELECT * FROM sqlite_schema", "mapForbidden", "not among its tables"],
    ["another vault", "SELECT * FROM other.person", "mapInvalid", "no such table"],
    ["a file", "ATTACH 'person.db' AS p", "mapForbidden", "ATTACH"],
    ["a file to read", "SELECT readfile('/etc/passwd') AS t", "mapInvalid", "no such function"],
    ["a file to write", "VACUUM INTO 'person.db'", "mapInvalid", "another kind of statement"],
    ["another program", "SELECT load_extension('x') AS n", "mapInvalid", "no such function"],
    ["a table that stays", "CREATE TEMP TABLE t AS SELECT 1", "mapForbidden", "change the tables"],
    ["rows that stay", "INSERT INTO person VALUES (1, 'x')", "mapForbidden", "insert rows"],
    ["a setting that stays", "PRAGMA user_version = 7", "mapForbidden", "PRAGMA"],
    ["what a run before counted", "SELECT total_changes() AS n", "mapForbidden", "total_changes"],
    ["the time", "SELECT date('now') AS d", "mapForbidden", "the time"],
    ["the time by its name", "SELECT CURRENT_TIMESTAMP AS t", "mapForbidden", "no clock"],
    ["chance", "SELECT random() AS r", "mapForbidden", "no randomness"],
    ["chance in bytes", "SELECT hex(randomblob(8)) AS t", "mapForbidden", "no randomness"],
    ["rubbish", "SELEC 1", "mapInvalid", "syntax error"],
    [
      "a secret in an error",
      "SELECT json_extract('{}', 'SECRET' || age) AS n FROM person",
      "mapFailed",
      "the map failed on these rows",
    ],
  ],
};

const javascript: LanguageMaps = {
  language: "javascript",
  theRow: "({ person: [row] }) => row",
  theRowSteps: 186,
  runs: "globalThis.n = 0; Array.prototype.n = 0; () => ({ n: ++globalThis.n + Array.prototype.n++ })",
  remains: "({ person }) => ({ t: [globalThis.left ?? '', globalThis.left = person[0]?.sex][0] })",
  timeAndChance:
    "() => ({ t: [typeof Date, typeof Math.random, typeof performance, typeof Atomics, typeof SharedArrayBuffer, typeof WeakRef].join() })",
  hostile: [
    ["an endless loop", "() => { for (;;); }", "outOfFuel", TOO_LONG],
    ["an endless loop while it is compiled", "for (;;); () => null", "outOfFuel", TOO_LONG],
    [
      "an endless generator",
      "() => [...(function* () { for (;;) yield 0; })()]",
      "outOfFuel",
      TOO_LONG,
    ],
    ["an endless getter", "() => ({ get n() { for (;;); } })", "outOfFuel", TOO_LONG],
    ["an endless toJSON", "() => ({ toJSON() { for (;;); } })", "outOfFuel", TOO_LONG],
    ["an endless error", "() => { throw { toString() { for (;;); } }; }", "outOfFuel", TOO_LONG],
    [
      "a search without end",
      "() => [].indexOf.call({ length: 2 ** 53 - 1 }, 1)",
      "outOfFuel",
      TOO_LONG,
    ],
    [
      "a catastrophic pattern",
      "() => ({ n: /^(a+)+$/.test('a'.repeat(40) + 'b') })",
      "outOfFuel",
      TOO_LONG,
    ],
    [
      "a sort that never agrees",
      "() => Array.from({ length: 1e6 }, (_, i) => i).sort(() => 1)",
      "outOfFuel",
      TOO_LONG,
    ],
    [
      "a memory bomb",
      "() => { const all = []; for (;;) all.push(new Uint8Array(1e5)); }",
      "outOfMemory",
      TOO_MUCH,
    ],
    [
      "a memory bomb while it is compiled",
      "const all = []; for (let i = 0; i < 200; i++) all.push(new Uint8Array(1e5).fill(1)); () => null",
      "outOfMemory",
      "before it sees a row: 6 MiB allowed",
    ],
    [
      "a memory bomb that catches its errors",
      "() => { const all = []; for (;;) { try { all.push(new Uint8Array(1e5)); } catch {} } }",
      "outOfFuel",
      TOO_LONG,
    ],
    ["a string bomb", "() => ({ n: 'x'.repeat(2 ** 29).length })", "outOfMemory", TOO_MUCH],
    [
      "a string bomb by doubling",
      "() => { let s = 'x'; for (;;) s += s; }",
      "mapFailed",
      "string too long",
    ],
    [
      "deep recursion",
      "() => { const f = () => f() + 1; return { n: f() }; }",
      "outOfMemory",
      TOO_DEEP,
    ],
    ["deep JSON", "() => JSON.parse('['.repeat(1e6))", "outOfMemory", TOO_DEEP],
    ["deep code", "() => eval('('.repeat(1e5))", "outOfMemory", TOO_DEEP],
    ["a deep map", `() => ${"(".repeat(50_000)}1${")".repeat(50_000)}`, "outOfMemory", TOO_DEEP],
    ["a deep pattern", "() => new RegExp('('.repeat(1e5))", "mapFailed", "failed on these rows"],
    ["a huge output", "() => ({ t: 'x'.repeat(1e5) })", "outputInvalid", "65,536 bytes"],
    [
      "many columns",
      "() => Object.fromEntries(Array.from({ length: 65 }, (_, i) => ['c' + i, 1]))",
      "outputInvalid",
      "64 columns",
    ],
    ["an output of many rows", "() => [{ n: 1 }, { n: 2 }]", "outputInvalid", "got a list"],
    ["an infinite number", "() => ({ n: 1 / 0 })", "outputInvalid", "in column 1"],
    ["a number that is none", "() => ({ n: NaN })", "outputInvalid", "in column 1"],
    ["a boolean", "() => ({ n: true })", "outputInvalid", "true or false in column 1"],
    ["a nested row", "() => ({ n: { m: 1 } })", "outputInvalid", "an object in column 1"],
    [
      "a prototype",
      '() => JSON.parse(\'{"__proto__":{"n":1}}\')',
      "outputInvalid",
      "an object in column 1",
    ],
    ["a bigint", "() => ({ n: 1n })", "mapFailed", "failed on these rows"],
    ["a function", "() => () => 1", "outputInvalid", "as JSON"],
    [
      "its own JSON",
      "JSON.stringify = () => 'not'; JSON.parse = () => ({}); Object.prototype.toJSON = () => 'not a row'; () => ({ n: 1 })",
      "outputInvalid",
      "a string",
    ],
    [
      "its own prototypes",
      "Object.prototype.__defineSetter__('n', () => { throw 1; }); Function.prototype.call = null; ({ person }) => person.none.n",
      "mapFailed",
      "of undefined",
    ],
    [
      "the constructor of constructors",
      "() => (() => {}).constructor('return process')().env",
      "mapFailed",
      "not defined",
    ],
    ["a file", "() => require('fs')", "mapFailed", "not defined"],
    ["the network", "() => fetch('https://example.org')", "mapFailed", "not defined"],
    ["another program", "() => new WebAssembly.Module()", "mapFailed", "not defined"],
    ["another module", "import fs from 'fs'; () => 1", "mapInvalid", "SyntaxError"],
    ["another vault", "() => globalThis.vaults.other", "mapFailed", "of undefined"],
    ["time to pass", "() => setTimeout(() => {}, 1)", "mapFailed", "not defined"],
    ["chance in bytes", "() => crypto.randomUUID()", "mapFailed", "not defined"],
    ["another thread", "() => new Worker('x')", "mapFailed", "not defined"],
    ["the time", "() => ({ n: Date.now() })", "mapFailed", "not defined"],
    ["chance", "() => ({ n: Math.random() })", "mapFailed", "not a function"],
    ["rubbish", "1 +", "mapInvalid", "SyntaxError"],
    ["no function", "({ n: 1 })", "mapInvalid", "got object"],
    ["nothing", "", "mapInvalid", "got undefined"],
    ["a zero character", "() => 1\0", "mapInvalid", "zero character"],
    ["too much of it", `() => "${"x".repeat(140_000)}"`, "mapInvalid", "131,072"],
    [
      "a secret in an error",
      "({ person: [row] }) => { throw new Error('SECRET' + row.age); }",
      "mapFailed",
      "an error of its own",
    ],
    [
      "a secret in the name of a property",
      "({ person: [row] }) => row.none['SECRET' + row.age]",
      "mapFailed",
      "cannot read property of undefined",
    ],
    [
      "a secret in the name of a column",
      "({ person: [row] }) => ({ ['SECRET' + row.age]: true })",
      "outputInvalid",
      "true or false in column 1",
    ],
  ],
};

/** `{"person":[` and `]}` stand around the one row. */
const [BEFORE, AROUND] = [11, 13];
const MEMORY = [1, 2] as const;
const map = (code: Code): TestModule => ({
  functions: { ...ALLOCATE, map: ["ii>I", code] },
  memory: MEMORY,
});
/** A module whose map says a text that stands in its memory at 64. */
const says = (text: string, before: Code = []): TestModule => ({
  ...map([before, packed(i32(64), i32(text.length))]),
  data: [[64, text]],
});
const repeat = (times: number, code: Code): Code => Array.from({ length: times }, () => code);
/** One more in the digit behind `{"n":`. */
const countUp = store8(69, [load8(69), i32(1), op.i32Add]);

const modules: Record<string, string> = Object.fromEntries(
  Object.entries<TestModule>({
    nests: {
      functions: {
        ...ALLOCATE,
        map: [
          "ii>I",
          [
            when([i32(1500), call(2), i32(1500), op.i32Subtract], unreachable),
            packed(i32(64), i32(7)),
          ],
        ],
        dig: [
          "i>i",
          [
            when([local(0), op.i32IsZero], [i32(0), finish]),
            [local(0), i32(1), op.i32Subtract, call(2), i32(1), op.i32Add],
          ],
        ],
      },
      memory: MEMORY,
      data: [[64, '{"n":1}']],
    },
    theRow: map([
      when([local(1), i32(AROUND), op.i32Equal], [i64(0), finish]),
      packed([local(0), i32(BEFORE), op.i32Add], [local(1), i32(AROUND), op.i32Subtract]),
    ]),
    runs: says('{"n":0}', countUp),
    // The rows of the run before would be where those of this run begin, and longer.
    remains: {
      ...map([[store8(64, load8(4124)), store8(65, i32(0x22)), packed(i32(58), i32(9))]]),
      data: [
        [58, '{"t":"  "}'.slice(0, 6)],
        [66, "}"],
      ],
    },
    loop: map([forever([]), unreachable]),
    loopInAllocate: {
      functions: { allocate: ["i>i", [forever([]), unreachable]], map: ["ii>I", i64(0)] },
      memory: MEMORY,
    },
    loopInStart: {
      ...map(i64(0)),
      functions: { ...ALLOCATE, map: ["ii>I", i64(0)], init: [">", forever([])] },
      start: 2,
    },
    memoryBomb: map([forever([i32(1), op.memoryGrow, drop]), unreachable]),
    fillBomb: map([forever([i32(0), i32(7), i32(65_536), op.memoryFill]), unreachable]),
    recursion: map([i32(0), i32(0), call(1)]),
    hugeOutput: map(packed(i32(0), i32(100_000))),
    outside: map(packed(i32(131_000), i32(1000))),
    farOutside: map(packed(i32(-1), i32(1000))),
    rubbish: says("not JSON"),
    rows: says('[{"n":1}]'),
    infinite: says('{"n":1e999}'),
    text: says('"text"'),
    prototype: says('{"n":{"__proto__":{"m":1}}}'),
    malformed: map([store8(64, i32(0xff)), packed(i32(64), i32(1))]),
    badAllocate: {
      functions: { allocate: ["i>i", i32(-64)], map: ["ii>I", i64(0)] },
      memory: MEMORY,
    },
    unreachable: map(unreachable),
    reads: map([load(-8), drop, i64(0)]),
    divides: map([i32(1), i32(0), 0x6d, drop, i64(0)]),
    importsFile: { ...map(i64(0)), imports: [["env", "open", "i>i"]] },
    noMaximum: { ...map(i64(0)), memory: [1] },
    largeMaximum: { ...map(i64(0)), memory: [1, 513] },
    noMemory: { functions: { ...ALLOCATE, map: ["ii>I", i64(0)] } },
    noMap: { functions: { ...ALLOCATE }, memory: MEMORY },
    otherTypes: { functions: { ...ALLOCATE, map: ["ii>i", i32(0)] }, memory: MEMORY },
    otherParameters: {
      functions: { allocate: ["I>i", i32(0)], map: ["ii>I", i64(0)] },
      memory: MEMORY,
    },
    textBomb: says('"'.padEnd(2000, "x")),
    secretName: says('{"SECRET":true}'),
    dataOutside: { ...map(i64(0)), data: [[2 ** 27, "x"]] },
    deepBlocks: map([repeat(60_000, [0x02, 0x40]), repeat(60_000, 0x0b), forever([]), unreachable]),
    deepLoops: map([repeat(40_000, [0x03, 0x40]), 0x0c, 0, repeat(40_000, 0x0b), unreachable]),
    manyTargets: map([
      ...[[0x03, 0x40], i32(0), 0x0e, 0xe0, 0xd4, 0x03],
      ...[repeat(60_001, 0), 0x0b, unreachable],
    ]),
    copyBomb: map([forever([i32(0), i32(1), i32(65_535), op.memoryCopy]), unreachable]),
    tailCalls: map([local(0), local(1), 0x12, 1]),
    threads: map([i32(0), i32(1), 0xfe, 0, 2, 0, drop, i64(0)]),
    references: map([0xd0, 0x70, drop, i64(0)]),
    secondMemory: { ...map(i64(0)), furtherMemories: [[1, 65_536]] },
    manyTables: { ...map(i64(0)), tables: Array.from({ length: 1000 }, () => [10_000] as const) },
    vectors: map([0xfd, 12, Array.from({ length: 16 }, () => 0), drop, i64(0)]),
    hugeTable: { ...map(i64(0)), tables: [[10_001]] },
    meterNames: {
      functions: { ...ALLOCATE, map: ["ii>I", i64(0)], "sumus:fuel": [">", []] },
      memory: MEMORY,
    },
  }).map(([name, module]) => [name, assemble(module)]),
);
const module = (name: string): string => modules[name] ?? "";

const wasm: LanguageMaps = {
  language: "wasm",
  theRow: module("theRow"),
  theRowSteps: 0,
  runs: module("runs"),
  remains: module("remains"),
  timeAndChance: null,
  hostile: [
    ["an endless loop", module("loop"), "outOfFuel", TOO_LONG],
    ["an endless loop before its map", module("loopInAllocate"), "outOfFuel", TOO_LONG],
    ["an endless loop while it starts", module("loopInStart"), "outOfFuel", TOO_LONG],
    ["a memory bomb", module("memoryBomb"), "outOfFuel", TOO_LONG],
    ["memory filled over and over", module("fillBomb"), "outOfFuel", TOO_LONG],
    ["memory copied over and over", module("copyBomb"), "outOfFuel", TOO_LONG],
    ["deep recursion", module("recursion"), "outOfMemory", TOO_DEEP],
    ["deep blocks", module("deepBlocks"), "outOfFuel", TOO_LONG],
    ["deep loops", module("deepLoops"), "outOfFuel", TOO_LONG],
    ["a branch to very many places", module("manyTargets"), "outOfFuel", TOO_LONG],
    ["a huge output", module("hugeOutput"), "outputInvalid", "65,536 bytes"],
    ["an output outside of its memory", module("outside"), "outputInvalid", "another address"],
    ["an output far outside", module("farOutside"), "outputInvalid", "another address"],
    ["an output that is no JSON", module("rubbish"), "outputInvalid", "as JSON"],
    ["an output of many rows", module("rows"), "outputInvalid", "got a list"],
    ["an infinite number", module("infinite"), "outputInvalid", "finite"],
    ["a text for a row", module("text"), "outputInvalid", "got a string"],
    ["a prototype", module("prototype"), "outputInvalid", "an object"],
    ["malformed text", module("malformed"), "outputInvalid", "malformed"],
    ["a text without end", module("textBomb"), "outputInvalid", "as JSON"],
    ["a secret in the name of a column", module("secretName"), "outputInvalid", "in column 1"],
    ["no room for the rows", module("badAllocate"), "outOfMemory", TOO_MUCH],
    ["a trap", module("unreachable"), "mapFailed", "broke the machine"],
    ["memory that is not its own", module("reads"), "mapFailed", "broke the machine"],
    ["a division by zero", module("divides"), "mapFailed", "broke the machine"],
    ["a file", module("importsFile"), "mapForbidden", "asks for env.open"],
    ["memory without a maximum", module("noMaximum"), "mapInvalid", "--max-memory=33554432"],
    ["memory beyond the limit", module("largeMaximum"), "mapInvalid", "got 513 pages"],
    ["no memory", module("noMemory"), "mapInvalid", "without a memory"],
    ["no map", module("noMap"), "mapInvalid", "export its function map"],
    ["results of other types", module("otherTypes"), "mapInvalid", "map(i32, i32) -> i64"],
    ["parameters of other types", module("otherParameters"), "mapInvalid", "allocate(i32)"],
    ["data outside of its memory", module("dataOutside"), "mapFailed", "broke the machine"],
    ["vectors", module("vectors"), "mapInvalid", "0xfd"],
    ["threads", module("threads"), "mapInvalid", "0xfe"],
    ["references", module("references"), "mapInvalid", "0xd0"],
    ["calls that leave no frame", module("tailCalls"), "mapInvalid", "0x12"],
    ["a second memory", module("secondMemory"), "mapInvalid", "several memories"],
    ["very many tables", module("manyTables"), "mapInvalid", "several tables"],
    ["a huge table", module("hugeTable"), "mapInvalid", "10,000 elements"],
    ["the meter's names", module("meterNames"), "mapInvalid", "sumus:"],
    ["text that is no base64", "AGFzbQ", "mapInvalid", "base64"],
    ["bytes that are no module", "AGFzbQEAAAA=AGFz", "mapInvalid", "base64"],
    ["another kind of bytes", "bm90IGEgbW9kdWxl", "mapInvalid", "bytes that are none"],
    ["nothing", "", "mapInvalid", "bytes that are none"],
    ["too much of it", "A".repeat(400_000), "mapInvalid", "262,144 bytes"],
  ],
};

const WASI = "wasi_snapshot_preview1";
const READ = [WASI, "fd_read", "iiii>i"] as const;
const WRITE = [WASI, "fd_write", "iiii>i"] as const;
const EXIT = [WASI, "proc_exit", "i>"] as const;
const command = (
  code: Code,
  more: Partial<TestModule> = {},
  imports: TestModule["imports"] = [],
): string =>
  assemble({
    imports: [READ, WRITE, EXIT, ...imports],
    functions: { _start: [">", code] },
    memory: MEMORY,
    ...more,
  });
/** Writes `length` bytes at `address`, by the vector at 16. */
const write = (descriptor: number, address: Code, length: Code): Code => [
  [store(16, address), store(20, length)],
  [i32(descriptor), i32(16), i32(1), i32(28), call(1), drop],
];
/** Reads all rows to 4096, by the vector at 16; their length is at 28 then. */
const read: Code = [
  [store(16, i32(4096)), store(20, i32(60_000))],
  [i32(0), i32(16), i32(1), i32(28), call(0), drop],
];
const print = (text: string, before: Code = [], imports: TestModule["imports"] = []): string =>
  command([before, write(1, i32(64), i32(text.length))], { data: [[64, text]] }, imports);
/** Calls a function of WASI with zeros. */
const asks = (name: string, signature: `${string}>${string}`): string => {
  const [parameters = "", results = ""] = signature.split(">");
  const zeros = Array.from(parameters, (type) => (type === "I" ? i64(0) : i32(0)));
  const imports = [[WASI, name, signature]] as const;
  return command([zeros, call(3), results === "" ? [] : drop], {}, imports);
};
const digitFrom = (address: number): Code => [load8(address), i32(0x30), op.i32Add];

const wasi: LanguageMaps = {
  language: "wasi",
  theRow: command([
    read,
    when([load(28), i32(AROUND), op.i32Equal], finish),
    write(1, i32(4096 + BEFORE), [load(28), i32(AROUND), op.i32Subtract]),
  ]),
  theRowSteps: 4,
  runs: print('{"n":0}', countUp),
  remains: command([store8(64, load8(4124)), write(1, i32(58), i32(9))], {
    data: [
      [58, '{"t":"'],
      [65, '"}'],
    ],
  }),
  timeAndChance: print(
    '{"t":"  "}',
    [
      [i32(0), i64(0), i32(128), call(3), drop, store8(70, digitFrom(128))],
      [i32(136), i32(1), call(4), drop, store8(71, digitFrom(136))],
    ],
    [
      [WASI, "clock_time_get", "iIi>i"],
      [WASI, "random_get", "ii>i"],
    ],
  ),
  hostile: [
    ["an endless loop", command(forever([])), "outOfFuel", TOO_LONG],
    [
      "an endless loop while it starts",
      command([], { functions: { _start: [">", []], init: [">", forever([])] }, start: 4 }),
      "outOfFuel",
      TOO_LONG,
    ],
    ["reading without end", command(forever(read)), "outOfFuel", TOO_LONG],
    [
      "writing without end",
      command(forever(write(1, i32(64), i32(100)))),
      "outputInvalid",
      "65,536 bytes",
    ],
    [
      "writing nothing without end",
      command(forever(write(1, i32(64), i32(0)))),
      "outOfFuel",
      TOO_LONG,
    ],
    [
      "writing errors without end",
      command(forever(write(2, i32(64), i32(1000)))),
      "outOfFuel",
      TOO_LONG,
    ],
    [
      "chance without end",
      command(forever([i32(0), i32(65_536), call(3), drop]), {}, [[WASI, "random_get", "ii>i"]]),
      "outOfFuel",
      TOO_LONG,
    ],
    ["a memory bomb", command(forever([i32(1), op.memoryGrow, drop])), "outOfFuel", TOO_LONG],
    ["deep recursion", command([call(3)]), "outOfMemory", TOO_DEEP],
    [
      "a huge output",
      command(write(1, i32(0), i32(65_537)), { memory: [2, 2] }),
      "outputInvalid",
      "65,536 bytes",
    ],
    ["an output that is no JSON", print("not JSON"), "outputInvalid", "as JSON"],
    ["an output of many rows", print('{"n":1}\n{"n":2}'), "outputInvalid", "as JSON"],
    ["a boolean", print('{"n":false}'), "outputInvalid", "true or false"],
    [
      "malformed text",
      command([store8(64, i32(0xff)), write(1, i32(64), i32(1))]),
      "outputInvalid",
      "malformed",
    ],
    ["a failure", command([i32(44), call(2)]), "mapFailed", "exit code is not 0"],
    ["a trap", command(unreachable), "mapFailed", "broke the machine"],
    [
      "a file",
      asks("path_open", "iiiiiIIii>i"),
      "mapForbidden",
      "asks for a file; maps know nothing but their rows",
    ],
    ["a folder", asks("fd_readdir", "iiiIi>i"), "mapForbidden", "a file"],
    ["the network", asks("sock_send", "iiiii>i"), "mapForbidden", "the network"],
    ["time to pass", asks("poll_oneoff", "iiii>i"), "mapForbidden", "time to pass"],
    [
      "another system",
      command([], {}, [["env", "system", "i>i"]]),
      "mapForbidden",
      "asks for env.system",
    ],
    [
      "a function that WASI has not",
      command([], {}, [[WASI, "exec", "i>i"]]),
      "mapForbidden",
      "wasi_snapshot_preview1.exec",
    ],
    ["memory without a maximum", command([], { memory: [1] }), "mapInvalid", "--max-memory"],
    ["no beginning", command([], { functions: { main: [">", []] } }), "mapInvalid", "_start"],
    ["a module of the other kind", module("theRow"), "mapInvalid", "_start"],
    ["nothing", "", "mapInvalid", "bytes that are none"],
  ],
};

const none: LanguageMaps = {
  language: "none",
  theRow: "",
  theRowSteps: 0,
  runs: null,
  remains: null,
  timeAndChance: null,
  hostile: [["code", "SELECT 1", "mapInvalid", "no code"]],
};

/** In wasm: nests almost as deeply as maps may, and gives `{ n: 1 }`. */
export const NESTING_MAP: string = module("nests");

export const CONFORMANCE_MAPS: readonly LanguageMaps[] = [sql, javascript, wasm, wasi, none];
