import { concat, decodeUtf8 } from "@sumus/bytes";
import { ProblemError, plainProblem } from "./problem.ts";

/**
 * The whole body of a request or response, at most `bytesMax`.
 *
 * @throws {ProblemError} 413 when it is longer, 400 when it breaks off
 */
export async function readBody(
  message: Request | Response,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const declared = message.headers.get("content-length");
  if (declared !== null && !(Number(declared) <= bytesMax)) throw tooLarge(bytesMax);
  try {
    // Why: reading at once is far cheaper than chunk by chunk, and a declared length binds both
    // Node's parser and undici: they deliver that many bytes or fail. Compression would unbind it.
    if (declared !== null && message.headers.get("content-encoding") === null) {
      return new Uint8Array(await message.arrayBuffer());
    }
    return await readChunks(message, bytesMax);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
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
): Promise<Uint8Array<ArrayBuffer>> {
  if (message.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const body: AsyncIterable<Uint8Array> = message.body;
  for await (const chunk of body) {
    length += chunk.length;
    // Leaving the loop cancels the stream.
    if (length > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  return concat(...chunks);
}

function tooLarge(bytesMax: number): ProblemError {
  const detail = `expected a body of at most ${bytesMax} bytes, got a longer one; split it`;
  return new ProblemError(plainProblem(413, "Content too large", detail));
}
