/** Starts a worker of a browser. */
import type { MapNews, StartThread } from "./map-thread.ts";

export const startThread: StartThread = (onNews, onEnd) => {
  const worker = new Worker(new URL("./thread-entry.ts", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<MapNews>) => onNews(data);
  worker.onerror = (event) => {
    worker.terminate();
    onEnd(event);
  };
  return {
    send: (order) => worker.postMessage(order),
    hold: () => {},
    kill: () => {
      worker.onmessage = null;
      worker.onerror = null;
      worker.terminate();
    },
  };
};
