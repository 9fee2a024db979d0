/**
 * Goal: a person at a terminal writes a manifest by answering. Method: the real command on a terminal of
 * its own, which util-linux's `script` makes; each answer is typed when the question stands.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseStudy } from "@sumus/study";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const CTRL_C = "\u0003";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-study-new-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Types one answer at each prompt. */
async function answer(
  file: string,
  typed: readonly string[],
): Promise<{ readonly code: number; readonly screen: string }> {
  const command = `'${process.execPath}' '${MAIN}' study new ${file}`;
  const terminal = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    cwd: folder,
    env: { ...process.env, TERM: "xterm" },
  });
  let screen = "";
  let answered = 0;
  terminal.stdout.on("data", (bytes: Buffer) => {
    screen += bytes.toString();
    // A prompt, and where the cursor goes behind it.
    const prompts = screen.split("> \u001b[3G").length - 1;
    for (; answered < Math.min(prompts, typed.length); answered++) {
      const text = typed[answered] ?? "";
      terminal.stdin.write(text === CTRL_C ? text : `${text}\n`);
    }
  });
  const [code] = (await once(terminal, "exit")) as [number];
  return { code, screen };
}

test("asks again for what it cannot read, and writes what was answered", async () => {
  const { code, screen } = await answer("way.yaml", [
    "Minutes on the way",
    "",
    "To plan buses",
    "visits",
    "visits: place, minutes, how",
    "",
    "minutes: 0 to 600",
    "how: bus, train",
    "minutes: many",
    "minutes: 0, 15, 60, 600",
    "",
    "2",
    "",
  ]);
  expect(code, screen).toBe(0);
  expect(screen).toContain("Expected an answer, got none.");
  expect(screen).toContain('Write it as "visits: place, minutes".');
  expect(screen).toContain("Expected two edges or more");
  const reading = parseStudy(await readFile(join(folder, "way.yaml"), "utf8"));
  expect(reading).toMatchObject({
    ok: true,
    study: {
      title: "Minutes on the way",
      purpose: "To plan buses",
      privacy: { epsilon: 2, peopleMin: 100 },
    },
  });
  const names = reading.ok ? reading.study.result[0]?.measures.map(({ kind }) => kind) : [];
  expect(new Set(names)).toEqual(new Set(["count", "mean", "share", "histogram"]));
});

test("Ctrl-C in the middle writes nothing", async () => {
  const { code, screen } = await answer("none.yaml", ["Minutes on the way", CTRL_C]);
  expect(code).toBe(130);
  expect(screen).toContain("Stopped. Nothing was written.");
  await expect(readFile(join(folder, "none.yaml"))).rejects.toThrow("ENOENT");
});
