/**
 * A disk that a test can fill: a small file system in memory. Only root can mount one.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert } from "@sumus/assert";

const BALLAST = "ballast";

export class SmallDisk implements Disposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Undefined where this process may not mount anything. */
  static mount(bytes: number): SmallDisk | undefined {
    const folder = mkdtempSync(join(tmpdir(), "sumus-disk-"));
    // A database server runs as nobody.
    const options = `size=${bytes},mode=755`;
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]);
    if (status === 0) return new SmallDisk(folder);
    rmdirSync(folder);
    return undefined;
  }

  /** Leaves nobody else any room. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.folder);
    try {
      writeFileSync(join(this.folder, BALLAST), new Uint8Array(bavail * bsize));
    } catch (error) {
      // Others wrote meanwhile: then it is full as well.
      assert(error instanceof Error && "code" in error && error.code === "ENOSPC", String(error));
    }
  }

  free(): void {
    rmSync(join(this.folder, BALLAST), { force: true });
  }

  [Symbol.dispose](): void {
    spawnSync("umount", ["--lazy", this.folder]);
    rmdirSync(this.folder);
  }
}
