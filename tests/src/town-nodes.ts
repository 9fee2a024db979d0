/**
 * A look at the two nodes of a running `sumus lab run` from outside, as somebody with root on the
 * machine has it: their files, their processes, their public status.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StudyStatus } from "@sumus/aggregator";

export type Role = "leader" | "helper";

const POLL_MS = 25;

/** What a node is started with, as far as it matters here. */
interface Configuration {
  readonly listen: { readonly port: number };
  readonly nodeKey: string;
  readonly operatorToken: string;
  readonly peerToken: string;
  readonly collectorToken?: string;
}

/** Undefined while there is no such file. */
async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

/** Undefined when nobody answers. */
async function getJson(url: string): Promise<unknown> {
  try {
    const response = await fetch(url);
    return response.ok ? await response.json() : undefined;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export class TownNodes {
  readonly #temporary: string;
  readonly #watching: Promise<void>;
  #ended = false;
  readonly #configurations = new Map<Role, Configuration>();
  /** All that the nodes wrote to their logs, as far as it was seen before the town was cleared. */
  readonly logs: Map<Role, string> = new Map();

  constructor(temporary: string) {
    this.#temporary = temporary;
    this.#watching = this.#watch();
  }

  /** Ends the watch, so that nothing outlives the test. */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#ended) {
      for (const town of await readdir(this.#temporary)) {
        for (const role of ["leader", "helper"] as const) {
          const log = await readIfThere(join(this.#temporary, town, `${role}.log`));
          if (log !== undefined) this.logs.set(role, log);
          const text = await readIfThere(join(this.#temporary, town, `${role}.json`));
          // Half a file is one that is being written: it is whole the next time.
          if (text?.endsWith("}"))
            this.#configurations.set(role, JSON.parse(text) as Configuration);
        }
      }
      await sleep(POLL_MS);
    }
  }

  /** Everything a node must not tell: keys and tokens, as they stand in the configurations. */
  secrets(): string[] {
    return [...this.#configurations.values()].flatMap((configuration) => {
      const { nodeKey, operatorToken, peerToken, collectorToken } = configuration;
      return [nodeKey, operatorToken, peerToken, ...(collectorToken ? [collectorToken] : [])];
    });
  }

  /** What the leader says about the one study; undefined when it does not answer. */
  async status(): Promise<StudyStatus | undefined> {
    const leader = this.#configurations.get("leader");
    if (leader === undefined) return undefined;
    const url = `http://127.0.0.1:${leader.listen.port}/studies`;
    const [study] = ((await getJson(url)) ?? []) as readonly { readonly id: string }[];
    if (study === undefined) return undefined;
    return (await getJson(`${url}/${study.id}`)) as StudyStatus | undefined;
  }

  /** Waits until the leader's status is as wanted. Throws when it never was. */
  async reach(wanted: (status: StudyStatus) => boolean): Promise<void> {
    while (!this.#ended) {
      const status = await this.status();
      if (status !== undefined && wanted(status)) return;
      await sleep(POLL_MS);
    }
    throw new Error("expected a state of the leader that it was never seen in");
  }

  /** Ends a node of this town without a warning. */
  async kill(role: Role): Promise<void> {
    for (const pid of await readdir("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      const commandLine = await readIfThere(`/proc/${pid}/cmdline`);
      const isOurs = commandLine?.includes(this.#temporary) && commandLine.includes(`${role}.json`);
      if (isOurs) process.kill(Number(pid), "SIGKILL");
    }
  }
}
