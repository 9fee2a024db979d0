/** Starts a worker thread of Node. */
import { Worker } from "node:worker_threads";
import type { MapNews, StartThread } from "./map-thread.ts";

/** JavaScript's own memory; the memory of maps is bounded by their limits and counted elsewhere. */
const HEAP_MEGABYTES = 256;

export const startThread: StartThread = (onNews, onEnd) => {
  const worker = new Worker(new URL("./thread-entry-node.ts", import.meta.url), {
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
  });
  let killed = false;
  let cause: unknown = null;
  worker.on("message", (news: MapNews) => onNews(news));
  worker.on("error", (error) => {
    cause = error;
  });
  worker.on("exit", () => {
    if (!killed) onEnd(cause);
  });
  worker.unref();
  return {
    send: (order) => worker.postMessage(order),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    kill: () => {
      killed = true;
      // Its end is waited for by nobody: what it still says is not listened to.
      void worker.terminate();
    },
  };
};
