/** The kernels on their own: operands at either end of the field, states of zeros, keys of zeros. */
import { assert } from "@sumus/assert";
import { concat, equalConstantTime } from "@sumus/bytes";
import { cryptoRandomBytes } from "@sumus/crypto";
import { encodeVector, FIELD64, FIELD128, type Field } from "@sumus/field";
import {
  createKernel,
  expandAesKey,
  FIELD255_VECTORS,
  type FieldExports,
  hashAesBlocks,
} from "@sumus/kernels";
import type { SecretClass, Subject } from "./subject.ts";

/** Operations a sample, so that they weigh more than reading the clock. */
const ELEMENTS = 256;
const PERMUTATIONS = 8;
const AES_BLOCKS = 64;
const BLOCK_BYTES = 16;
const STATE_BYTES = 200;
const SECRET_BYTES = 32;
const NUMBERS = 1000;

export function* kernelSubjects(): Iterable<Subject> {
  for (const field of [FIELD64, FIELD128]) {
    for (const op of ["addVector", "subVector", "mulVector"] as const) yield vectorOp(field, op);
    yield dotProduct(field);
  }
  for (const op of ["add", "sub", "mul"] as const) yield field255Op(op);
  yield keccak();
  yield aes();
  yield comparison();
  yield boxedNumbers();
}

function vectorOp(field: Field, op: "addVector" | "subVector" | "mulVector"): Subject {
  return fieldSubject(field, op, (ops, to, operand) => ops[op](to, operand, operand, ELEMENTS));
}

function dotProduct(field: Field): Subject {
  return fieldSubject(field, "dot", (ops, to, operand) =>
    ops.dot(to, operand, 1, operand, 1, ELEMENTS),
  );
}

/** Zero against p - 1: no carry or correction anywhere against one everywhere. */
function fieldSubject(
  field: Field,
  op: string,
  run: (ops: FieldExports, to: number, operand: number) => void,
): Subject {
  const kernel = createKernel(field);
  const [to, operand] = [kernel.allocate(ELEMENTS), kernel.allocate(ELEMENTS)];
  const extremes = [0n, field.modulus - 1n].map((value) =>
    encodeVector(
      field,
      Array.from({ length: ELEMENTS }, () => value),
    ),
  );
  return {
    name: `${field.name} ${op}`,
    kind: "path",
    classes: ["zeros", "p - 1"],
    prepare: (secretClass) => {
      const bytes = copyOf(extremes, secretClass);
      return () => {
        kernel.write(operand, bytes);
        run(kernel.ops, to, operand);
      };
    },
  };
}

function field255Op(op: "add" | "sub" | "mul"): Subject {
  const size = FIELD255_VECTORS.encodedSize;
  const zeros = new Uint8Array(ELEMENTS * size);
  // 2^255 - 20, little-endian.
  const extreme = new Uint8Array(ELEMENTS * size).fill(0xff);
  for (let at = 0; at < extreme.length; at += size) {
    extreme[at] = 0xec;
    extreme[at + size - 1] = 0x7f;
  }
  assert(FIELD255_VECTORS.areCanonical(extreme), "the extreme operand is an element");
  return {
    name: `Field255 ${op}`,
    kind: "path",
    classes: ["zeros", "p - 1"],
    prepare: (secretClass) => {
      const bytes = copyOf([zeros, extreme], secretClass);
      return () => FIELD255_VECTORS[op](bytes, bytes);
    },
  };
}

function keccak(): Subject {
  const { allocateBytes, sponge, write } = createKernel(FIELD64);
  const state = allocateBytes(STATE_BYTES);
  return {
    name: "Keccak-p[1600, 12]",
    kind: "path",
    classes: ["zeros", "random"],
    prepare: (secretClass) => {
      const bytes = copyOf([new Uint8Array(STATE_BYTES), random(STATE_BYTES)], secretClass);
      return () => {
        for (let time = 0; time < PERMUTATIONS; time++) {
          write(state, bytes);
          sponge.permute(state);
        }
      };
    },
  };
}

function aes(): Subject {
  const roundKeys = expandAesKey(random(BLOCK_BYTES));
  const length = AES_BLOCKS * BLOCK_BYTES;
  return {
    name: `fixed-key AES-128 hash of ${AES_BLOCKS} blocks`,
    kind: "path",
    classes: ["zeros", "random"],
    prepare: (secretClass) => {
      const blocks = copyOf([new Uint8Array(length), random(length)], secretClass);
      return () => hashAesBlocks(roundKeys, blocks);
    },
  };
}

function comparison(): Subject {
  return {
    name: `equalConstantTime, ${SECRET_BYTES} B`,
    kind: "path",
    classes: ["first byte wrong", "last byte wrong"],
    prepare: (secretClass) => {
      const secret = random(SECRET_BYTES);
      const guess = secret.slice();
      const at = secretClass === 0 ? 0 : SECRET_BYTES - 1;
      guess[at] = (guess[at] ?? 0) ^ 1;
      return () => equalConstantTime(secret, guess);
    },
  };
}

/** How JavaScript holds a vector of numbers shows here alone; see `boxedSubjects` of Prio3. */
function boxedNumbers(): Subject {
  const kernel = createKernel(FIELD64);
  const to = kernel.allocateBytes(8 * NUMBERS);
  return {
    name: `${NUMBERS} numbers into WebAssembly`,
    kind: "limit",
    classes: ["small", "one beyond 2^31"],
    prepare: (secretClass) => {
      const vectors = [0, 2 ** 31].map((first) =>
        Array.from({ length: NUMBERS }, (_, index) => (index === 0 ? first : 7)),
      );
      const vector = vectors[secretClass] ?? [];
      return () => kernel.writeIntegers(to, vector);
    },
  };
}

/** A copy, so that neither class finds its input in the cache more often than the other. */
function copyOf(inputs: readonly Uint8Array[], secretClass: SecretClass): Uint8Array {
  return concat(inputs[secretClass] ?? new Uint8Array());
}

function random(length: number): Uint8Array {
  return cryptoRandomBytes(length);
}
