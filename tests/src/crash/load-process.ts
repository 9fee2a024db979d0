/**
 * A process of clients: it is told what to send, sends it as many clients at once, and tells what
 * each heard. It outlives the rounds; the nodes do not.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { lyingTask } from "@sumus/aggregator/testing";
import { assert, defined } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import { cryptoRandomBytes } from "@sumus/crypto";
import {
  createReport,
  type DapVersion,
  isPrio3Task,
  openDapTask,
  type Prio3Task,
  readUploadResponse,
  resourcePath,
} from "@sumus/dap";
import {
  decodeHpkeConfigList,
  decodeReport,
  type HpkeConfig,
  mediaType,
} from "@sumus/dap/messages";
import { createHttpClient, HttpError, type HttpResponse } from "@sumus/http";
import { measurementLength, shardEncoded } from "@sumus/vdaf/testing";
import { Chance } from "../chance.ts";
import type { Entry, Order } from "./ledger.ts";

/** What the process is told. */
export interface LoadOrder {
  readonly version: DapVersion;
  readonly taskConfiguration: Uint8Array;
  readonly urls: { readonly leader: string; readonly helper: string };
  readonly orders: readonly Order[];
  readonly clients: number;
  /** How long the clients take between two uploads, at most. */
  readonly pauseMsMax: number;
  readonly seed: string;
}

/** What it tells: what was heard of some reports, and the end. */
export type LoadMessage =
  | { readonly kind: "heard"; readonly entries: readonly Entry[] }
  | { readonly kind: "done" };

const REPORTS_PER_UPLOAD_MAX = 4;
const RETRY_MS = 100;
const TIMEOUT_MS = 10_000;
/** More than a clock may be wrong. */
const SKEW_SECONDS = 3600;

/** One try at a time: how often was asked is part of the ledger. */
const http = createHttpClient({ triesMax: 1, timeoutMs: TIMEOUT_MS });

interface Town {
  readonly task: Prio3Task;
  readonly configs: { readonly leader: HpkeConfig; readonly helper: HpkeConfig };
  readonly order: LoadOrder;
}

process.on("message", (order: LoadOrder) => {
  void run(order);
});

async function run(order: LoadOrder): Promise<void> {
  const task = openDapTask(order.taskConfiguration, order.version);
  assert(isPrio3Task(task), "people send reports of Prio3");
  const { leader, helper } = order.urls;
  const configs = { leader: await configOf(leader), helper: await configOf(helper) };
  const waiting = [...order.orders];
  const client = async (number: number): Promise<void> => {
    const chance = new Chance(`${order.seed}/client ${number}`);
    while (waiting.length > 0) {
      await sleep(chance.integer(0, order.pauseMsMax));
      const orders = waiting.splice(0, chance.integer(1, REPORTS_PER_UPLOAD_MAX));
      if (orders.length > 0) await deliver({ task, configs, order }, orders);
    }
  };
  await Promise.all(Array.from({ length: order.clients }, (_, number) => client(number)));
  tell({ kind: "done" });
}

async function configOf(url: string): Promise<HpkeConfig> {
  const request = { method: "GET", url: url + resourcePath({ kind: "hpkeConfig" }) } as const;
  const { body } = await sendUntilAnswered(() => http.send(request));
  return defined(decodeHpkeConfigList(body)[0], "a node publishes a configuration");
}

/** Sends some reports in one upload; the impatient ones in one of their own. */
async function deliver(town: Town, orders: readonly Order[]): Promise<void> {
  const isImpatient = ({ kind }: Order): boolean => kind === "impatient";
  for (const group of [orders.filter(isImpatient), orders.filter((one) => !isImpatient(one))]) {
    if (group.length > 0) tell({ kind: "heard", entries: await upload(town, group) });
  }
}

async function upload(town: Town, orders: readonly Order[]): Promise<Entry[]> {
  const reports = orders.map((order) => makeReport(town, order));
  const { task } = town;
  let tries = 0;
  const send = async (): Promise<HttpResponse> => {
    tries++;
    return await http.send({
      method: "POST",
      url: town.order.urls.leader + resourcePath({ kind: "reports", taskId: task.id }),
      headers: { "content-type": mediaType("upload-req") },
      body: concat(...reports),
    });
  };
  const isImpatient = orders[0]?.kind === "impatient";
  const response = isImpatient ? await sendOnce(send) : await sendUntilAnswered(send);
  if (response?.status !== 200)
    return orders.map((order) => ({ ...order, tries, answer: "unknown" }));
  const errors = readUploadResponse(task, response.body);
  return orders.map((order, index) => {
    const { reportId } = decodeReport(defined(reports[index], "a report an order")).reportMetadata;
    const error = errors.find(({ id }) => Buffer.compare(id, reportId) === 0)?.error;
    // Said of a report that was sent before, a replay is an acknowledgement.
    const isAcknowledged = error === undefined || (error === "report_replayed" && tries > 1);
    return { ...order, tries, answer: isAcknowledged ? "acknowledged" : error };
  });
}

function makeReport({ task, configs }: Town, { cell, kind }: Order): Uint8Array {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const earlySeconds = nowSeconds + task.configuration.timePrecision + SKEW_SECONDS;
  const report = createReport(
    kind === "lying" ? lie(task, cell) : task,
    {
      measurement: cell,
      timeSeconds: kind === "early" ? earlySeconds : nowSeconds,
      leaderHpkeConfig: configs.leader,
      helperHpkeConfig: configs.helper,
    },
    cryptoRandomBytes,
  );
  // The last byte belongs to the helper's sealed share.
  if (kind === "unreadable") report[report.length - 1] = (report.at(-1) ?? 0) ^ 1;
  return report;
}

/** The task as somebody sees it who counts himself a thousand times. */
function lie(task: Prio3Task, cell: number): Prio3Task {
  const encoded = new Array<bigint>(measurementLength(task.vdaf)).fill(0n);
  encoded[cell] = 1000n;
  return lyingTask(task, (context, _, nonce, rand) =>
    shardEncoded(task.vdaf, context, encoded, nonce, rand),
  );
}

async function sendOnce(send: () => Promise<HttpResponse>): Promise<HttpResponse | undefined> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}

/** Until somebody answers: a refusal by a dying node is none. Whoever started us sets the end. */
async function sendUntilAnswered(send: () => Promise<HttpResponse>): Promise<HttpResponse> {
  for (;;) {
    const response = await sendOnce(send);
    if (response !== undefined && response.status < 500) return response;
    await sleep(RETRY_MS);
  }
}

function tell(message: LoadMessage): void {
  assert(process.send !== undefined, "this process was forked");
  process.send(message);
}
