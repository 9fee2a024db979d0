/**
 * The JSON of a test vector [VDAF-20, Appendix "Test Vectors"], read as strictly as any other bytes
 * from outside: a file that is not exactly such a vector is refused with what was expected.
 */
import { decodeHex } from "@sumus/bytes";

/** A vector file that is not what it should be, or an output that is not what the file says. */
export class VectorError extends Error {
  override readonly name = "VectorError";
}

export interface VectorReport {
  readonly measurement: unknown;
  readonly nonce: Uint8Array;
  readonly rand: Uint8Array;
  readonly publicShare: Uint8Array;
  readonly inputShares: readonly Uint8Array[];
  /** By round, as far as aggregators get. */
  readonly verifierShares: readonly (readonly Uint8Array[])[];
  /** By round, as far as combining succeeds. */
  readonly verifierMessages: readonly Uint8Array[];
  readonly outShares: readonly Uint8Array[];
}

export interface VectorOperation {
  readonly operation: string;
  readonly success: boolean;
  readonly reportIndex: number | undefined;
  readonly aggregatorId: number | undefined;
  readonly round: number | undefined;
}

export interface VectorFile {
  readonly parameters: VectorObject;
  readonly shares: number;
  readonly ctx: Uint8Array;
  readonly verifyKey: Uint8Array;
  /** Empty where the VDAF takes none. */
  readonly aggParam: Uint8Array;
  readonly reports: readonly VectorReport[];
  readonly aggregateShares: readonly Uint8Array[];
  /** A number, a list of numbers, or null when nothing is aggregated. */
  readonly aggregateResult: unknown;
  readonly operations: readonly VectorOperation[];
}

/** An object of the file, whose fields are read by name and type. */
export class VectorObject {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new VectorError(`${path}: expected an object`);
    }
    this.#fields = new Map(Object.entries(value));
    this.#path = path;
  }

  value(name: string): unknown {
    if (!this.#fields.has(name)) throw new VectorError(`${this.#path}.${name}: missing`);
    return this.#fields.get(name);
  }

  integer(name: string): number {
    const value = this.value(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value)) {
      throw new VectorError(`${this.#path}.${name}: expected an integer`);
    }
    return value;
  }

  optionalInteger(name: string): number | undefined {
    return this.#fields.has(name) ? this.integer(name) : undefined;
  }

  text(name: string): string {
    const value = this.value(name);
    if (typeof value !== "string") {
      throw new VectorError(`${this.#path}.${name}: expected a string`);
    }
    return value;
  }

  boolean(name: string): boolean {
    const value = this.value(name);
    if (typeof value !== "boolean") {
      throw new VectorError(`${this.#path}.${name}: expected true or false`);
    }
    return value;
  }

  bytes(name: string): Uint8Array {
    return bytesOf(this.value(name), `${this.#path}.${name}`);
  }

  list(name: string): readonly unknown[] {
    return listOf(this.value(name), `${this.#path}.${name}`);
  }

  bytesList(name: string): Uint8Array[] {
    return this.list(name).map((item, index) => bytesOf(item, `${this.#path}.${name}[${index}]`));
  }

  objects(name: string): VectorObject[] {
    return this.list(name).map(
      (item, index) => new VectorObject(item, `${this.#path}.${name}[${index}]`),
    );
  }
}

/** @throws {VectorError} when the text is no vector of a VDAF */
export function decodeVectorFile(text: string): VectorFile {
  const file = parseObject(text);
  const shares = file.integer("shares");
  return {
    parameters: file,
    shares,
    ctx: file.bytes("ctx"),
    verifyKey: file.bytes("verify_key"),
    aggParam: file.bytes("agg_param"),
    reports: file.objects("reports").map(decodeReport),
    aggregateShares: file.bytesList("agg_shares"),
    aggregateResult: file.value("agg_result"),
    operations: file.objects("operations").map(decodeOperation),
  };
}

/** @throws {VectorError} when the text is no JSON object */
export function parseObject(text: string): VectorObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new VectorError("file: expected JSON", { cause: error });
  }
  return new VectorObject(value, "file");
}

function decodeReport(report: VectorObject): VectorReport {
  return {
    measurement: report.value("measurement"),
    nonce: report.bytes("nonce"),
    rand: report.bytes("rand"),
    publicShare: report.bytes("public_share"),
    inputShares: report.bytesList("input_shares"),
    verifierShares: decodeRounds(report.list("verifier_shares")),
    verifierMessages: report.bytesList("verifier_messages"),
    outShares: report.bytesList("out_shares"),
  };
}

function decodeRounds(rounds: readonly unknown[]): Uint8Array[][] {
  return rounds.map((shares, round) => {
    const path = `verifier_shares[${round}]`;
    return listOf(shares, path).map((share, index) => bytesOf(share, `${path}[${index}]`));
  });
}

function decodeOperation(operation: VectorObject): VectorOperation {
  return {
    operation: operation.text("operation"),
    success: operation.boolean("success"),
    reportIndex: operation.optionalInteger("report_index"),
    aggregatorId: operation.optionalInteger("aggregator_id"),
    round: operation.optionalInteger("round"),
  };
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new VectorError(`${path}: expected a list`);
  return value as readonly unknown[];
}

function bytesOf(value: unknown, path: string): Uint8Array {
  if (typeof value !== "string") throw new VectorError(`${path}: expected a string of hex digits`);
  try {
    return decodeHex(value);
  } catch (error) {
    throw new VectorError(`${path}: expected hex digits`, { cause: error });
  }
}
