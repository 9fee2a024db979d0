/**
 * `npm test`: the whole suite in Node, and the portable part again in Chromium. Arguments go to
 * vitest, so `npm test -- protocols/vdaf` runs one folder.
 *
 * Chromium is Debian's. Where this process may install packages it does; elsewhere one line says
 * what is left out and why.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const CHROMIUM = "/usr/bin/chromium";
/** Of a step of apt-get: a mirror that does not answer must not keep the suite for ever. */
const INSTALL_MS_MAX = 900_000;

const projects = ["--project", "node"];
const missing = provideChromium();
if (missing === undefined) projects.push("--project", "chromium");
else process.stdout.write(`The browser suite is left out: ${missing}.\n`);

const run = spawnSync(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", ...projects, ...process.argv.slice(2)],
  { stdio: "inherit" },
);
if (run.error) throw run.error;
process.exitCode = run.status ?? 1;

/** Why there is no Chromium, or nothing when there is. */
function provideChromium(): string | undefined {
  if (existsSync(CHROMIUM)) return undefined;
  if (process.getuid?.() !== 0) return "no /usr/bin/chromium, and only root can install it";
  if (spawnSync("apt-get", ["--version"]).error) return "no /usr/bin/chromium and no apt-get";
  process.stdout.write("Installing Chromium for the browser suite (once)...\n");
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const step of [["update"], ["install", "-y", "--no-install-recommends", "chromium"]]) {
    const { status } = spawnSync("apt-get", ["-qq", ...step], {
      stdio: ["ignore", "ignore", "inherit"],
      env: environment,
      timeout: INSTALL_MS_MAX,
    });
    if (status !== 0) return `apt-get ${step[0]} ended with ${status ?? "its time"}`;
  }
  return existsSync(CHROMIUM) ? undefined : "apt-get brought no /usr/bin/chromium";
}
