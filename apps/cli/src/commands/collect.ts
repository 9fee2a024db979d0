/** `sumus collect`: the collector of a task; opens the sum of a batch that no node can read. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Command, Option } from "@commander-js/extra-typings";
import { encodeBase64url } from "@sumus/bytes";
import {
  type Collected,
  type CollectOptions,
  collect,
  createPatientHttp,
  deleteCollectionJob,
  NodeError,
} from "@sumus/client";
import { aggregationOf, type Collection, createHpkeKeys } from "@sumus/dap";
import { formatTimestamp } from "@sumus/document";
import type { ProgressStep } from "@sumus/lab";
import { collectorHpkeConfig, halfWidthOf } from "@sumus/task";
import { CliError, EXIT } from "../cli-error.ts";
import { inWords } from "../tasks/ask-operator.ts";
import { readBatchRequest } from "../tasks/batch-request.ts";
import { findToken } from "../tasks/secret-file.ts";
import {
  besideTask,
  findCollectorKey,
  fromTask,
  type KnownTask,
  readKnownTask,
} from "../tasks/task-file.ts";
import type { Output } from "../terminal/output.ts";
import { createProgressBar } from "../terminal/progress-bar.ts";
import { formatTable } from "../terminal/table.ts";
import { type CommandContext, subcommand } from "./context.ts";

const TOKEN_VARIABLE = "SUMUS_COLLECTOR_TOKEN";
/** How often --wait looks whether more people came. */
const PEOPLE_MS = 5_000;

const EXAMPLES = `
The collector's key lies beside the task, as sumus task create wrote it; --key-file names another. The
leader's collector token comes from --token-file, from SUMUS_COLLECTOR_TOKEN, or from the file that the
task names. The command waits while reports are being verified. With fewer people than the task asks for
it ends with code 2 and says how many there are; --wait stays until there are enough.

Ctrl-C loses nothing: the same command asks for the same batch again. A batch that the leader selected is
let go of once its numbers are printed; the next --next-batch is another one.

A batch is collected once. Interval bounds are multiples of the task's time precision; without --interval
a task with an interval of its own is collected whole.

Examples:
  sumus collect --task task.json --interval 2026-10-01/2026-10-08 --token-file collector-token
  sumus collect --task task.json --next-batch --wait --format csv > batch.csv
  sumus collect --task strings.json --interval 2026-10-01/2026-10-08 --aggregation-parameter 00,01,10,11
  SUMUS_COLLECTOR_TOKEN=... sumus collect --task task.json --next-batch --json`;

/** Adds `collect`. */
export function addCollectCommand(program: Command, context: CommandContext): void {
  const format = new Option("--format <format>", "how numbers are printed")
    .choices(["table", "csv"] as const)
    .default("table" as const);
  subcommand(program, "collect", "collect a batch of a task")
    .requiredOption("--task <file>", "the task, as sumus task create wrote it")
    .option("--interval <from/to>", "the batch: all reports of these times")
    .option("--next-batch", "the batch: the next one that the leader selected")
    .option("--aggregation-parameter <prefixes>", "for Poplar1: what is counted, such as 00,01,10")
    .option("--token-file <file>", "the leader's collector token")
    .option("--key-file <file>", "the collector's private key")
    .option("--wait", "until enough people took part")
    .addOption(format)
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const known = await readKnownTask(options.task, context.output);
      const { request, labels } = readBatchRequest(known.document, known.task, options);
      const asking = await prepare(known, options, context);
      const { collection, job } = await collectPatiently({ ...asking, request }, options, context);
      const release = describeRelease(known, request.aggParam, collection, labels);
      context.output.print(
        options.json === true ? toJson(release) : formatRelease(release, options.format),
      );
      // Printed, it may be forgotten: until then the same question brings the same batch.
      if (request.query.batchMode === "leader_selected") await letGo(asking, job);
    });
}

interface CollectorOptions {
  readonly tokenFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly wait?: true | undefined;
}

/** Who asks, and where. */
async function prepare(
  { document, task, files, path }: KnownTask,
  options: CollectorOptions,
  { signal, output }: CommandContext,
): Promise<Omit<CollectOptions, "request">> {
  const named = files.collectorTokenFile && fromTask(path, files.collectorTokenFile);
  const token = await findToken(options.tokenFile ?? named ?? undefined, TOKEN_VARIABLE);
  if (token === undefined) {
    const remedy = `Give --token-file, or set ${TOKEN_VARIABLE}.`;
    throw new CliError("The leader asks collectors for a token: there is none.", remedy);
  }
  const keyFile = options.keyFile ?? besideTask(path, "collector-key");
  const keyPair = await findCollectorKey(keyFile);
  if (keyPair === undefined) {
    const remedy = "Name the collector's private key with --key-file.";
    throw new CliError(`There is no file ${keyFile}.`, remedy);
  }
  if (encodeBase64url(keyPair.publicKey.bytes) !== document.collector) {
    const remedy = "Name the key that this task was created with.";
    throw new CliError(`${keyFile} holds the key of another task.`, remedy);
  }
  const { leader } = document;
  const onTrouble = (trouble: string): void => output.say(`${leader} ${trouble}`);
  const http = createPatientHttp({ signal, onTrouble });
  const keys = createHpkeKeys([{ id: collectorHpkeConfig(document.collector).id, keyPair }]);
  return { http, leader, token, task, keys, signal };
}

/** Collects, and with `--wait` comes back while people are too few. */
async function collectPatiently(
  asking: CollectOptions,
  { wait = false }: { readonly wait?: boolean | undefined },
  { output }: CommandContext,
): Promise<Collected> {
  const people = createPeopleProgress(output);
  let wasTold = false;
  const onWait = (): void => {
    if (!wasTold) output.say("The leader is working on it; Ctrl-C loses nothing.");
    wasTold = true;
  };
  try {
    for (;;) {
      try {
        return await collect({ ...asking, onWait });
      } catch (error) {
        if (!isTooFew(error)) throw error;
        if (!wait) throw noAnswer(error.reason);
        people.hear(error.reason);
      }
      await sleep(PEOPLE_MS, undefined, { signal: asking.signal });
    }
  } catch (error) {
    throw explain(error, asking.leader);
  } finally {
    people.end();
  }
}

function isTooFew(error: unknown): error is NodeError {
  return error instanceof NodeError && error.type === "invalidBatchSize";
}

function noAnswer(reason: string): CliError {
  const remedy = "Wait until more people took part, or give --wait.";
  return new CliError(`There are too few people to answer: ${reason}.`, remedy, EXIT.noAnswer);
}

function explain(error: unknown, leader: string): unknown {
  if (error instanceof NodeError && error.type === "batchOverlap") {
    const remedy = "Each batch is collected once; whoever did has its numbers.";
    return new CliError(`The batch was collected before: ${error.reason}.`, remedy, EXIT.noAnswer);
  }
  return inWords(error, leader);
}

/** A bar of people, where the leader says how many there are. */
function createPeopleProgress(output: Output): { hear(reason: string): void; end(): void } {
  let step: ProgressStep | undefined;
  let shown = 0;
  return {
    hear(reason) {
      const [, now, total] = /^(\d{1,10}) of (\d{1,10}) people so far$/.exec(reason) ?? [];
      if (now === undefined || total === undefined) return;
      step ??= createProgressBar(output, () => performance.now()).begin(
        "people",
        Number(total),
        "people",
      );
      step.advance(Number(now) - shown);
      shown = Number(now);
    },
    end: () => step?.end(),
  };
}

/** The next question for a batch is a new one. */
async function letGo(asking: Omit<CollectOptions, "request">, job: string): Promise<void> {
  try {
    await deleteCollectionJob(asking, job);
  } catch (error) {
    throw inWords(error, asking.leader);
  }
}

/** What `--json` prints. */
interface Release {
  readonly task: string;
  readonly title: string;
  readonly reportCount: number;
  /** The smallest whole times with all reports in them. */
  readonly interval: { readonly starts: string; readonly ends: string };
  readonly aggregate: readonly {
    /** A place in a vector or histogram, or a prefix; null where there is one number alone. */
    readonly name: string | null;
    readonly value: bigint;
  }[];
  /** Half the 95 % interval that noise puts around each value; 0 without noise. */
  readonly halfWidth95: number;
}

function describeRelease(
  { document, task }: KnownTask,
  aggParam: Uint8Array,
  { reportCount, interval, aggregate }: Collection,
  labels: readonly string[] | null,
): Release {
  const { fieldModulus } = aggregationOf(task, aggParam).vdaf;
  const at = (time: number): string => formatTimestamp(time * document.timePrecision);
  const isNoised = document.noise.kind !== "none";
  return {
    task: encodeBase64url(task.id),
    title: document.title,
    reportCount,
    interval: { starts: at(interval.start), ends: at(interval.start + interval.duration) },
    aggregate: aggregate.map((residue, index) => ({
      name: labels?.[index] ?? (aggregate.length === 1 ? null : String(index)),
      // With noise a small sum may fall below zero, which a field writes as a large number.
      value: isNoised && residue > fieldModulus / 2n ? residue - fieldModulus : residue,
    })),
    halfWidth95: halfWidthOf(document),
  };
}

/** Newer than the types that describe it. */
const rawJson = JSON as unknown as { rawJSON(text: string): unknown };

/** Whole numbers of any size as JSON's own numbers, every digit of them. */
function toJson(release: Release): string {
  return JSON.stringify(release, (_, value: unknown) =>
    typeof value === "bigint" ? rawJson.rawJSON(String(value)) : value,
  );
}

function formatRelease(release: Release, format: "table" | "csv"): string {
  const { title, reportCount, interval, aggregate, halfWidth95 } = release;
  if (format === "csv") {
    const lines = aggregate.map(({ name, value }) => `${name ?? ""},${value},${halfWidth95}`);
    return ["name,value,half_width_95", ...lines].join("\n");
  }
  const columns = [
    { title: "", align: "left" },
    { title: "value", align: "right" },
    ...(halfWidth95 > 0 ? [{ title: "95 % of noise", align: "right" } as const] : []),
  ] as const;
  const rows = aggregate.map(({ name, value }) => [
    name ?? "sum",
    value.toLocaleString("en"),
    `± ${halfWidth95.toLocaleString("en")}`,
  ]);
  const people = `${reportCount.toLocaleString("en")} reports, ${interval.starts} to ${interval.ends}`;
  const width = halfWidth95 > 0 ? 3 : 2;
  return `${title}\n${people}\n${formatTable(
    columns,
    rows.map((row) => row.slice(0, width)),
  )}`;
}
