/** A process that makes real reports and uploads them, as many people's devices would. */
import { defined } from "@sumus/assert";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createReport, openDapTask } from "@sumus/dap";
import { decodeHpkeConfigList } from "@sumus/dap/messages";
import { describeError } from "@sumus/runtime";
import type { ClientAnswer, ClientCommand } from "./client-messages.ts";
import { uploadAll } from "./upload-load.ts";

let reports: Uint8Array[] = [];

process.on("message", (command: ClientCommand) => {
  run(command).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      const answer: ClientAnswer = { ok: false, trouble: describeError(error) };
      process.send?.(answer);
    },
  );
});

async function run(command: ClientCommand): Promise<ClientAnswer> {
  const before = process.cpuUsage();
  if (command.kind === "make") {
    reports = makeReports(command);
  } else {
    await uploadAll(command.target, reports, command.connections);
  }
  const { user, system } = process.cpuUsage(before);
  return { ok: true, cpuMs: (user + system) / 1000, reports: reports.length };
}

function makeReports(command: ClientCommand & { kind: "make" }): Uint8Array[] {
  const task = openDapTask(command.taskConfiguration, command.version);
  const [leaderHpkeConfig] = decodeHpkeConfigList(command.leaderHpkeConfigs);
  const [helperHpkeConfig] = decodeHpkeConfigList(command.helperHpkeConfigs);
  const input = {
    measurement: command.measurement,
    timeSeconds: Math.floor(Date.now() / 1000),
    leaderHpkeConfig: defined(leaderHpkeConfig, "a leader publishes a configuration"),
    helperHpkeConfig: defined(helperHpkeConfig, "a helper publishes a configuration"),
  };
  return Array.from({ length: command.reports }, () =>
    createReport(task, input, cryptoRandomBytes),
  );
}
