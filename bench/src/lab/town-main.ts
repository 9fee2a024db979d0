/** A town in a process of its own: asks the cholesterol study, and prints what it cost as JSON. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { measureCosts, type Progress } from "@sumus/lab";
import { parseStudy, type Study } from "@sumus/study";
import type { TownOrder } from "./town-run.ts";

const LAB = import.meta.resolve("@sumus/lab");
const TABLES = ["demographics", "lab_total_cholesterol"];
/** Between two lines about the same step. */
const SAY_MS = 30_000;

const order = JSON.parse(process.argv[2] ?? "{}") as TownOrder;
const result = await measureCosts({
  ...order,
  study: await readStudy(),
  files: TABLES.map((name) => ({
    name,
    file: fileURLToPath(new URL(`../data/persons/${name}.csv.gz`, LAB)),
    personColumn: "SEQN",
  })),
  progress: createProgress(),
  signal: new AbortController().signal,
});
process.stdout.write(`${JSON.stringify(result)}\n`);

async function readStudy(): Promise<Study> {
  const url = new URL("../scenarios/health/cholesterol.yaml", LAB);
  const reading = parseStudy(await readFile(url, "utf8"));
  if (reading.ok) return reading.study;
  throw new Error(`expected a valid study at ${url.pathname}: ${reading.problems[0]?.message}`);
}

/** A line now and then on standard error: the largest run takes a quarter of an hour. */
function createProgress(): Progress {
  const say = (line: string): void => void process.stderr.write(`  ${line}\n`);
  return {
    begin(name, total, unit) {
      let [done, saidMs] = [0, performance.now()];
      return {
        advance(count) {
          done += count;
          if (performance.now() - saidMs < SAY_MS) return;
          saidMs = performance.now();
          say(`${name}: ${done.toLocaleString("en")} of ${total.toLocaleString("en")} ${unit}`);
        },
        end() {},
      };
    },
    note: say,
  };
}
