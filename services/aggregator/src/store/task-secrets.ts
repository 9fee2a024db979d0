/**
 * What a node keeps secret about one task, as the bytes that stand in its row.
 *
 * @module
 */
import {
  decodeBase64url,
  decodeUtf8,
  encodeBase64url,
  encodeHex,
  encodeUtf8,
  Secret,
} from "@sumus/bytes";
import type { Sealer } from "@sumus/storage";
import { taskSecretsPlace } from "./stored-secrets.ts";

export interface TaskSecrets {
  /** Where the other node is somebody else's: what was agreed on with its operator. */
  readonly peer:
    | { readonly verifyKey: Secret<Uint8Array>; readonly token: Secret<string> }
    | undefined;
  /** Who may collect; undefined: who presents the node's own collector token. */
  readonly collectorToken: Secret<string> | undefined;
}

/** What stands in the row of the task with this id. */
export function sealTaskSecrets(
  sealer: Sealer,
  taskId: Uint8Array,
  secrets: TaskSecrets,
): Uint8Array {
  return sealer.seal(taskSecretsPlace(encodeHex(taskId)), encodeTaskSecrets(secrets));
}

/** @throws {SealError} */
export function openTaskSecrets(
  sealer: Sealer,
  taskId: Uint8Array,
  value: Uint8Array,
): TaskSecrets {
  return decodeTaskSecrets(sealer.open(taskSecretsPlace(encodeHex(taskId)), value));
}

/** Field by field in one order: equal secrets are equal bytes. */
export function encodeTaskSecrets({ peer, collectorToken }: TaskSecrets): Uint8Array {
  const plain = {
    verifyKey: peer && encodeBase64url(peer.verifyKey.reveal()),
    peerToken: peer?.token.reveal(),
    collectorToken: collectorToken?.reveal(),
  };
  return encodeUtf8(JSON.stringify(plain));
}

function decodeTaskSecrets(bytes: Uint8Array): TaskSecrets {
  // Our own bytes: what they hold is encodeTaskSecrets's promise.
  const { verifyKey, peerToken, collectorToken } = JSON.parse(decodeUtf8(bytes)) as {
    readonly verifyKey?: string;
    readonly peerToken?: string;
    readonly collectorToken?: string;
  };
  return {
    peer:
      verifyKey !== undefined && peerToken !== undefined
        ? { verifyKey: new Secret(decodeBase64url(verifyKey)), token: new Secret(peerToken) }
        : undefined,
    collectorToken: collectorToken === undefined ? undefined : new Secret(collectorToken),
  };
}
