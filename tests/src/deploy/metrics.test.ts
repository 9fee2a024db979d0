/**
 * What running nodes export, what docs/operating/metrics.md tells, and what the dashboard and the
 * alerts ask for, are the same metrics, by Prometheus' naming conventions.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBase64url } from "@sumus/bytes";
import { x25519PublicKey } from "@sumus/crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { freePort, NodeProcess, type Role } from "../node-process.ts";
import { readRepositoryFile } from "./files.ts";

/** By name: the type. */
type Exported = ReadonlyMap<string, string>;

let folder: string;
const nodes: NodeProcess[] = [];
const exported = new Map<Role, Exported>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-metrics-"));
  const key = new Uint8Array(32).fill(3);
  for (const role of ["leader", "helper"] as const) {
    const operatorPort = await freePort();
    const configuration = {
      operatorListen: { port: operatorPort },
      folder: join(folder, `${role}-state`),
      nodeKey: encodeBase64url(key),
      peer: { url: "http://127.0.0.1:9", publicKey: encodeBase64url(x25519PublicKey(key)) },
      operatorToken: "o".repeat(20),
      peerToken: "p".repeat(20),
      ...(role === "leader" && { collectorToken: "c".repeat(20) }),
    };
    const node = new NodeProcess({
      name: role,
      role,
      port: await freePort(),
      folder,
      configuration,
    });
    nodes.push(node);
    await node.start();
    const text = await (await fetch(`http://127.0.0.1:${operatorPort}/metrics`)).text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    exported.set(role, new Map(types.map(([, name = "", type = ""]) => [name, type])));
  }
}, 60_000);
afterAll(async () => {
  for (const node of nodes) await node.end("SIGTERM");
  await rm(folder, { recursive: true, force: true });
});

/** Names of metrics in a text; those of a histogram's parts become the histogram's. */
function namesIn(text: string): string[] {
  const names = [...text.matchAll(/\b(?:sumus|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
  return [...new Set(names)].sort();
}

function histogramOf(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, "");
}

function allNames(): string[] {
  return [...new Set([...exported.values()].flatMap((metrics) => [...metrics.keys()]))].sort();
}

test("both roles export the same, named by Prometheus' conventions", () => {
  expect(exported.get("leader")).toEqual(exported.get("helper"));
  for (const [name, type] of exported.get("leader") ?? []) {
    expect(["counter", "gauge", "histogram"], name).toContain(type);
    expect(name.endsWith("_total"), name).toBe(type === "counter");
    if (type === "histogram") expect(name).toMatch(/_seconds$/);
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|count|sum|bucket)(_|$)/);
  }
});

test("docs/operating/metrics.md tells each, and its type, and no other", () => {
  const page = readRepositoryFile("docs/operating/metrics.md");
  expect(namesIn(page)).toEqual(allNames());
  for (const row of page.split("\n").filter((line) => line.startsWith("| `"))) {
    const [, names = "", told = ""] = row.split("|");
    for (const name of namesIn(names))
      expect([name, told.trim()]).toEqual([name, exported.get("leader")?.get(name)]);
  }
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readRepositoryFile("deploy/grafana-dashboard.json")) as {
  readonly panels: readonly Panel[];
};

test("the dashboard asks for metrics that there are, and leaves none out", () => {
  const expressions = dashboard.panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr),
  );
  const asked = namesIn(expressions.join("\n")).map(histogramOf);
  expect([...new Set(asked)].sort()).toEqual(allNames());
});

test("the dashboard's panels say what they are and cover each other nowhere", () => {
  const cells = new Set<string>();
  for (const { type, title, description, gridPos } of dashboard.panels) {
    if (type !== "row") expect(description, title).toMatch(/\.$/);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x < 24 && !cells.has(`${x} ${y}`), title).toBe(true);
        cells.add(`${x} ${y}`);
      }
    }
  }
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
});

test("the alerts ask for metrics that there are, and say what to do", () => {
  const { groups } = parse(readRepositoryFile("deploy/prometheus-rules.yaml")) as {
    groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { alert, expr, annotations } of rules) {
    for (const name of namesIn(expr)) expect(allNames(), alert).toContain(histogramOf(name));
    expect(annotations["summary"], alert).toBeTruthy();
    expect(annotations["description"], alert).toMatch(/\.$/);
  }
});
