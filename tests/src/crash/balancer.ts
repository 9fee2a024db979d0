/**
 * One address for the replicas of a node, as a proxy gives it to them: each connection goes to one
 * that takes it. It can cut all connections at once, which is what a network does.
 *
 * @module
 */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { assert } from "@sumus/assert";

export class Balancer {
  readonly url: string;
  readonly #server: Server;
  readonly #ports: readonly number[];
  readonly #sockets: Set<Socket>;
  #turn = 0;

  private constructor(server: Server, ports: readonly number[], sockets: Set<Socket>) {
    const address = server.address();
    assert(typeof address === "object" && address !== null, "a listening server has an address");
    this.url = `http://127.0.0.1:${address.port}`;
    this.#server = server;
    this.#ports = ports;
    this.#sockets = sockets;
    server.on("connection", (socket) => this.#forward(socket, this.#ports.length));
  }

  /** @param ports of the replicas; they need not listen yet */
  static async open(ports: readonly number[]): Promise<Balancer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Balancer(server, ports, new Set());
  }

  /** Breaks every connection, in the middle of whatever it carries. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    await once(this.#server, "close");
  }

  /** @param tries how many replicas may still refuse before the client is refused as well */
  #forward(client: Socket, tries: number): void {
    const port = this.#ports[this.#turn++ % this.#ports.length];
    assert(port !== undefined, "a balancer has replicas");
    const replica = connect(port, "127.0.0.1");
    const drop = (): void => {
      client.destroy();
      replica.destroy();
    };
    const passOn = (): void => {
      replica.destroy();
      if (tries > 1 && !client.destroyed) this.#forward(client, tries - 1);
      else client.destroy();
    };
    client.on("error", drop);
    replica.once("error", passOn);
    replica.once("connect", () => {
      replica.off("error", passOn);
      for (const socket of [client, replica]) {
        this.#sockets.add(socket);
        socket.on("error", drop).on("close", () => {
          this.#sockets.delete(socket);
          drop();
        });
      }
      client.pipe(replica).pipe(client);
    });
  }
}
