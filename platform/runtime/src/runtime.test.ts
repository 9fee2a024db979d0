import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@sumus/bytes";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, ConfigReader, createLogger, describeError, readConfigFile } from "./index.ts";

describe("a logger", () => {
  test("writes one object a line, from its level up, with inherited fields", () => {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    const log = createLogger({ level: "info", write, nowMs: () => 0 }, { role: "leader" });
    log.debug("not this");
    log.child({ task: "00ff" }).warn("helper is away", { attempt: 2, token: undefined });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: "1970-01-01T00:00:00.000Z",
        level: "warn",
        message: "helper is away",
        role: "leader",
        task: "00ff",
        attempt: 2,
      },
    ]);
  });

  test("prints no secret, even one smuggled past the types", () => {
    const lines: string[] = [];
    const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
    log.info("hello", { key: new Secret("hidden") as unknown as string });
    expect(lines.join()).toContain("[secret]");
    expect(lines.join()).not.toContain("hidden");
  });

  test("describes an error with its causes", () => {
    const error = new Error("no answer", { cause: new TypeError("refused") });
    expect(describeError(error)).toBe("Error: no answer; because of TypeError: refused");
  });
});

describe("a configuration", () => {
  const read = (value: unknown): ConfigReader => new ConfigReader(value);
  const folder = mkdtempSync(join(tmpdir(), "sumus-config-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("gives its fields", () => {
    const reader = read({
      role: "leader",
      port: 0,
      peer: { url: "http://127.0.0.1:9/", token: "t" },
    });
    expect(reader.oneOf("role", ["leader", "helper"])).toBe("leader");
    expect(reader.integer("port", { min: 0, max: 65535 })).toBe(0);
    const peer = reader.object("peer");
    expect(peer.url("url")).toBe("http://127.0.0.1:9");
    expect(peer.secret("token").reveal()).toBe("t");
    expect(reader.integer("absent", { min: 0, max: 9 }, 5)).toBe(5);
    expect(() => reader.end()).not.toThrow();
  });

  test.each<[string, (reader: ConfigReader) => unknown, string]>([
    ["a wrong choice", (r) => r.oneOf("a", ["x", "y"]), 'a: expected x or y, got "text"'],
    ["a missing text", (r) => r.text("none"), "none: expected a text, got nothing"],
    ["a text for a number", (r) => r.integer("a", { min: 1, max: 9 }), "from 1 to 9, got a string"],
    ["a number out of bounds", (r) => r.integer("n", { min: 1, max: 9 }), "from 1 to 9, got 10"],
    ["no URL", (r) => r.url("a"), 'such as https://node.example/, got "text"'],
    ["a nested field", (r) => r.object("o").text("b"), "o.b: expected a text, got a list"],
    ["no secret", (r) => r.secret("none"), "expected either none or noneFile"],
    ["both secrets", (r) => r.secret("both"), "expected either both or bothFile"],
    ["a secret's missing file", (r) => r.secret("lost"), "lostFile: expected a readable file"],
  ])("refuses %s", (_, use, message) => {
    const reader = read({
      a: "text",
      n: 10,
      o: { b: [] },
      both: "s",
      bothFile: "f",
      lostFile: "/nowhere/at/all",
    });
    expect(() => use(reader)).toThrow(message);
  });

  test("refuses fields that nobody asked for, nested ones too", () => {
    const reader = read({ peer: { url: "http://x", tokn: "t" } });
    reader.object("peer").url("url");
    expect(() => reader.end()).toThrow("peer.tokn: expected no such field; known are url");
  });

  test("takes a secret from the document, a file, or the environment", () => {
    const path = join(folder, "secrets.yaml");
    writeFileSync(join(folder, "token"), "from a file\n");
    writeFileSync(
      path,
      `here: told\nfiledFile: ${join(folder, "token")}\nsetEnv: SUMUS_TEST_SECRET\nlostEnv: SUMUS_NO\n`,
    );
    process.env["SUMUS_TEST_SECRET"] = "from the environment";
    const reader = readConfigFile(path);
    expect(reader.secret("here").reveal()).toBe("told");
    expect(reader.secret("filed").reveal()).toBe("from a file");
    expect(reader.secret("set").reveal()).toBe("from the environment");
    expect(() => reader.secret("lost")).toThrow("lostEnv: expected a set environment variable");
    delete process.env["SUMUS_TEST_SECRET"];
  });

  test("an error knows its line, or that of what encloses it", () => {
    const path = join(folder, "node.yaml");
    writeFileSync(path, "# a node\nrole: relay\n\npeer:\n  port: many # far too\n  pin: 12\n");
    const reader = readConfigFile(path);
    const lineOf = (use: () => unknown): number | undefined => {
      try {
        use();
      } catch (error) {
        if (error instanceof ConfigError) return error.line;
      }
      throw new Error("expected a ConfigError");
    };
    expect(lineOf(() => reader.oneOf("role", ["leader"]))).toBe(2);
    expect(lineOf(() => reader.object("peer").integer("port", { min: 0, max: 9 }))).toBe(5);
    expect(lineOf(() => reader.object("peer").text("url"))).toBe(4);
    expect(lineOf(() => reader.object("role"))).toBe(2);
    expect(lineOf(() => reader.text("absent"))).toBeUndefined();
    expect(lineOf(() => reader.end())).toBe(6);
    expect(() => reader.object("peer").text("pin")).toThrow("got a number; put it in quotes");
  });

  test("a file that is no YAML is refused without quoting it", () => {
    const path = join(folder, "broken.yaml");
    writeFileSync(path, "role: leader\ntoken: 'hidden\n");
    let caught: unknown;
    try {
      readConfigFile(path);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ConfigError);
    expect(caught).toMatchObject({ message: `expected YAML in ${path}, got something else` });
    expect((caught as ConfigError).line).toBeGreaterThan(1);
    writeFileSync(path, "token: one\ntoken: two\n");
    expect(() => readConfigFile(path)).toThrow("expected YAML");
    expect(() => readConfigFile(join(folder, "none"))).toThrow("expected a readable file");
  });
});

test("a signal stops the process in order", async () => {
  const script = `
    const { stopOnSignal } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
    const alive = setInterval(() => {}, 1000);
    stopOnSignal(async () => { clearInterval(alive); console.log("drained"); }, () => {});
    console.log("ready");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    if (output === "ready\n") child.kill("SIGTERM");
  });
  const [status] = await once(child, "close");
  expect([status, output]).toEqual([0, "ready\ndrained\n"]);
});
