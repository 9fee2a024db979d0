import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBase64url } from "@sumus/bytes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readNodeConfig } from "./config.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sumus-examples-"));
  writeFileSync(join(folder, "node-key"), encodeBase64url(new Uint8Array(32).fill(7)));
  for (const [index, name] of ["store-key", "old-store-keys"].entries()) {
    writeFileSync(join(folder, name), encodeBase64url(new Uint8Array(32).fill(index)));
  }
  writeFileSync(join(folder, "postgres-url"), "postgres://sumus@db.example/node");
  for (const name of ["operator", "peer", "collector"]) {
    writeFileSync(join(folder, `${name}-token`), `the ${name}'s token`.replaceAll(" ", "-"));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The example, with its secrets in a folder that exists. */
function example(role: string): string {
  const path = new URL(`../../../deploy/${role}.yaml`, import.meta.url);
  return readFileSync(path, "utf8")
    .replaceAll("/etc/sumus/", `${folder}/`)
    .replace("A".repeat(43), encodeBase64url(new Uint8Array(32).fill(7)));
}

function read(text: string): ReturnType<typeof readNodeConfig> {
  const path = join(folder, "node.yaml");
  writeFileSync(path, text);
  return readNodeConfig(path);
}

describe.each(["leader", "helper"] as const)("deploy/%s.yaml", (role) => {
  test("is a configuration", () => {
    expect(read(example(role))).toMatchObject({ role, url: `https://${role}.example` });
  });

  test("is one with the options that it leaves at their defaults, too", () => {
    const full = example(role)
      .replace(/^folder:.*$/m, "")
      .replaceAll(/^# ((?: {2})*[a-zA-Z]+:(?: \S+)?(?: #.*)?)$/gm, "$1");
    expect(read(full)).toMatchObject({ store: { kind: "postgres" }, replica: `${role}-1` });
  });

  test("leaves no option out", () => {
    const text = example(role);
    const uploads = role === "leader" ? ["uploads:\n  bogus: 1"] : [];
    for (const place of [
      ...uploads,
      "bogus: 1",
      "listen:\n  bogus: 1",
      "operatorListen:\n  bogus: 1",
      "peer:\n  bogus: 1",
    ]) {
      const [name = ""] = place.split("\n");
      const wrong =
        place === name ? `${text}\n${place}\n` : text.replace(`\n${name}`, `\n${place}`);
      let message = "";
      try {
        read(wrong);
      } catch (error) {
        message = String(error);
      }
      const [, known] = /bogus: expected no such field; known are (.*)$/.exec(message) ?? [];
      for (const option of known?.split(", ") ?? [place]) expect(text).toContain(`${option}:`);
    }
  });
});
