import type { Secret } from "@sumus/bytes";
import { CliError } from "../cli-error.ts";
import { findToken } from "./secret-file.ts";

/** The tokens of the operators whose nodes are to be asked. */
export interface OperatorTokens {
  readonly leader: Secret<string> | undefined;
  readonly helper: Secret<string> | undefined;
}

/** From files, else from the environment. @throws {CliError} when there is none */
export async function findOperatorTokens(options: {
  readonly leaderTokenFile?: string;
  readonly helperTokenFile?: string;
}): Promise<OperatorTokens> {
  const tokens = {
    leader: await findToken(options.leaderTokenFile, "SUMUS_LEADER_TOKEN"),
    helper: await findToken(options.helperTokenFile, "SUMUS_HELPER_TOKEN"),
  };
  if (tokens.leader !== undefined || tokens.helper !== undefined) return tokens;
  throw new CliError(
    "No node can be asked: there is no operator's token.",
    "Give --leader-token-file, --helper-token-file, or both.",
  );
}
