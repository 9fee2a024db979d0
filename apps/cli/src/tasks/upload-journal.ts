/**
 * How far an upload of a file is, beside the file: whoever is interrupted goes on where the leader
 * was last heard. Reports are made from the journal's seed and the row's number, so a report that is
 * made again is the same report, with the same id, and the leader counts it once.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { decodeBase64url, encodeBase64url, encodeUtf8, Secret } from "@sumus/bytes";
import { cryptoRandomBytes, hkdfSha256 } from "@sumus/crypto";
import { CliError } from "../cli-error.ts";

const SEED_BYTES = 32;

export interface JournalState {
  /** The task and the rows that it is about. */
  readonly task: string;
  readonly rows: string;
  /** Reports of rows without a time have this one. */
  readonly startedSeconds: number;
  /** Rows from the first on that the leader has answered for. */
  readonly done: number;
  /** Of them, refused by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

export class UploadJournal {
  /** An earlier run began it, and may have sent more than it heard answers for. */
  readonly isResumed: boolean;
  readonly #file: string;
  readonly #seed: Secret<Uint8Array>;
  #state: JournalState;

  private constructor(
    file: string,
    seed: Secret<Uint8Array>,
    state: JournalState,
    isResumed: boolean,
  ) {
    this.isResumed = isResumed;
    this.#file = file;
    this.#seed = seed;
    this.#state = state;
  }

  /** Goes on with the journal of these rows and this task, or begins one. */
  static async open(file: string, task: string, nowSeconds: number): Promise<UploadJournal> {
    const path = `${file}.upload`;
    const rows = await digestOf(file);
    const found = await findJournal(path);
    if (found !== undefined) {
      if (found.state.task === task && found.state.rows === rows) {
        return new UploadJournal(path, found.seed, found.state, true);
      }
      throw new CliError(
        `${path} tells of an upload of other rows, or to another task, that was not finished.`,
        `Finish it with the file as it was, or remove ${path} to begin anew.`,
      );
    }
    const seed = new Secret(cryptoRandomBytes(SEED_BYTES));
    const state = { task, rows, startedSeconds: nowSeconds, done: 0, refused: {} };
    const journal = new UploadJournal(path, seed, state, false);
    await journal.advance(0, []);
    return journal;
  }

  get state(): JournalState {
    return this.#state;
  }

  /** Chance for the report of a row: the same whenever it is asked. */
  randomOf(row: number): (length: number) => Uint8Array<ArrayBuffer> {
    let draws = 0;
    return (length) =>
      new Uint8Array(
        hkdfSha256({
          inputKey: this.#seed.reveal(),
          salt: encodeUtf8("report"),
          info: encodeUtf8(`${row} ${draws++}`),
          length,
        }),
      );
  }

  /** So many more rows are answered for. */
  async advance(count: number, refused: readonly string[]): Promise<void> {
    const counts: Record<string, number> = { ...this.#state.refused };
    for (const reason of refused) counts[reason] = (counts[reason] ?? 0) + 1;
    this.#state = { ...this.#state, done: this.#state.done + count, refused: counts };
    const text = JSON.stringify({ ...this.#state, seed: encodeBase64url(this.#seed.reveal()) });
    // A rename is whole or not at all.
    await writeFile(`${this.#file}.new`, text, { mode: 0o600 });
    await rename(`${this.#file}.new`, this.#file);
  }

  /** Everything is answered for: with the seed goes what reports could be opened with. */
  async end(): Promise<void> {
    await rm(this.#file);
  }
}

async function findJournal(
  path: string,
): Promise<{ seed: Secret<Uint8Array>; state: JournalState } | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const { seed, ...state } = JSON.parse(text) as JournalState & { readonly seed: string };
    return { seed: new Secret(decodeBase64url(seed)), state };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    throw new CliError(`${path} is no journal of an upload.`, "Move it elsewhere.");
  }
}

async function digestOf(file: string): Promise<string> {
  const hash: Hash = createHash("sha256");
  try {
    const chunks: AsyncIterable<Buffer> = createReadStream(file);
    for await (const chunk of chunks) hash.update(chunk);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`Cannot read ${file}: ${reason}`, "Check the path.");
  }
  return hash.digest("base64url");
}
