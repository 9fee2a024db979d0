/**
 * One process a folder. Two databases on one folder lose acknowledged rows without an error, so
 * the second opener is refused. The lock is a file that names its holder; a holder that is dead
 * (its pid is gone, or belongs to a process that started at another time) is replaced.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";

const LOCK_NAME = "lock";

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started, in the kernel's own words; empty where the kernel does not say. */
  readonly started: string;
  /** Distinguishes two locks of one process. */
  readonly token: string;
}

/** Another process holds the folder. */
export class FolderLockedError extends Error {
  override readonly name = "FolderLockedError";
  readonly code = "folderLocked";
  readonly folder: string;

  constructor(folder: string, holder: string) {
    super(
      `expected the store in ${folder} to be free, but it is held by ${holder}; ` +
        `stop that process, or delete ${join(folder, LOCK_NAME)} if it is gone`,
    );
    this.folder = folder;
  }
}

export interface FolderLock {
  /** @throws {FolderLockedError} when somebody else replaced this lock meanwhile */
  verify(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the folder for this process, creating it when it does not exist.
 *
 * @throws {FolderLockedError} when a living process holds it, or a process of another machine
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(resolve(folder), LOCK_NAME);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    started: await startOf(process.pid),
    token: randomUUID(),
  };
  const draft = `${path}.${own.token}`;
  await writeFile(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    if (!(await linkIfFree(draft, path))) {
      await removeDead(folder, path);
      if (!(await linkIfFree(draft, path))) throw new FolderLockedError(folder, "a faster process");
    }
  } finally {
    await rm(draft, { force: true });
  }
  heldTokens.add(own.token);
  const verify = async (): Promise<void> => {
    const holder = await readHolder(path);
    if (holder?.token !== own.token) throw new FolderLockedError(folder, describe(holder));
  };
  return {
    verify,
    async release() {
      heldTokens.delete(own.token);
      const holder = await readHolder(path);
      if (holder?.token === own.token) await rm(path, { force: true });
    },
  };
}

/** Locks of this very process, whose pid alone says nothing. */
const heldTokens = new Set<string>();

/** `link` creates the lock whole or not at all, and fails when it exists. */
async function linkIfFree(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

async function removeDead(folder: string, path: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder !== undefined && (await isAlive(holder))) {
    throw new FolderLockedError(folder, describe(holder));
  }
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  // Somebody may have replaced the dead lock between reading and renaming: give theirs back.
  const moved = await readHolder(aside);
  if (moved?.token !== holder?.token) await linkIfFree(aside, path);
  await rm(aside, { force: true });
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true;
  if (holder.pid === process.pid) return heldTokens.has(holder.token);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM means that the process lives under another user.
    if (hasCode(error, "ESRCH")) return false;
  }
  const started = await startOf(holder.pid);
  return holder.started === "" || started === "" || holder.started === started;
}

/** Boot and start time of a process on Linux: together with the pid they name it for ever. */
async function startOf(pid: number): Promise<string> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // Field 22, counted behind the command name, which may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return `${boot.trim()}/${fields[19] ?? ""}`;
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "EACCES") || hasCode(error, "ESRCH")) return "";
    throw error;
  }
}

/** Undefined when there is no lock or its file was cut short by a crash. */
async function readHolder(path: string): Promise<Holder | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
  try {
    const value: Partial<Holder> = JSON.parse(text);
    const { pid, host, started, token } = value;
    if (typeof pid !== "number" || typeof host !== "string") return undefined;
    if (typeof started !== "string" || typeof token !== "string") return undefined;
    return { pid, host, started, token };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function describe(holder: Holder | undefined): string {
  return holder === undefined ? "a faster process" : `process ${holder.pid} on ${holder.host}`;
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
