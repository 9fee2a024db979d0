/**
 * What the main thread says to a verification worker, and what it hears back. A job brings all that
 * it needs, keys too, so that workers hold no state but caches. Keys go to threads of this process
 * and nowhere else.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import { encodeHex, Secret } from "@sumus/bytes";
import { type HpkeKeyPair, type HpkeSuite, hpkeImportKeyPair, hpkeSuite } from "@sumus/crypto";
import {
  type Aggregator,
  createHpkeKeys,
  type DapTask,
  type DapVersion,
  type HpkeKeys,
  openDapTask,
} from "@sumus/dap";
import type { AggregatorRole } from "./config.ts";

/** Tasks and keys that a worker keeps open; beyond that all are forgotten and opened again. */
const OPEN_MAX = 512;

export interface VerificationJob {
  readonly role: AggregatorRole;
  readonly aggregator: AggregatorParts;
  /** As the role's `InitStep` encodes them. */
  readonly items: Uint8Array<ArrayBuffer>;
}

export interface VerificationResult {
  /** As the role's `InitStep` encodes them. */
  readonly outcomes: Uint8Array<ArrayBuffer>;
  /** What our own code stumbled over, in words; each has cost one report. */
  readonly unexpected: readonly string[];
}

/** An {@link Aggregator} as plain data. Secret. */
export interface AggregatorParts extends Omit<Aggregator, "task" | "verifyKey" | "keys"> {
  readonly version: DapVersion;
  readonly taskConfiguration: Uint8Array;
  readonly verifyKey: Uint8Array;
  readonly hpkeKeys: readonly {
    readonly id: number;
    readonly suite: HpkeSuite;
    readonly publicKey: Uint8Array;
    readonly privateKey: Uint8Array;
  }[];
}

export function takeApart({ task, verifyKey, keys, ...rest }: Aggregator): AggregatorParts {
  return {
    ...rest,
    version: task.version,
    // Copies: a view would take the whole buffer along, with whatever else is in it.
    taskConfiguration: task.encodedConfiguration.slice(),
    verifyKey: verifyKey.reveal().slice(),
    hpkeKeys: keys.ids.map((id) => {
      const keyPair = defined(keys.keyPairOf(id), "an id has its keys");
      const { suite, publicKey, privateKey } = keyPair;
      const copies = {
        publicKey: publicKey.bytes.slice(),
        privateKey: privateKey.reveal().slice(),
      };
      return { id, suite, ...copies };
    }),
  };
}

export function putTogether(parts: AggregatorParts): Aggregator {
  const { version, taskConfiguration, verifyKey, hpkeKeys, ...rest } = parts;
  return {
    ...rest,
    task: openTask(taskConfiguration, version),
    verifyKey: new Secret(verifyKey),
    keys: openKeys(hpkeKeys),
  };
}

const tasks = new Map<string, DapTask>();
const keyPairs = new Map<string, HpkeKeyPair>();

function openTask(configuration: Uint8Array, version: DapVersion): DapTask {
  return remember(tasks, `${version} ${encodeHex(configuration)}`, () =>
    openDapTask(configuration, version),
  );
}

function openKeys(parts: AggregatorParts["hpkeKeys"]): HpkeKeys {
  const names = new Set<string>();
  const entries = parts.map(({ id, suite: { kemId, kdfId, aeadId }, publicKey, privateKey }) => {
    const name = `${kemId} ${kdfId} ${aeadId} ${encodeHex(publicKey)}`;
    names.add(name);
    const keyPair = remember(keyPairs, name, () =>
      hpkeImportKeyPair(hpkeSuite(kemId, kdfId, aeadId), privateKey),
    );
    return { id, keyPair };
  });
  // A key that the node has deleted is gone here as well.
  for (const name of keyPairs.keys()) if (!names.has(name)) keyPairs.delete(name);
  return createHpkeKeys(entries);
}

function remember<T>(known: Map<string, T>, name: string, open: () => T): T {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= OPEN_MAX) known.clear();
  const opened = open();
  known.set(name, opened);
  return opened;
}
