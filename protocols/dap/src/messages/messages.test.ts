import { concat, decodeHex, encodeHex } from "@sumus/bytes";
import { DecodeError } from "@sumus/codec";
import { assert, constantFrom, nat, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeAggregationJobContinueReq,
  decodeAggregationJobInitReq,
  decodeAggregationJobResp,
  encodeAggregationJobContinueReq,
  encodeAggregationJobInitReq,
  encodeAggregationJobResp,
} from "./aggregation-job.ts";
import {
  decodeAggregateShare,
  decodeAggregateShareReq,
  decodeCollectionJobReq,
  decodeCollectionJobResp,
  encodeAggregateShare,
  encodeAggregateShareReq,
  encodeCollectionJobReq,
  encodeCollectionJobResp,
} from "./collection.ts";
import {
  decodeHpkeConfig,
  decodeHpkeConfigList,
  encodeHpkeConfig,
  encodeHpkeConfigList,
} from "./hpke-config.ts";
import {
  decodePlaintextInputShare,
  decodeReport,
  decodeUploadErrors,
  decodeUploadRequest,
  encodePlaintextInputShare,
  encodeReport,
  encodeUploadErrors,
} from "./report.ts";
import {
  decodeTaskConfiguration,
  encodeTaskConfiguration,
  taskIntervalExtension,
} from "./task-configuration.ts";

/** One message: its value, and its encoding field by field. */
interface Case<T> {
  readonly name: string;
  readonly value: T;
  readonly fields: readonly (readonly [hex: string, meaning: string])[];
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => T;
  /** Whether the message has a length of its own, not that of its HTTP message. */
  readonly delimited: boolean;
}

/** Keeps the value's type between encode and decode, then forgets it for the table. */
function row<T>(
  entry: Omit<Case<T>, "value" | "encode"> & {
    readonly value: NoInfer<T>;
    readonly encode: (value: NoInfer<T>) => Uint8Array;
  },
): Case<unknown> {
  return entry as unknown as Case<unknown>;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const reportId = decodeHex("000102030405060708090a0b0c0d0e0f");
const otherId = decodeHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
const leaderCiphertext = { configId: 7, enc: bytes(0xe1, 0xe2), payload: bytes(0xa1) };
const helperCiphertext = { configId: 8, enc: bytes(0xe3), payload: bytes(0xa2, 0xa3) };
const metadata = {
  reportId,
  time: 0x0102030405,
  publicExtensions: [{ type: 0xff01, data: bytes(0xdd) }],
};
const report = {
  reportMetadata: metadata,
  publicShare: bytes(0xb1, 0xb2, 0xb3),
  leaderEncryptedInputShare: leaderCiphertext,
  helperEncryptedInputShare: helperCiphertext,
};

const metadataFields = [
  ["000102030405060708090a0b0c0d0e0f", "report_id"],
  ["0000000102030405", "time"],
  ["0005", "public_extensions, bytes"],
  ["ff01", "extension_type"],
  ["0001dd", "extension_data"],
] as const;
const publicShareFields = [["00000003b1b2b3", "public_share"]] as const;
const leaderFields = [
  ["07", "config_id"],
  ["0002e1e2", "enc"],
  ["00000001a1", "payload"],
] as const;
const helperFields = [
  ["08", "config_id"],
  ["0001e3", "enc"],
  ["00000002a2a3", "payload"],
] as const;
const reportFields = [
  ...metadataFields,
  ...publicShareFields,
  ...leaderFields,
  ...helperFields,
] as const;

const x25519Config = {
  id: 194,
  kemId: 0x0020,
  kdfId: 0x0001,
  aeadId: 0x0003,
  publicKey: bytes(1, 2, 3),
};
const x25519Fields = [
  ["c2", "id"],
  ["0020", "kem_id"],
  ["0001", "kdf_id"],
  ["0003", "aead_id"],
  ["0003010203", "public_key"],
] as const;

const collectionJobReq = {
  query: { batchMode: "time_interval", batchInterval: { start: 5, duration: 2 } },
  aggParam: bytes(),
  extensions: [],
} as const;
const collectionJobReqFields = [
  ["01", "query.batch_mode"],
  ["0010", "query.config, bytes"],
  ["0000000000000005", "start"],
  ["0000000000000002", "duration"],
  ["00000000", "agg_param"],
  ["0000", "extensions"],
] as const;
const checksum = new Uint8Array(32).fill(0xc5);

const cases: readonly Case<unknown>[] = [
  row({
    name: "HpkeConfig",
    value: x25519Config,
    fields: x25519Fields,
    encode: encodeHpkeConfig,
    decode: decodeHpkeConfig,
    delimited: true,
  }),
  row({
    name: "HpkeConfigList",
    value: [x25519Config, { ...x25519Config, id: 17, publicKey: bytes(9) }],
    fields: [
      ["0016", "configs, bytes"],
      ...x25519Fields,
      ["11", "id"],
      ["002000010003", "kem_id, kdf_id, aead_id"],
      ["000109", "public_key"],
    ],
    encode: encodeHpkeConfigList,
    decode: decodeHpkeConfigList,
    delimited: true,
  }),
  row({
    name: "TaskConfiguration",
    value: {
      taskInfo: bytes(0x74),
      leaderAggregatorEndpoint: "https://l.example/",
      helperAggregatorEndpoint: "https://h.example/",
      timePrecision: 3600,
      minBatchSize: 100,
      batchMode: "time_interval",
      batchConfig: bytes(),
      vdafType: 4,
      vdafConfiguration: bytes(0, 0, 0, 9, 0, 0, 0, 3),
      extensions: [taskIntervalExtension({ start: 480, duration: 24 })],
    } as const,
    fields: [
      ["0174", "task_info"],
      ["001268747470733a2f2f6c2e6578616d706c652f", "leader_aggregator_endpoint"],
      ["001268747470733a2f2f682e6578616d706c652f", "helper_aggregator_endpoint"],
      ["0000000000000e10", "time_precision"],
      ["0000000000000064", "min_batch_size"],
      ["01", "batch_mode"],
      ["0000", "batch_config"],
      ["00000004", "vdaf_type"],
      ["00080000000900000003", "vdaf_configuration: length 9, chunk_length 3"],
      ["0014", "extensions, bytes"],
      ["0001", "extension_type: task_interval"],
      ["0010", "extension_data, bytes"],
      ["00000000000001e0", "start"],
      ["0000000000000018", "duration"],
    ],
    encode: (value) => encodeTaskConfiguration(value, "dap-18"),
    decode: (encoded: Uint8Array) => decodeTaskConfiguration(encoded, "dap-18"),
    delimited: true,
  }),
  row({
    name: "Report",
    value: report,
    fields: reportFields,
    encode: encodeReport,
    decode: decodeReport,
    delimited: true,
  }),
  row({
    name: "UploadRequest",
    value: [report, { ...report, reportMetadata: { ...metadata, reportId: otherId } }],
    fields: [...reportFields, [encodeHex(otherId), "report_id"], ...reportFields.slice(1)],
    encode: (reports) => concat(...reports.map(encodeReport)),
    decode: (encoded: Uint8Array) =>
      decodeUploadRequest(encoded).map((uploaded) => uploaded.report),
    delimited: false,
  }),
  row({
    name: "UploadErrors",
    value: [
      { id: reportId, error: "report_replayed" },
      { id: otherId, error: "outdated_config" },
    ] as const,
    fields: [
      [encodeHex(reportId), "id"],
      ["02", "error"],
      [encodeHex(otherId), "id"],
      ["0b", "error"],
    ],
    encode: (value) => encodeUploadErrors(value, "dap-18"),
    decode: (encoded: Uint8Array) => decodeUploadErrors(encoded, "dap-18"),
    delimited: false,
  }),
  row({
    name: "PlaintextInputShare",
    value: { privateExtensions: [{ type: 2, data: bytes() }], payload: bytes(1, 2) },
    fields: [
      ["0004", "private_extensions, bytes"],
      ["0002", "extension_type"],
      ["0000", "extension_data"],
      ["000000020102", "payload"],
    ],
    encode: encodePlaintextInputShare,
    decode: decodePlaintextInputShare,
    delimited: true,
  }),
  row({
    name: "AggregationJobInitReq",
    value: {
      verificationKeyId: 3,
      aggParam: bytes(),
      extensions: [{ type: 1, data: new Uint8Array(32).fill(0xba) }],
      verifyInits: [
        {
          reportShare: {
            reportMetadata: metadata,
            publicShare: report.publicShare,
            encryptedInputShare: helperCiphertext,
          },
          payload: bytes(0, 0x55),
        },
      ],
    },
    fields: [
      ["03", "verification_key_id"],
      ["00000000", "agg_param"],
      ["0024", "extensions, bytes"],
      ["0001", "extension_type: leader_selected_batch_id"],
      [`0020${"ba".repeat(32)}`, "extension_data"],
      ...metadataFields,
      ...publicShareFields,
      ...helperFields,
      ["000000020055", "payload"],
    ],
    encode: encodeAggregationJobInitReq,
    decode: decodeAggregationJobInitReq,
    delimited: false,
  }),
  row({
    name: "AggregationJobContinueReq",
    value: { step: 1, verifyContinues: [{ reportId, payload: bytes(0x66) }] },
    fields: [
      ["0001", "step"],
      [encodeHex(reportId), "report_id"],
      ["0000000166", "payload"],
    ],
    encode: encodeAggregationJobContinueReq,
    decode: decodeAggregationJobContinueReq,
    delimited: false,
  }),
  row({
    name: "AggregationJobResp",
    value: [
      { type: "continue", reportId, payload: bytes(0x77) },
      { type: "finish", reportId: otherId },
      { type: "reject", reportId, reportError: "vdaf_verify_error" },
    ] as const,
    fields: [
      [encodeHex(reportId), "report_id"],
      ["00", "verify_resp_type: continue"],
      ["0000000177", "payload"],
      [encodeHex(otherId), "report_id"],
      ["01", "verify_resp_type: finish"],
      [encodeHex(reportId), "report_id"],
      ["02", "verify_resp_type: reject"],
      ["06", "report_error"],
    ],
    encode: (value) => encodeAggregationJobResp(value, "dap-18"),
    decode: (encoded: Uint8Array) => decodeAggregationJobResp(encoded, "dap-18"),
    delimited: false,
  }),
  row({
    name: "CollectionJobReq, time interval",
    value: collectionJobReq,
    fields: collectionJobReqFields,
    encode: encodeCollectionJobReq,
    decode: decodeCollectionJobReq,
    delimited: true,
  }),
  row({
    name: "CollectionJobReq, leader selected",
    value: {
      query: { batchMode: "leader_selected" },
      aggParam: bytes(0xcc),
      extensions: [{ type: 9, data: bytes() }],
    } as const,
    fields: [
      ["02", "query.batch_mode"],
      ["0000", "query.config"],
      ["00000001cc", "agg_param"],
      ["000400090000", "extensions"],
    ],
    encode: encodeCollectionJobReq,
    decode: decodeCollectionJobReq,
    delimited: true,
  }),
  row({
    name: "CollectionJobResp",
    value: {
      reportCount: 1000,
      interval: { start: 5, duration: 1 },
      leaderEncryptedAggShare: leaderCiphertext,
      helperEncryptedAggShare: helperCiphertext,
    },
    fields: [
      ["00000000000003e8", "report_count"],
      ["0000000000000005", "start"],
      ["0000000000000001", "duration"],
      ...leaderFields,
      ...helperFields,
    ],
    encode: encodeCollectionJobResp,
    decode: decodeCollectionJobResp,
    delimited: true,
  }),
  row({
    name: "AggregateShareReq, time interval",
    value: {
      collectionJobReq,
      batchSelector: { batchMode: "time_interval", batchInterval: { start: 6, duration: 1 } },
      reportCount: 10,
      checksum,
    } as const,
    fields: [
      ...collectionJobReqFields,
      ["01", "batch_selector.batch_mode"],
      ["0010", "batch_selector.config, bytes"],
      ["0000000000000006", "start"],
      ["0000000000000001", "duration"],
      ["000000000000000a", "report_count"],
      ["c5".repeat(32), "checksum"],
    ],
    encode: encodeAggregateShareReq,
    decode: decodeAggregateShareReq,
    delimited: true,
  }),
  row({
    name: "AggregateShareReq, leader selected",
    value: {
      collectionJobReq,
      batchSelector: { batchMode: "leader_selected", batchId: new Uint8Array(32).fill(0xba) },
      reportCount: 10,
      checksum,
    } as const,
    fields: [
      ...collectionJobReqFields,
      ["02", "batch_selector.batch_mode"],
      [`0020${"ba".repeat(32)}`, "batch_selector.config"],
      ["000000000000000a", "report_count"],
      ["c5".repeat(32), "checksum"],
    ],
    encode: encodeAggregateShareReq,
    decode: decodeAggregateShareReq,
    delimited: true,
  }),
  row({
    name: "AggregateShare",
    value: { encryptedAggregateShare: leaderCiphertext },
    fields: leaderFields,
    encode: encodeAggregateShare,
    decode: decodeAggregateShare,
    delimited: true,
  }),
];

/** Refused, or understood in the one way that encodes to the same bytes again. */
function expectStrict({ encode, decode }: Case<unknown>, changed: Uint8Array): void {
  let value: unknown;
  try {
    value = decode(changed);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return;
  }
  expect(encodeHex(encode(value))).toBe(encodeHex(changed));
}

describe.each(cases)("$name", (entry) => {
  const encoded = decodeHex(entry.fields.map(([hex]) => hex).join(""));

  test("encodes to its fields", () => {
    expect(encodeHex(entry.encode(entry.value))).toBe(encodeHex(encoded));
  });

  test("decodes from its fields", () => {
    expect(entry.decode(encoded)).toEqual(entry.value);
  });

  test("is refused when truncated anywhere or extended", () => {
    for (let length = 0; length < encoded.length; length++) {
      const truncated = encoded.subarray(0, length);
      if (entry.delimited) expect(() => entry.decode(truncated)).toThrow(DecodeError);
      else expectStrict(entry, truncated);
    }
    const extended = concat(encoded, bytes(0));
    expect(() => entry.decode(extended)).toThrow(DecodeError);
  });

  test("has one encoding a value, whatever is changed", () => {
    const change = constantFrom("replace", "insert", "remove");
    const position = nat(encoded.length - 1);
    assert(
      property(change, position, uint8Array({ maxLength: 4 }), (kind, index, inserted) => {
        const rest = kind === "insert" ? index : index + (kind === "replace" ? inserted.length : 1);
        const head = encoded.subarray(0, index);
        const middle = kind === "remove" ? bytes() : inserted;
        expectStrict(entry, concat(head, middle, encoded.subarray(rest)));
      }),
      { numRuns: 300 },
    );
  });

  test("survives bytes that have nothing to do with it", () => {
    assert(
      property(uint8Array({ maxLength: 200 }), (noise) => {
        expectStrict(entry, noise);
      }),
      { numRuns: 200 },
    );
  });
});
