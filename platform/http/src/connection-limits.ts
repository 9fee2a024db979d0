/**
 * What one network may hold of a server: connections, and requests on one of them.
 *
 * @module
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "./network.ts";

/** What a server's connections are. */
export interface ConnectionCounts {
  /** Now. */
  readonly open: number;
  /** Since the server listens: beyond a limit. */
  readonly refused: number;
}

/** Hangs up on who holds more than `countMax` connections: nobody takes all that there are. */
export function limitConnections(server: Server, countMax: number): ConnectionCounts {
  const counts = new Map<string, number>();
  const all = { open: 0, refused: 0 };
  server.on("drop", () => all.refused++);
  server.on("connection", (socket) => {
    const address = socket.remoteAddress ?? "";
    const network = networkOf(address) ?? address;
    const count = (counts.get(network) ?? 0) + 1;
    counts.set(network, count);
    all.open++;
    socket.once("close", () => {
      all.open--;
      const left = (counts.get(network) ?? 1) - 1;
      if (left === 0) counts.delete(network);
      else counts.set(network, left);
    });
    if (count <= countMax) return;
    all.refused++;
    socket.destroy();
  });
  return all;
}

/**
 * Counts the requests that are being answered on each connection. Node parses what was sent ahead
 * (pipelined) and hands it out at once, before anything is answered: without a limit one connection
 * starts any number of requests.
 */
export class PipelineLimit {
  readonly #countMax: number;
  readonly #counts = new WeakMap<Socket, number>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** Runs `answer`, unless too many run on this connection; then resolves to undefined. */
  async run<T>(socket: Socket, answer: () => T | Promise<T>): Promise<T | undefined> {
    const count = (this.#counts.get(socket) ?? 0) + 1;
    if (count > this.#countMax) return undefined;
    this.#counts.set(socket, count);
    try {
      return await answer();
    } finally {
      this.#counts.set(socket, (this.#counts.get(socket) ?? 1) - 1);
    }
  }
}
