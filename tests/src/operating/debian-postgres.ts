/**
 * PostgreSQL with its tools, as a distribution installs it: the package from npm has no pg_dump.
 *
 * @module
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "@sumus/assert";

const NOBODY_ID = 65534;

/** Where the newest server stands that has its tools beside it. */
const FOLDER: string | undefined = globSync("/usr/lib/postgresql/*/bin")
  .filter((folder) =>
    ["initdb", "postgres", "pg_dump"].every((name) => existsSync(join(folder, name))),
  )
  .sort()
  .at(-1);

export const postgresToolsMissing: boolean = FOLDER === undefined;

export interface DebianPostgres extends AsyncDisposable {
  /** For its tools, and for programs that use its library. */
  readonly environment: Readonly<Record<string, string>>;
  url(database: string): string;
}

export async function startDebianPostgres(): Promise<DebianPostgres> {
  assert(FOLDER !== undefined, "the server is installed");
  const place = await mkdtemp("/tmp/sumus-debian-");
  const user = process.getuid?.() === 0 ? { uid: NOBODY_ID, gid: NOBODY_ID } : {};
  await chmod(place, 0o755);
  for (const name of ["data", "socket"]) {
    await mkdir(join(place, name), { mode: 0o700 });
    if (user.uid !== undefined) await chown(join(place, name), user.uid, NOBODY_ID);
  }
  const options = { cwd: place, ...user };
  const words = [
    "-D",
    join(place, "data"),
    "-U",
    "sumus",
    "--auth=trust",
    "--no-sync",
    "-E",
    "UTF8",
  ];
  const made = spawnSync(join(FOLDER, "initdb"), [...words, "--locale=C"], options);
  assert(made.status === 0, `initdb ends with 0: ${String(made.stderr)}`);
  const server: ChildProcess = spawn(
    join(FOLDER, "postgres"),
    [
      "-D",
      join(place, "data"),
      "-k",
      join(place, "socket"),
      "-c",
      "listen_addresses=",
      "-c",
      "fsync=off",
    ],
    { ...options, stdio: "ignore" },
  );
  const environment = { PGHOST: join(place, "socket"), PGUSER: "sumus", PGDATABASE: "postgres" };
  const isReady = () =>
    spawnSync(join(FOLDER ?? "", "pg_isready"), { env: { ...environment } }).status === 0;
  while (!isReady()) {
    assert(server.exitCode === null, "the server starts");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    environment: { ...environment },
    url: (database) =>
      `postgres://sumus@/${database}?host=${encodeURIComponent(environment.PGHOST)}`,
    async [Symbol.asyncDispose]() {
      const gone = once(server, "exit");
      server.kill("SIGINT");
      await gone;
      await rm(place, { recursive: true, force: true });
    },
  };
}
