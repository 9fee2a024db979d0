/** Asking a node as its operator, and what to say when it does not do what it is asked. */

import type { Secret } from "@sumus/bytes";
import { createOperator, createPatientHttp, NodeError, type Operator } from "@sumus/client";
import { CliError, EXIT } from "../cli-error.ts";

/** Operators look on: a node that does not answer by then is away. */
const PATIENCE_MS = 10_000;

/** @throws {CliError} instead of NodeError */
export async function askOperator<T>(
  place: { readonly node: string; readonly token: Secret<string>; readonly signal: AbortSignal },
  ask: (operator: Operator) => Promise<T>,
): Promise<T> {
  const { node, token, signal } = place;
  const http = createPatientHttp({ signal, patienceMs: PATIENCE_MS });
  try {
    return await ask(createOperator({ http, node, token }));
  } catch (error) {
    throw inWords(error, node);
  }
}

/** A NodeError as a person reads it; anything else as it is. */
export function inWords(error: unknown, node: string): unknown {
  if (!(error instanceof NodeError)) return error;
  if (error.code === "unavailable") {
    return new CliError(
      `${node} cannot be asked: ${error.message}`,
      "Is the node running, and is this its address?",
      EXIT.failure,
    );
  }
  const remedies: Readonly<Record<number, string>> = {
    401: "Give the token that this node was configured with, in a file or in the environment.",
    404: "Is it a task or study of this node? sumus task list shows all that it has.",
  };
  const isOurs = error.status !== undefined && error.status >= 400 && error.status < 500;
  return new CliError(
    `${node}: ${error.message}`,
    (error.status === undefined ? undefined : remedies[error.status]) ?? "",
    isOurs ? EXIT.badInput : EXIT.failure,
  );
}
