import { DecodeError } from "@sumus/codec";
import { chooseHpkeConfig, resourcePath } from "@sumus/dap";
import { decodeHpkeConfigList, type HpkeConfig } from "@sumus/dap/messages";
import { endpointUrl } from "./endpoint-url.ts";
import { NodeError } from "./node-error.ts";
import type { PatientHttp } from "./patient-http.ts";
import { refusalOf } from "./refusal.ts";

/**
 * The configuration that clients seal reports to, of a node by its address. Keep the object: its key
 * is imported once.
 *
 * @throws {NodeError}
 */
export async function fetchHpkeConfig(http: PatientHttp, node: string): Promise<HpkeConfig> {
  const url = endpointUrl(node, resourcePath({ kind: "hpkeConfig" }));
  const { response } = await http.send({ method: "GET", url });
  if (response.status !== 200) throw refusalOf(`asking ${node} for its keys`, response);
  try {
    const config = chooseHpkeConfig(decodeHpkeConfigList(response.body));
    if (config !== undefined) return config;
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    const message = `expected a list of HPKE keys from ${node}, got something else`;
    throw new NodeError("nonsense", message, { cause });
  }
  const message = `expected an HPKE key of a kind that we know from ${node}, got others`;
  throw new NodeError("refused", message);
}
