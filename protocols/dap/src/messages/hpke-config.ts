/**
 * HPKE configurations, as aggregators publish them [DAP-18, Section 4.4.1].
 *
 * @module
 */
import { decode, type Reader, Writer } from "@sumus/codec";
import { U16_MAX } from "./basic.ts";

/** The shortest configuration: id, three algorithm ids, and a public key of one byte. */
const HPKE_CONFIG_BYTES_MIN = 10;
/** Ids are one byte and distinct. */
const HPKE_CONFIGS_MAX = 256;

export interface HpkeConfig {
  readonly id: number;
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
  readonly publicKey: Uint8Array;
}

export function encodeHpkeConfig(config: HpkeConfig): Uint8Array {
  return Writer.encode((writer) => writeHpkeConfig(writer, config));
}

/** @throws {DecodeError} */
export function decodeHpkeConfig(bytes: Uint8Array): HpkeConfig {
  return decode("HpkeConfig", bytes, readHpkeConfig);
}

/** In decreasing order of preference. */
export function encodeHpkeConfigList(configs: readonly HpkeConfig[]): Uint8Array {
  return Writer.encode((writer) => {
    writer.vector(configs, { min: HPKE_CONFIG_BYTES_MIN, max: U16_MAX }, writeHpkeConfig);
  });
}

/** @throws {DecodeError} also when the list is empty or an id occurs twice */
export function decodeHpkeConfigList(bytes: Uint8Array): HpkeConfig[] {
  return decode("HpkeConfigList", bytes, (reader) => {
    const bounds = { min: HPKE_CONFIG_BYTES_MIN, max: U16_MAX, countMax: HPKE_CONFIGS_MAX };
    const configs = reader.vector("configs", bounds, readHpkeConfig);
    const ids = new Set(configs.map(({ id }) => id));
    if (ids.size !== configs.length) {
      reader.fail("configs", "expected distinct ids, got one twice");
    }
    return configs;
  });
}

function readHpkeConfig(reader: Reader): HpkeConfig {
  return {
    id: reader.u8("id"),
    kemId: reader.u16("kem_id"),
    kdfId: reader.u16("kdf_id"),
    aeadId: reader.u16("aead_id"),
    publicKey: reader.opaque("public_key", { min: 1, max: U16_MAX }),
  };
}

function writeHpkeConfig(writer: Writer, config: HpkeConfig): void {
  writer.u8(config.id).u16(config.kemId).u16(config.kdfId).u16(config.aeadId);
  writer.opaque(config.publicKey, { min: 1, max: U16_MAX });
}
