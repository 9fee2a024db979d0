/**
 * Uploads over plain sockets, HTTP/1.1 written by hand: the load must cost the machine as little as
 * possible, since it shares its cores with what is measured.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

const STATUS_LINE = /^HTTP\/1\.1 (\d{3}) /;
const CONTENT_LENGTH = /\r\ncontent-length: (\d+)\r\n/i;
const HEAD_END = "\r\n\r\n";

export interface UploadTarget {
  /** The leader's, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly path: string;
  readonly mediaType: string;
}

/**
 * Sends every body in a request of its own over some connections, each one after the answer to the
 * one before.
 *
 * @throws {Error} unless each is answered by an empty 200: every report was taken
 */
export async function uploadAll(
  target: UploadTarget,
  bodies: readonly Uint8Array[],
  connectionCount: number,
): Promise<void> {
  // All connections draw from one iterator.
  const source = bodies.values();
  const lanes = Array.from({ length: connectionCount }, () => uploadLane(target, source));
  await Promise.all(lanes);
}

async function uploadLane(target: UploadTarget, source: Iterator<Uint8Array>): Promise<void> {
  const { hostname, port } = new URL(target.url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, "connect");
  try {
    await sendEach(socket, target, source);
  } finally {
    socket.destroy();
  }
}

function sendEach(
  socket: Socket,
  { url, path, mediaType }: UploadTarget,
  source: Iterator<Uint8Array>,
): Promise<void> {
  const fields = `host: ${new URL(url).host}\r\ncontent-type: ${mediaType}\r\n`;
  const head = `POST ${path} HTTP/1.1\r\n${fields}content-length: `;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sendNext = (): void => {
    const next = source.next();
    if (next.done) {
      resolve();
      return;
    }
    socket.cork();
    socket.write(`${head}${next.value.length}${HEAD_END}`, "latin1");
    socket.write(next.value);
    socket.uncork();
  };
  let received = "";
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
    if (!received.includes(HEAD_END)) return;
    const status = STATUS_LINE.exec(received)?.[1];
    const length = CONTENT_LENGTH.exec(received)?.[1] ?? "0";
    if (status !== "200" || length !== "0") {
      reject(new Error(`expected an empty 200 to an upload, got ${received.slice(0, 500)}`));
      return;
    }
    received = "";
    sendNext();
  });
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("expected an answer, but the node hung up")));
  sendNext();
  return promise;
}
