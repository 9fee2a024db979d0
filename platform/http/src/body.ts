import { concat, decodeUtf8 } from "@sumus/bytes";
import { ProblemError, plainProblem } from "./problem.ts";

/** Bodies up to this length are not counted: the number of connections bounds them. */
const SMALL_BYTES_MAX = 64 * 1024;

/** There is no room for now, through no fault of who asks: he may send the same again. */
export class BusyError extends Error {
  override readonly name = "BusyError";
  readonly code = "busy";
}

/**
 * Memory for large bodies that are on their way, of all connections together. Who announces much and
 * sends little takes little; who sends much takes it from others who send much, and small bodies
 * arrive all the same.
 */
export class BodyBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes of large bodies that are being read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws {BusyError} */
  take(bytes: number): void {
    if (this.#bytes + bytes > this.#bytesMax) {
      throw new BusyError("expected room for a large body, but others are arriving; send it again");
    }
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/**
 * The whole body of a request or response, at most `bytesMax`.
 *
 * @param budget for bodies of strangers, who may send many at a time
 * @throws {ProblemError} 413 when it is longer, 400 when it breaks off
 * @throws {BusyError} when the budget is used up
 */
export async function readBody(
  message: Request | Response,
  bytesMax: number,
  budget?: BodyBudget,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = message.headers.get("content-length");
  if (declared !== null && !(Number(declared) <= bytesMax)) throw tooLarge(bytesMax);
  try {
    // Why: reading at once is far cheaper than chunk by chunk, and a declared length binds both
    // Node's parser and undici: they deliver that many bytes or fail. Compression would unbind it.
    const isBound = declared !== null && message.headers.get("content-encoding") === null;
    if (isBound && (budget === undefined || Number(declared) <= SMALL_BYTES_MAX)) {
      return new Uint8Array(await message.arrayBuffer());
    }
    return await readChunks(message, bytesMax, budget);
  } catch (error) {
    if (error instanceof ProblemError || error instanceof BusyError) throw error;
    const detail = "expected a whole body, but it broke off; send the request again";
    throw new ProblemError(plainProblem(400, "Incomplete body", detail), { cause: error });
  }
}

/**
 * Like {@link readBody}, as text.
 *
 * @throws {ProblemError} 400 when it is not UTF-8
 */
export async function readText(message: Request | Response, bytesMax: number): Promise<string> {
  const body = await readBody(message, bytesMax);
  try {
    return decodeUtf8(body);
  } catch (error) {
    const detail = "expected a body in UTF-8, got other bytes";
    throw new ProblemError(plainProblem(400, "Malformed body", detail), { cause: error });
  }
}

async function readChunks(
  message: Request | Response,
  bytesMax: number,
  budget: BodyBudget | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (message.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let taken = 0;
  const body: AsyncIterable<Uint8Array> = message.body;
  try {
    for await (const chunk of body) {
      length += chunk.length;
      // Leaving the loop cancels the stream.
      if (length > bytesMax) throw tooLarge(bytesMax);
      if (length > SMALL_BYTES_MAX) {
        budget?.take(length - taken);
        taken = length;
      }
      chunks.push(chunk);
    }
    return concat(...chunks);
  } finally {
    budget?.give(taken);
  }
}

function tooLarge(bytesMax: number): ProblemError {
  const detail = `expected a body of at most ${bytesMax} bytes, got a longer one; split it`;
  return new ProblemError(plainProblem(413, "Content too large", detail));
}
