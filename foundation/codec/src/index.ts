/**
 * The TLS presentation language (RFC 8446 §3), for bytes that come from outside: every read is
 * bounded, every vector has a maximum, and {@link decode} refuses trailing bytes.
 *
 * @module
 */
export { DecodeError } from "./decode-error.ts";
export { decode, Reader } from "./reader.ts";
export { Writer } from "./writer.ts";
