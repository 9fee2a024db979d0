import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";

/** Floors whose code runs in a browser too: their tests run in both. `*-node.test.ts` stay in Node. */
const PORTABLE = "{foundation,protocols,domain}/*/src/**/*.test.ts";
const PORTABLE_IO = "{platform/sandbox,vault}/src/**/*.test.ts";

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
          // Whole-system tests wait for their processes most of the time: a second file fills the gaps.
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "chromium",
          include: [PORTABLE, PORTABLE_IO],
          exclude: ["**/*-node.test.ts", "**/node_modules/**"],
          testTimeout: 120_000,
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
