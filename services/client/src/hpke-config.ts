import { DecodeError } from "@sumus/codec";
import { chooseHpkeConfig, resourcePath } from "@sumus/dap";
import { decodeHpkeConfigList, type HpkeConfig } from "@sumus/dap/messages";
import type { HttpClient } from "@sumus/http";
import { NodeError } from "./node-error.ts";

/**
 * The configuration that clients seal reports to, of the node at `url`. Keep the object: its key is
 * imported once.
 *
 * @throws {NodeError}
 * @throws {HttpError}
 */
export async function fetchHpkeConfig(http: HttpClient, url: string): Promise<HpkeConfig> {
  const path = resourcePath({ kind: "hpkeConfig" });
  const response = await http.send({ method: "GET", url: url.replace(/\/$/, "") + path });
  if (response.status !== 200) {
    const message = `expected the keys of ${url}, got status ${response.status}`;
    throw new NodeError("refused", message, { status: response.status });
  }
  try {
    const config = chooseHpkeConfig(decodeHpkeConfigList(response.body));
    if (config !== undefined) return config;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const message = `expected a list of HPKE keys from ${url}, got ${error.message}`;
    throw new NodeError("nonsense", message, { cause: error });
  }
  throw new NodeError("refused", `expected a key of a kind that we know, got others from ${url}`);
}
