/** CPU time of this thread, to tell apart what vaults and what the lab around them spend. */

import type { Sandbox } from "@sumus/sandbox";

/** Since the thread began, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The same sandbox, counting the CPU time of its runs. */
export function meteredSandbox(sandbox: Sandbox): Sandbox & { spentMs(): number } {
  let spent = 0;
  return {
    run: (request) => {
      const begin = cpuMs();
      const outcome = sandbox.run(request);
      spent += cpuMs() - begin;
      return outcome;
    },
    spentMs: () => spent,
  };
}
