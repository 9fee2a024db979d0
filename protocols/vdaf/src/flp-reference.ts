/**
 * The FLP as the draft defines it [VDAF-20, Section 7.3], on BigInt and without a shortcut: circuits
 * evaluated call by call, polynomials interpolated by Lagrange's formula. For tests only.
 */
import { defined } from "@sumus/assert";
import { type Field, inverse, power, reduce, rootOfUnity } from "@sumus/field";
import type { Circuit } from "./circuit.ts";
import { bitLength, type ResolvedPrio3Config } from "./config.ts";

export type Vector = readonly bigint[];

/** Inputs of every gadget call, and the circuit's output for the calls' outputs. */
interface Evaluation {
  readonly calls: readonly Vector[];
  readonly output: (gadgetOutputs: Vector) => Vector;
}

export class FlpReference {
  readonly circuit: Circuit;
  readonly #config: ResolvedPrio3Config;

  constructor(config: ResolvedPrio3Config, circuit: Circuit) {
    this.#config = config;
    this.circuit = circuit;
  }

  prove(measurement: Vector, proveRand: Vector, jointRand: Vector): Vector {
    const { arity, field, proofLength, wirePolynomialLength: p } = this.circuit;
    const { calls } = this.#evaluate(measurement, jointRand, 1);
    const wires = this.#wires(proveRand, calls);
    const s = rootOfUnity(field, 2 * p);
    const values = Array.from({ length: proofLength - arity }, (_, i) => {
      const x = power(field, s, BigInt(i));
      return this.#gadget(wires.map((wire) => interpolate(field, wire, x)));
    });
    return [...proveRand, ...values];
  }

  query(
    measurement: Vector,
    proof: Vector,
    queryRand: Vector,
    jointRand: Vector,
    shares: number,
  ): Vector {
    const { arity, field, wirePolynomialLength: p } = this.circuit;
    const { calls, output } = this.#evaluate(measurement, jointRand, shares);
    const polynomial = completeValues(field, proof.slice(arity), 2 * p);
    const outputs = output(calls.map((_, k) => at(polynomial, 2 * (k + 1))));
    const challenges = outputs.length > 1 ? queryRand.slice(0, outputs.length) : [1n];
    const v = outputs.reduce((sum, value, i) => reduce(field, sum + value * at(challenges, i)), 0n);
    const t = at(queryRand, queryRand.length - 1);
    const wires = this.#wires(proof.slice(0, arity), calls);
    const checks = wires.map((wire) => interpolate(field, wire, t));
    return [v, ...checks, interpolate(field, polynomial, t)];
  }

  decide(verifier: Vector): boolean {
    const wires = verifier.slice(1, 1 + this.circuit.arity);
    return verifier[0] === 0n && this.#gadget(wires) === verifier[verifier.length - 1];
  }

  truncate(measurement: Vector): Vector {
    const { bits, max, outputLength } = this.circuit;
    return Array.from({ length: outputLength }, (_, i) => {
      return this.#decodeInteger(measurement.slice(i * bits, (i + 1) * bits), max);
    });
  }

  #evaluate(measurement: Vector, jointRand: Vector, shares: number): Evaluation {
    const { field, gadget } = this.circuit;
    const subtract = (left: bigint, right: bigint): bigint => reduce(field, left - right);
    switch (gadget.kind) {
      case "square": {
        const m = at(measurement, 0);
        return { calls: [[m, m]], output: (squared) => [subtract(at(squared, 0), m)] };
      }
      case "bits":
      case "cubic":
        return { calls: measurement.map((bit) => [bit]), output: (outputs) => outputs };
      case "parallelSum": {
        const shareInverse = inverse(field, BigInt(shares));
        const calls = jointRand.map((r, k) =>
          Array.from({ length: gadget.chunkLength }, (_, j) => {
            const m = measurement[k * gadget.chunkLength + j] ?? 0n;
            return [reduce(field, power(field, r, BigInt(j + 1)) * m), subtract(m, shareInverse)];
          }).flat(),
        );
        const checks = this.#sumChecks(measurement, shareInverse);
        return { calls, output: (outputs) => [sumOf(field, outputs), ...checks] };
      }
    }
  }

  #sumChecks(measurement: Vector, shareInverse: bigint): Vector {
    const { bits, field, outputLength } = this.circuit;
    const total = sumOf(field, this.truncate(measurement));
    const claimed = measurement.slice(outputLength * bits);
    switch (this.#config.kind) {
      case "histogram":
        return [reduce(field, total - shareInverse)];
      case "multihotCountVec":
        return [reduce(field, total - this.#decodeInteger(claimed, this.#config.maxWeight))];
      case "l1BoundSum":
        return [reduce(field, total - this.#decodeInteger(claimed, this.#config.maxValue))];
      case "count":
      case "sum":
      case "sumVec":
        return [];
    }
  }

  #decodeInteger(digits: Vector, max: number): bigint {
    const bits = bitLength(max);
    const last = BigInt(max) - (2n ** BigInt(bits - 1) - 1n);
    return digits.reduce((sum, digit, l) => {
      const weight = l === bits - 1 ? last : 2n ** BigInt(l);
      return reduce(this.circuit.field, sum + weight * digit);
    }, 0n);
  }

  /** Wire polynomials: the seed, the call's inputs, zeros. */
  #wires(seeds: Vector, calls: readonly Vector[]): Vector[] {
    const p = this.circuit.wirePolynomialLength;
    return seeds.map((seed, j) => {
      const values = [seed, ...calls.map((inputs) => at(inputs, j))];
      return [...values, ...Array<bigint>(p - values.length).fill(0n)];
    });
  }

  #gadget(inputs: Vector): bigint {
    const { field, gadget } = this.circuit;
    if (gadget.kind === "cubic") {
      const x = at(inputs, 0);
      return reduce(field, x * (x - 1n) * (x - 2n));
    }
    if (gadget.kind === "bits") return reduce(field, at(inputs, 0) * (at(inputs, 0) - 1n));
    let sum = 0n;
    for (let j = 0; j < inputs.length; j += 2) sum += at(inputs, j) * at(inputs, j + 1);
    return reduce(field, sum);
  }
}

/** The value at `x` of the polynomial with these values at the roots of unity. */
function interpolate(field: Field, values: Vector, x: bigint): bigint {
  return interpolateNodes(field, values, rootPowers(field, values.length), x);
}

/** All `count` values of a polynomial whose degree is below the number of those given. */
function completeValues(field: Field, values: Vector, count: number): Vector {
  const nodes = rootPowers(field, count);
  const given = nodes.slice(0, values.length);
  const missing = nodes.slice(values.length);
  return [...values, ...missing.map((x) => interpolateNodes(field, values, given, x))];
}

function interpolateNodes(field: Field, values: Vector, nodes: Vector, x: bigint): bigint {
  let sum = 0n;
  for (const [k, node] of nodes.entries()) {
    let [numerator, denominator] = [1n, 1n];
    for (const [l, other] of nodes.entries()) {
      if (l === k) continue;
      numerator = reduce(field, numerator * (x - other));
      denominator = reduce(field, denominator * (node - other));
    }
    sum = reduce(field, sum + at(values, k) * numerator * inverse(field, denominator));
  }
  return sum;
}

function rootPowers(field: Field, count: number): Vector {
  const root = rootOfUnity(field, count);
  return Array.from({ length: count }, (_, k) => power(field, root, BigInt(k)));
}

function sumOf(field: Field, values: Vector): bigint {
  return values.reduce((sum, value) => reduce(field, sum + value), 0n);
}

function at(vector: Vector, index: number): bigint {
  return defined(vector[index], "an index within a vector");
}
