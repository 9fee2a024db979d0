/**
 * A study over two nodes, seen from all the sides that talk to them: the operators open it, people
 * send reports, somebody lies, the commissioner collects. Everything travels by plain `fetch`.
 */

import type { StudyStatus } from "@sumus/aggregator";
import { assert, defined } from "@sumus/assert";
import { concat, encodeBase64url, encodeHex } from "@sumus/bytes";
import { cryptoRandomBytes, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import {
  chooseHpkeConfig,
  collectInterval,
  createHpkeKeys,
  createReport,
  type DapTask,
  openCollection,
  type ReportInput,
  readUploadResponse,
  resourcePath,
  type TaskMeasurement,
} from "@sumus/dap";
import {
  decodeHpkeConfigList,
  encodeCollectionJobReq,
  type HpkeConfig,
  mediaType,
} from "@sumus/dap/messages";
import { createLie } from "@sumus/dap/testing";
import {
  type CompleteStudy,
  canonicalStudy,
  completeStudy,
  estimateStudy,
  lowerStudy,
  type MapRow,
  parseStudy,
  type ReleaseMeasure,
  studyBatchInterval,
  studyId,
  studyTasks,
} from "@sumus/study";
import type { Role } from "./node-process.ts";

const SUITE = hpkeSuite(0x0020, 0x0001, 0x0001);

/** How the leader answered an upload: refused as a whole, or what it said about single reports. */
export type UploadAnswer =
  | { readonly status: 200; readonly errors: readonly string[] }
  | { readonly status: number; readonly problem: string };

/** What the commissioner got for one task. */
export type Collected =
  | { readonly state: "waiting" }
  | { readonly state: "refused"; readonly problem: string }
  | { readonly state: "released"; readonly people: number; readonly aggregate: readonly bigint[] };

async function textOf(response: Response): Promise<string> {
  return `${response.status} ${await response.text()}`;
}

/** What a survey must know of the nodes; tokens may change while it runs. */
export interface SurveyedNodes {
  readonly urls: Readonly<Record<Role, string>>;
  operatorToken(role: Role): string;
  collectorToken(): string;
}

export class Survey {
  readonly tasks: readonly DapTask[];
  readonly #pair: SurveyedNodes;
  readonly #study: CompleteStudy;
  readonly #plan: ReturnType<typeof lowerStudy>;
  readonly #collector: ReturnType<typeof hpkeGenerateKeyPair>;
  readonly #configs: Readonly<Record<Role, HpkeConfig>>;

  private constructor(
    pair: SurveyedNodes,
    study: CompleteStudy,
    collector: ReturnType<typeof hpkeGenerateKeyPair>,
    configs: Readonly<Record<Role, HpkeConfig>>,
  ) {
    this.#pair = pair;
    this.#study = study;
    this.#plan = lowerStudy(study);
    this.tasks = studyTasks(study);
    this.#collector = collector;
    this.#configs = configs;
  }

  /** Completes a manifest, opens it on both nodes and fetches their keys. */
  static async open(pair: SurveyedNodes, manifest: string): Promise<Survey> {
    const reading = parseStudy(manifest);
    assert(reading.ok, "the manifest of a test is a study");
    const collector = hpkeGenerateKeyPair(SUITE, cryptoRandomBytes);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const study = completeStudy(reading.study, {
      commissioner: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
      ...pair.urls,
      collector: encodeBase64url(collector.publicKey.bytes),
      population: "tests",
      window: { opens: nowSeconds - 60, closes: nowSeconds + 3600 },
    });
    const openAt = async (role: Role): Promise<HpkeConfig> => {
      const opened = await fetch(`${pair.urls[role]}/studies`, {
        method: "POST",
        headers: { authorization: `Bearer ${pair.operatorToken(role)}` },
        body: canonicalStudy(study),
      });
      assert(opened.status === 201, `the ${role} opens the study: ${await textOf(opened)}`);
      const keys = await fetch(pair.urls[role] + resourcePath({ kind: "hpkeConfig" }));
      const config = chooseHpkeConfig(
        decodeHpkeConfigList(new Uint8Array(await keys.arrayBuffer())),
      );
      return defined(config, "a node has a key");
    };
    const configs = { leader: await openAt("leader"), helper: await openAt("helper") };
    return new Survey(pair, study, collector, configs);
  }

  /** An honest person's reports, one a task. */
  reports(row: MapRow): Uint8Array[] {
    const measurements = this.#plan.encode(row);
    return this.tasks.map((task, index) =>
      this.#report(task, defined(measurements[index], "a measurement a task")),
    );
  }

  /** A liar's reports: everything is right but the number that is hidden in them. */
  lies(): Uint8Array[] {
    const claim = { index: 0, count: 1000 };
    return this.tasks.map((task) => createLie(task, claim, this.#input(), cryptoRandomBytes));
  }

  #report(task: DapTask, measurement: TaskMeasurement): Uint8Array {
    return createReport(task, { ...this.#input(), measurement }, cryptoRandomBytes);
  }

  #input(): Omit<ReportInput, "measurement"> {
    return {
      timeSeconds: Math.floor(Date.now() / 1000),
      leaderHpkeConfig: this.#configs.leader,
      helperHpkeConfig: this.#configs.helper,
    };
  }

  /** Sends people's reports, each to its task, and expects that all are taken. */
  async uploadPeople(people: readonly (readonly Uint8Array[])[]): Promise<void> {
    for (const index of this.tasks.keys()) {
      const reports = people.map((own) => defined(own[index], "a report a task"));
      const answer = await this.upload(index, concat(...reports));
      assert(answer.status === 200 && "errors" in answer, `taken: ${JSON.stringify(answer)}`);
      assert(answer.errors.length === 0, `all reports are taken: ${answer.errors}`);
    }
  }

  /** Sends any bytes to a task. */
  async upload(taskIndex: number, body: Uint8Array): Promise<UploadAnswer> {
    const task = defined(this.tasks[taskIndex], "a task of the study");
    const path = resourcePath({ kind: "reports", taskId: task.id });
    const response = await fetch(this.#pair.urls.leader + path, {
      method: "POST",
      headers: { "content-type": mediaType("upload-req") },
      body: new Uint8Array(body),
    });
    if (response.status !== 200) {
      return { status: response.status, problem: await response.text() };
    }
    const errors = readUploadResponse(task, new Uint8Array(await response.arrayBuffer()));
    return { status: 200, errors: errors.map(({ error }) => error) };
  }

  async status(): Promise<StudyStatus> {
    const id = encodeHex(studyId(this.#study));
    const response = await fetch(`${this.#pair.urls.leader}/studies/${id}`);
    assert(response.ok, `the leader knows the study: ${response.status}`);
    return (await response.json()) as StudyStatus;
  }

  /** Asks once for a task's answer; asking again is the same question. */
  async collect(task: DapTask): Promise<Collected> {
    const headers = { authorization: `Bearer ${this.#pair.collectorToken()}` };
    const request = collectInterval(studyBatchInterval(this.#study), task.aggParam);
    const path = resourcePath({ kind: "collectionJobs", taskId: task.id });
    const created = await fetch(this.#pair.urls.leader + path, {
      method: "POST",
      headers: { ...headers, "content-type": mediaType("collection-job-req") },
      body: new Uint8Array(encodeCollectionJobReq(request)),
    });
    const location = created.headers.get("location");
    if (location === null) return { state: "refused", problem: await created.text() };
    await created.arrayBuffer();
    const response = await fetch(new URL(location, this.#pair.urls.leader), { headers });
    const body = new Uint8Array(await response.arrayBuffer());
    if (!response.ok) return { state: "refused", problem: new TextDecoder().decode(body) };
    if (body.length === 0) return { state: "waiting" };
    const keys = createHpkeKeys([{ id: 0, keyPair: this.#collector }]);
    const { reportCount, aggregate } = openCollection(task, keys, request, body);
    return { state: "released", people: reportCount, aggregate };
  }

  /** The estimates of a release. */
  estimates(aggregates: readonly (readonly bigint[])[]): ReleaseMeasure[] {
    return estimateStudy(this.#plan, aggregates, { noised: true });
  }
}
