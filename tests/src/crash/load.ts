/** Processes of clients, seen from whoever started them. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Entry } from "./ledger.ts";
import type { LoadMessage, LoadOrder } from "./load-process.ts";

const MAIN = fileURLToPath(new URL("./load-process.ts", import.meta.url));

export class Load {
  readonly #children: readonly ChildProcess[];

  /** @param processes how many; each takes its part of what is to be sent */
  constructor(processes: number) {
    this.#children = Array.from({ length: processes }, () =>
      fork(MAIN, { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] }),
    );
  }

  /**
   * Sends everything; what was heard goes into `ledger` as it is heard.
   *
   * @throws when a process of clients ends
   */
  async send(order: LoadOrder, ledger: Entry[]): Promise<void> {
    await Promise.all(
      this.#children.map((child, index) => {
        const orders = order.orders.filter((_, at) => at % this.#children.length === index);
        return sendBy(child, { ...order, orders, seed: `${order.seed}/${index}` }, ledger);
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      }),
    );
  }
}

async function sendBy(child: ChildProcess, order: LoadOrder, ledger: Entry[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onMessage = (message: LoadMessage): void => {
    if (message.kind === "heard") ledger.push(...message.entries);
    else resolve();
  };
  const onExit = (): void => reject(new Error("a process of clients ended; see its words above"));
  child.on("message", onMessage).on("exit", onExit);
  try {
    child.send(order);
    await promise;
  } finally {
    child.off("message", onMessage).off("exit", onExit);
  }
}
