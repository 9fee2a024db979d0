import { fileURLToPath } from "node:url";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

/** Floors whose code runs in a browser too: their tests run in both. `*-node.test.ts` stay in Node. */
const PORTABLE = "{foundation,protocols,domain}/*/src/**/*.test.ts";
const PORTABLE_IO = "{platform/sandbox,vault}/src/**/*.test.ts";

/**
 * Half of what a short program costs is to strip its types and compile it: every program that tests
 * start, hundreds in a run, takes both from here.
 */
const COMPILED = fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));

/**
 * Files at a time, in Node and as many beside them in Chromium: whole-system tests wait for their
 * processes and for deadlines much of the time, and others fill the gaps. Projects that differ in
 * this run one after another.
 */
const WORKERS = 3;

export default defineConfig({
  test: {
    coverage: {
      provider: "v8",
      include: ["{foundation,protocols,domain,platform,services}/*/src/**", "vault/src/**"],
    },
    projects: [
      {
        test: {
          name: "node",
          include: ["{*/*,vault,pages,lab,tests,bench,tools}/src/**/*.test.ts"],
          isolate: false,
          env: { NODE_COMPILE_CACHE: COMPILED },
          maxWorkers: WORKERS,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "chromium",
          include: [PORTABLE, PORTABLE_IO],
          exclude: ["**/*-node.test.ts", "**/node_modules/**"],
          maxWorkers: WORKERS,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                executablePath: "/usr/bin/chromium",
                args: [
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                ],
              },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
