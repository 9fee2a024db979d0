#!/usr/bin/env node
/**
 * Runs one node: `node main.ts CONFIG`. When it listens it prints one line of JSON,
 * `{"role","url","operatorUrl"}`, on standard output; its log goes to standard error.
 *
 * @module
 */
import { describeError } from "@sumus/runtime";
import { NodeStartError, runNode } from "./run-node.ts";

/** Exit statuses: the configuration is wrong; the folder is taken or something else failed. */
const EXIT_CONFIG = 2;
const EXIT_FAILURE = 1;

function fail(message: string, status: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(status);
}

const [path, ...rest] = process.argv.slice(2);
if (path === undefined || rest.length > 0) fail("usage: main.ts CONFIG", EXIT_CONFIG);
try {
  await runNode(path, { announce: (line) => void process.stdout.write(`${line}\n`) });
} catch (error) {
  if (!(error instanceof NodeStartError)) fail(describeError(error), EXIT_FAILURE);
  fail(error.message, error.code === "configInvalid" ? EXIT_CONFIG : EXIT_FAILURE);
}
