import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@sumus/bytes";
import { describe, expect, test } from "vitest";
import { ConfigReader, createLogger, describeError, readConfigFile } from "./index.ts";

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

  test("a file that is no JSON is refused without quoting it", () => {
    const folder = mkdtempSync(join(tmpdir(), "sumus-config-"));
    const path = join(folder, "node.json");
    writeFileSync(path, "{ token: hidden }");
    expect(() => readConfigFile(path)).toThrow(/^expected JSON in .*node\.json, got something/);
    expect(() => readConfigFile(join(folder, "none"))).toThrow("expected a readable file");
    writeFileSync(path, JSON.stringify({ tokenFile: join(folder, "token") }));
    writeFileSync(join(folder, "token"), "from a file\n");
    expect(readConfigFile(path).secret("token").reveal()).toBe("from a file");
    rmSync(folder, { recursive: true });
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
