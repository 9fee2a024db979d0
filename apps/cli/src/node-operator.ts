/** Asks a running node what only its operator may ask, with what its configuration says. */

import { type NodeConfig, NodeStartError, openNodeConfig } from "@sumus/aggregator";
import { bearerHeader, createHttpClient, HttpError, parseProblem } from "@sumus/http";
import { CliError, EXIT } from "./cli-error.ts";

/** The node may be busy, not slow: an operator waits this long. */
const TIMEOUT_MS = 10_000;
const TRIES_MAX = 2;

/** What each of these commands says about where the node is. */
export interface NodePlace {
  /** The node's own configuration file. */
  readonly config: string;
  /** What the node is, where the file does not say it. */
  readonly role?: "leader" | "helper" | undefined;
  /** Where it answers, if not where its configuration says that it listens. */
  readonly url?: string | undefined;
}

/**
 * Sends one request and returns the JSON of its answer.
 *
 * @throws {CliError} when the node is not there, or refuses
 */
export async function askNode(
  place: NodePlace,
  method: "GET" | "POST",
  path: string,
): Promise<unknown> {
  const config = readConfig(place);
  const url = (place.url ?? listeningUrl(config)).replace(/\/$/, "");
  const http = createHttpClient({ timeoutMs: TIMEOUT_MS, triesMax: TRIES_MAX });
  const headers = { authorization: bearerHeader(config.tokens.operator) };
  try {
    const answer = await http.send({ method, url: url + path, headers });
    if (answer.status < 300) return JSON.parse(new TextDecoder().decode(answer.body));
    const type = answer.headers.get("content-type") ?? "";
    const { detail } = parseProblem(answer.status, type, answer.body);
    const remedy = "Is it the node of this configuration, and of this version?";
    throw new CliError(`The node refuses: ${detail}`, remedy, EXIT.failure);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const remedy = "Start it with sumus node run, or name its address with --url.";
    throw new CliError(`No node answers at ${url}.`, remedy, EXIT.failure);
  }
}

function readConfig({ config, role }: NodePlace): NodeConfig {
  try {
    return openNodeConfig(config, role);
  } catch (error) {
    if (!(error instanceof NodeStartError)) throw error;
    throw new CliError(error.message, "Give the configuration that the node runs with.");
  }
}

function listeningUrl({ listen: { hostname, port } }: NodeConfig): string {
  if (port === 0) {
    throw new CliError(
      "The configuration leaves the port to the system.",
      "Name the node's address with --url.",
    );
  }
  const isAnywhere = hostname === "0.0.0.0" || hostname === "::";
  const host = isAnywhere ? "localhost" : hostname;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
