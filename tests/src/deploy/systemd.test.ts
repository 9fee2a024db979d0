/** deploy/sumus@.service: hardened, and its command runs; where systemd is, it judges the unit too. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBase64url } from "@sumus/bytes";
import { expect, test } from "vitest";
import { ROOT, readRepositoryFile } from "./files.ts";

const unit = readRepositoryFile("deploy/sumus@.service");
const INSTALLED = "/opt/sumus";

/** The values of an option, in order. */
function valuesOf(option: string): string[] {
  return [...unit.matchAll(new RegExp(`^${option}=(.*)$`, "gm"))].map(([, value = ""]) => value);
}

test("the unit takes every right that a node does not need", () => {
  const on = [
    ["NoNewPrivileges", "ProtectHome", "ProtectClock", "ProtectHostname", "ProtectKernelLogs"],
    ["ProtectKernelModules", "ProtectKernelTunables", "ProtectControlGroups", "PrivateTmp"],
    ["PrivateDevices", "RemoveIPC", "LockPersonality", "RestrictNamespaces", "RestrictSUIDSGID"],
  ].flat();
  for (const option of on) expect([option, valuesOf(option)]).toEqual([option, ["yes"]]);
  expect(valuesOf("ProtectSystem")).toEqual(["strict"]);
  expect(valuesOf("CapabilityBoundingSet")).toEqual([""]);
  expect(valuesOf("User")).toEqual(["sumus"]);
  expect(valuesOf("Restart")).toEqual(["always"]);
  // Longer than a node drains.
  expect(Number(valuesOf("TimeoutStopSec")[0])).toBeGreaterThan(20);
});

test("systemd, where there is one, finds no fault and little exposure", async () => {
  if (spawnSync("systemd-analyze", ["--version"]).error) return;
  const folder = await mkdtemp(join(tmpdir(), "sumus-systemd-"));
  try {
    const path = join(folder, "sumus@leader.service");
    await writeFile(path, unit.replaceAll(INSTALLED, ROOT));
    const verified = spawnSync("systemd-analyze", ["verify", path], { encoding: "utf8" });
    expect([verified.status, verified.stdout, verified.stderr]).toEqual([0, "", ""]);
    const options = ["--offline=true", "--threshold=20", "--no-pager"];
    const judged = spawnSync("systemd-analyze", ["security", ...options, path], {
      encoding: "utf8",
    });
    expect(judged.status, judged.stdout).toBe(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("its command runs a node until it is told to stop", { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "sumus-systemd-"));
  try {
    const path = join(folder, "helper.yaml");
    const key = encodeBase64url(new Uint8Array(32).fill(9));
    await writeFile(
      path,
      `listen: { hostname: 127.0.0.1, port: 0 }
folder: ${folder}/helper
nodeKey: ${key}
operatorToken: ${"o".repeat(20)}
peerToken: ${"p".repeat(20)}
peer: { publicKey: ${key} }
`,
    );
    const [command = ""] = valuesOf("ExecStart");
    const [program = "", ...words] = command
      .replaceAll("%i", "helper")
      .replaceAll(INSTALLED, ROOT)
      .replace("/etc/sumus/helper.yaml", path)
      .split(" ");
    expect(existsSync(program)).toBe(true);
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
    expect(String(line)).toContain('"role":"helper"');
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
