/** A client process, from the side of who starts it. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ClientAnswer, ClientCommand } from "./client-messages.ts";

const MAIN = fileURLToPath(new URL("./client-main.ts", import.meta.url));

export interface ClientProcess {
  /** Resolves to the CPU time that it took. @throws {Error} with the client's trouble */
  run(command: ClientCommand): Promise<number>;
  stop(): Promise<void>;
}

export function startClient(): ClientProcess {
  const child = fork(MAIN, { execArgv: [], serialization: "advanced" });
  return {
    async run(command) {
      const answered = once(child, "message") as Promise<[ClientAnswer]>;
      const died = once(child, "exit").then(() => {
        throw new Error("expected the client process to answer, but it ended");
      });
      // Whoever loses the race has nobody left to tell.
      died.catch(() => {});
      child.send(command);
      const [answer] = await Promise.race([answered, died]);
      if (!answer.ok) throw new Error(answer.trouble);
      return answer.cpuMs;
    },
    async stop() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
