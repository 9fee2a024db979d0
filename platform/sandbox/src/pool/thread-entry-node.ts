/** A worker thread of Node that runs maps. */
import { parentPort } from "node:worker_threads";
import { assert } from "@sumus/assert";
import { type MapOrder, serveMaps } from "./map-thread.ts";

assert(parentPort !== null, "this file runs in a worker thread");
const port = parentPort;
const take = serveMaps(
  (news) => port.postMessage(news),
  () => {
    const { system, user } = process.threadCpuUsage();
    return (system + user) / 1000;
  },
);
port.on("message", (order: MapOrder) => take(order));
