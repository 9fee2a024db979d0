/** The thread of a quarter. */

import { parentPort } from "node:worker_threads";
import { assert } from "@sumus/assert";
import { LabError } from "../lab-error.ts";
import { createQuarter } from "./quarter.ts";
import type { QuarterOrder, QuarterReply, QuarterTrouble } from "./quarter-thread.ts";

assert(parentPort !== null, "this file runs in a worker thread");
const port = parentPort;
const reply = (content: QuarterReply): void => port.postMessage(content);
// Ctrl-C ends the thread: it needs no signal of its own.
const quarter = createQuarter(
  (news) => reply({ kind: "news", news }),
  new AbortController().signal,
);

function describe(error: unknown): QuarterTrouble {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined };
  const { message, stack } = error;
  if (!(error instanceof LabError)) return { message, stack };
  return { message, stack, code: error.code, remedy: error.remedy };
}

async function answer({ id, call, args }: QuarterOrder): Promise<void> {
  // What it is called with was written by the same class on the other side.
  const run = quarter[call].bind(quarter) as (...args: readonly unknown[]) => unknown;
  if (id === null) {
    run(...args);
    return;
  }
  try {
    const result = (await run(...args)) as (QuarterReply & { kind: "done" })["answer"];
    reply({ kind: "done", id, answer: result });
  } catch (error) {
    reply({ kind: "failed", id, trouble: describe(error) });
  }
}

port.on("message", (order: QuarterOrder) => void answer(order));
