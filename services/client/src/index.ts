/**
 * The asking side of aggregators over HTTP: what DAP's client and collector send, and what operators
 * ask of their own nodes.
 *
 * @module
 */
export { fetchHpkeConfig } from "./hpke-config.ts";
export { NodeError, type NodeErrorCode } from "./node-error.ts";
