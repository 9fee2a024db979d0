/** One node as a process of its own, started as `sumus node run` starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cpuMsOf, rssBytesOf } from "@sumus/runtime";

/** As deploy/ starts nodes: keeps what is young, and with it the process, small. */
const FLAGS = ["--max-semi-space-size=16"];

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.resolve("@sumus/aggregator")));

export interface NodeProcess {
  readonly url: string;
  cpuMs(): number;
  rssBytes(): number;
  /** Makes it stand still, and go on. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** @param configPath where its configuration is written */
export async function startNode(
  configPath: string,
  config: Readonly<Record<string, unknown>>,
): Promise<NodeProcess> {
  await writeFile(configPath, JSON.stringify(config), { mode: 0o600 });
  const child = spawn(process.execPath, [...FLAGS, ...furtherFlags(), MAIN, configPath], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: process.env["PATH"], NODE_NO_WARNINGS: "1" },
  });
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const url = await listeningUrl(child);
  const processId = child.pid ?? 0;
  return {
    url,
    cpuMs: () => cpuMsOf(processId),
    rssBytes: () => rssBytesOf(processId),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    async stop() {
      process.off("exit", killAtExit);
      if (child.exitCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

/** For the nodes alone, such as `--cpu-prof`, to see where their time goes. */
function furtherFlags(): string[] {
  return process.env["SUMUS_BENCH_NODE_FLAGS"]?.split(" ") ?? [];
}

async function listeningUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("expected a pipe from the node, got none");
  for await (const line of createInterface({ input: child.stdout })) {
    return (JSON.parse(line) as { url: string }).url;
  }
  throw new Error("expected the node to listen, but it ended; its log says why");
}
