/**
 * deploy/compose/ without a container engine: everything that its files name exists and is hardened,
 * and what the containers of a leader and of a helper run, runs here: two replicas each, on a real
 * PostgreSQL, healthy by the very command of the health check.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defined } from "@sumus/assert";
import { encodeBase64url } from "@sumus/bytes";
import { localPostgresMissing, startLocalPostgres } from "@sumus/storage/local-postgres";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { freePort, type Role } from "../node-process.ts";
import { ROOT, readRepositoryFile } from "./files.ts";

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly profiles: readonly string[];
  readonly command?: readonly string[];
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly restart: string;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly networks: readonly string[] | Readonly<Record<string, unknown>>;
  readonly deploy?: { readonly replicas: number };
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly healthcheck: { readonly test: readonly string[] };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, unknown>>;
}

const FOLDER = "deploy/compose";
const compose = parse(readRepositoryFile(`${FOLDER}/compose.yaml`), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const containerfile = readRepositoryFile("deploy/Containerfile");

function secretsOf({ secrets = [] }: Service): { source: string; path: string }[] {
  return secrets.map((secret) => {
    const { source, target } =
      typeof secret === "string" ? { source: secret, target: secret } : secret;
    return { source, path: `/run/secrets/${target}` };
  });
}

describe.each(services)("the service %s", (name, service) => {
  test("runs a pinned image as nobody special, and writes nowhere", () => {
    expect(service.image).toMatch(/^[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      restart: "always",
    });
    expect(service.healthcheck.test[0]).toBe("CMD");
    if (!name.endsWith("-proxy")) expect(service.ports).toBeUndefined();
  });

  test("names only what exists, and sees only its own organisation's secrets", () => {
    const [profile = ""] = service.profiles;
    expect(service.profiles.length).toBe(1);
    for (const { source } of secretsOf(service)) {
      expect(source.startsWith(`${profile}-`), source).toBe(true);
      expect(Object.keys(compose.secrets)).toContain(source);
    }
    for (const volume of service.volumes ?? []) {
      const [source = ""] = volume.split(":");
      if (source.startsWith("./"))
        expect(existsSync(`${ROOT}/${FOLDER}/${source}`), source).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    const networks = Array.isArray(service.networks)
      ? service.networks
      : Object.keys(service.networks);
    for (const network of networks) expect(Object.keys(compose.networks)).toContain(network);
    for (const other of Object.keys(service.depends_on ?? {})) {
      expect(compose.services[other]?.profiles).toEqual(service.profiles);
    }
    for (const [variable, path] of Object.entries(service.environment ?? {})) {
      if (variable.endsWith("_FILE"))
        expect(secretsOf(service).map((each) => each.path)).toContain(path);
    }
    if (service.build) {
      expect(existsSync(join(ROOT, FOLDER, service.build.context, service.build.dockerfile))).toBe(
        true,
      );
    }
  });
});

test("every secret is a file that is never put into the image, and somebody needs it", () => {
  const used = services.flatMap(([, service]) => secretsOf(service).map(({ source }) => source));
  expect(new Set(used)).toEqual(new Set(Object.keys(compose.secrets)));
  for (const [name, { file }] of Object.entries(compose.secrets)) {
    expect(file).toBe(`./secrets/${name.replace("-", "/")}`);
  }
  expect(readRepositoryFile(".dockerignore")).toContain(`${FOLDER}/secrets\n`);
});

test("the proxy's configuration names the node, its port and its secrets as they are", () => {
  const nginx = readRepositoryFile(`${FOLDER}/nginx.conf`);
  expect(nginx).toContain("server node:8080 resolve;");
  const proxies = services.filter(([name]) => name.endsWith("-proxy"));
  expect(proxies.length).toBe(2);
  for (const [, proxy] of proxies) {
    for (const { path } of secretsOf(proxy)) expect(nginx).toContain(` ${path};`);
    expect(nginx).toContain(`listen ${proxy.ports?.[0]?.split(":")[1]} ssl;`);
  }
  for (const role of ["leader", "helper"]) {
    const { networks } = defined(compose.services[role], "the role has a service");
    expect(networks).toMatchObject({ [role]: { aliases: ["node"] } });
  }
});

test("the image is built from pinned images, runs our program, and not as root", () => {
  const bases = [...containerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  const { devDependencies } = JSON.parse(readRepositoryFile("package.json")) as {
    devDependencies: Record<string, string>;
  };
  const node = `node:${devDependencies["node"]}-bookworm-slim`;
  expect(bases).toEqual([node, node]);
  expect(containerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
  const [, program = ""] = /^ENTRYPOINT \["node", "\/sumus\/(.*)"\]$/m.exec(containerfile) ?? [];
  expect(existsSync(`${ROOT}/${program}`)).toBe(true);
});

/** What the containers of `role` would run, with its files in `folder` and its ports free ones. */
async function startReplica(role: Role, folder: string, postgresUrl: string) {
  const service = defined(compose.services[role], "the role has a service");
  for (const { source } of secretsOf(service)) {
    await writeFile(
      join(folder, source),
      source.endsWith("postgres-url") ? postgresUrl : `${source}-token`,
    );
  }
  await writeFile(join(folder, `${role}-node-key`), randomBytes(32).toString("base64url"));
  // The same for both replicas: they share the store.
  const storeKey = encodeBase64url(new Uint8Array(32).fill(5));
  await writeFile(join(folder, `${role}-store-key`), storeKey);
  const [port, operatorPort] = [await freePort(), await freePort()];
  const config = readRepositoryFile(`${FOLDER}/${role}.yaml`)
    .replaceAll("/run/secrets/", `${folder}/`)
    .replaceAll("0.0.0.0", "127.0.0.1")
    .replace("8080", String(port))
    .replace("9464", String(operatorPort))
    .replace("A".repeat(43), encodeBase64url(new Uint8Array(32).fill(9)));
  const path = join(folder, `${role}-${port}.yaml`);
  await writeFile(path, config);
  const [, program = ""] = /^ENTRYPOINT \["node", "\/sumus\/(.*)"\]$/m.exec(containerfile) ?? [];
  const words = defined(service.command, "a node has a command").map((word) =>
    word.replace(`/etc/sumus/${role}.yaml`, path),
  );
  const child = spawn(process.execPath, [join(ROOT, program), ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
  expect(String(line)).toContain(`"role":"${role}"`);
  return { child, operatorPort };
}

/** The exit status of the health check, on another port. */
function checkHealth(role: Role, port: number): number | null {
  const service = defined(compose.services[role], "the role has a service");
  const [, , ...words] = service.healthcheck.test;
  const here = words.map((word) => word.replace("9464", String(port)));
  return spawnSync(process.execPath, here).status;
}

test.skipIf(localPostgresMissing() !== undefined)(
  "what the containers run, runs: two replicas of each role, healthy until they end",
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "sumus-compose-"));
    const server = await startLocalPostgres({ fsync: "off" });
    const children: ChildProcess[] = [];
    try {
      for (const role of ["leader", "helper"] as const) {
        const url = (await server.createDatabase(role)).reveal();
        expect(compose.services[role]?.deploy?.replicas).toBe(2);
        for (const _ of ["first", "second"]) {
          const { child, operatorPort } = await startReplica(role, folder, url);
          children.push(child);
          expect(checkHealth(role, operatorPort)).toBe(0);
          expect(checkHealth(role, await freePort())).toBe(1);
        }
      }
      const ended = children.map((child) => once(child, "exit"));
      for (const child of children) child.kill("SIGTERM");
      expect(await Promise.all(ended)).toEqual(children.map(() => [0, null]));
    } finally {
      for (const child of children) child.kill("SIGKILL");
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
