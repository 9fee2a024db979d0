/**
 * A client as a process of its own, of which tests start many at once: people who share a device, and
 * send each a report in a request of their own.
 *
 * `node client-process.ts TASK MEASUREMENTS`: the task as `sumus task create` wrote it, and a JSON list.
 */
import { readFile } from "node:fs/promises";
import { createPatientHttp, fetchHpkeConfig, sendReports } from "@sumus/client";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createReport, type TaskMeasurement } from "@sumus/dap";
import { dapTaskOf, decodeTask } from "@sumus/task";
import { packBits } from "@sumus/vdaf";

/** A number, numbers, or for Poplar1 a text of zeros and ones. */
export type PlainMeasurement = number | readonly number[] | string;

function toMeasurement(plain: PlainMeasurement): TaskMeasurement {
  return typeof plain === "string" ? packBits(Array.from(plain, (bit) => bit === "1")) : plain;
}

const [taskPath = "", measurements = "[]"] = process.argv.slice(2);
const document = decodeTask(JSON.stringify(JSON.parse(await readFile(taskPath, "utf8"))));
const task = dapTaskOf(document);
const http = createPatientHttp({ signal: new AbortController().signal });
const [leaderHpkeConfig, helperHpkeConfig] = await Promise.all([
  fetchHpkeConfig(http, document.leader),
  fetchHpkeConfig(http, document.helper),
]);
const timeSeconds = Math.floor(Date.now() / 1000);
const refused = await Promise.all(
  (JSON.parse(measurements) as PlainMeasurement[]).map((plain) => {
    const measurement = toMeasurement(plain);
    const input = { measurement, timeSeconds, leaderHpkeConfig, helperHpkeConfig };
    const report = createReport(task, input, cryptoRandomBytes);
    return sendReports(http, document.leader, task, [report]);
  }),
);
process.stdout.write(JSON.stringify(refused.flat().map(({ error }) => error)));
