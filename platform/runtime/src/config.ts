/**
 * Configuration: one YAML document, read field by field, so that every error names the field, what
 * was expected and where. Unknown fields are refused: a misspelt one is never ignored in silence.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { Secret } from "@sumus/bytes";
import { type ConfigDocument, parseConfigDocument } from "./config-document.ts";

/** The configuration does not say what this program needs. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "configInvalid";
  /** Where in the document, such as `peer.url`; empty for the whole. */
  readonly path: string;
  /** Which line of the document says so, counted from 1; absent when none does. */
  readonly line: number | undefined;

  constructor(path: string, expectation: string, options?: ErrorOptions & { line?: number }) {
    super(path === "" ? expectation : `${path}: ${expectation}`, options);
    this.path = path;
    this.line = options?.line;
  }
}

type LineOf = ConfigDocument["lineOf"];

/** Reads one object of the document; {@link ConfigReader.end} refuses what was not asked for. */
export class ConfigReader {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #path: readonly string[];
  readonly #lineOf: LineOf;
  readonly #asked = new Set<string>();
  readonly #children: ConfigReader[] = [];

  /** @throws {ConfigError} when `value` is no object */
  constructor(value: unknown, path: readonly string[] = [], lineOf: LineOf = () => undefined) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw errorAt(lineOf, path, `expected an object, got ${kindOf(value)}`);
    }
    this.#fields = new Map(Object.entries(value));
    this.#path = path;
    this.#lineOf = lineOf;
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** @throws {ConfigError} unless the field is a text of at least one character */
  text(name: string): string {
    const value = this.#take(name);
    if (typeof value === "string" && value !== "") return value;
    const remedy = typeof value === "number" ? "; put it in quotes" : "";
    return this.fail(name, `expected a text, got ${kindOf(value)}${remedy}`);
  }

  /** @throws {ConfigError} unless the field is one of `choices` */
  oneOf<T extends string>(name: string, choices: readonly T[], fallback?: T): T {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const value = this.text(name);
    const choice = choices.find((candidate) => candidate === value);
    return choice ?? this.fail(name, `expected ${choices.join(" or ")}, got "${value}"`);
  }

  /** @throws {ConfigError} unless the field is a whole number within the bounds */
  integer(name: string, bounds: { min: number; max: number }, fallback?: number): number {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const value = this.#take(name);
    const { min, max } = bounds;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    const got = typeof value === "number" ? String(value) : kindOf(value);
    return this.fail(name, `expected a whole number from ${min} to ${max}, got ${got}`);
  }

  /** @throws {ConfigError} unless the field is an http or https URL; a final slash is dropped */
  url(name: string): string {
    const text = this.text(name);
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
      return this.fail(name, `expected a URL such as https://node.example/, got "${text}"`);
    }
    return text.replace(/\/$/, "");
  }

  /**
   * A secret: the field itself, the file that `<name>File` names, or the environment variable that
   * `<name>Env` names.
   *
   * @throws {ConfigError} unless exactly one of the three is there, and what it names too
   */
  secret(name: string): Secret<string> {
    const fileField = `${name}File`;
    const variableField = `${name}Env`;
    if ([name, fileField, variableField].filter((field) => this.has(field)).length !== 1) {
      return this.fail(name, `expected either ${name} or ${fileField} or ${variableField}`);
    }
    if (this.has(name)) return new Secret(this.text(name));
    if (this.has(variableField)) {
      const variable = this.text(variableField);
      const value = process.env[variable]?.trim();
      if (value) return new Secret(value);
      return this.fail(variableField, `expected a set environment variable, got ${variable}`);
    }
    const path = this.text(fileField);
    try {
      return new Secret(readFileSync(path, "utf8").trim());
    } catch (error) {
      return this.fail(fileField, `expected a readable file, got ${path}`, { cause: error });
    }
  }

  /** @throws {ConfigError} unless the field is an object */
  object(name: string): ConfigReader {
    const child = new ConfigReader(this.#take(name), [...this.#path, name], this.#lineOf);
    this.#children.push(child);
    return child;
  }

  /** @throws {ConfigError} when the document, from here down, has fields nobody asked for */
  end(): void {
    for (const name of this.#fields.keys()) {
      if (!this.#asked.has(name)) {
        this.fail(name, `expected no such field; known are ${[...this.#asked].sort().join(", ")}`);
      }
    }
    for (const child of this.#children) child.end();
  }

  /** Refuses what the field `name` says. */
  fail(name: string, expectation: string, options?: ErrorOptions): never {
    throw errorAt(this.#lineOf, [...this.#path, name], expectation, options);
  }

  #take(name: string): unknown {
    this.#asked.add(name);
    return this.#fields.get(name);
  }
}

/**
 * Reads a YAML document, which may be JSON, from a file.
 *
 * @throws {ConfigError} when the file is missing or no YAML
 */
export function readConfigFile(path: string): ConfigReader {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError("", `expected a readable file, got ${path}`, { cause: error });
  }
  const reading = parseConfigDocument(text);
  if (reading.ok) return new ConfigReader(reading.document.value, [], reading.document.lineOf);
  const { line } = reading;
  throw new ConfigError("", `expected YAML in ${path}, got something else`, { line });
}

function errorAt(
  lineOf: LineOf,
  path: readonly string[],
  expectation: string,
  options: ErrorOptions = {},
): ConfigError {
  const line = lineOf(path);
  return new ConfigError(path.join("."), expectation, {
    ...options,
    ...(line !== undefined && { line }),
  });
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (value === "") return "an empty text";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
