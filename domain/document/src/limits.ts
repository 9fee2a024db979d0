/**
 * Bounds of a document, each with its reason. Whoever raises one measures what it costs.
 *
 * @module
 */

/** Characters of a document: room for some ten thousand declared values. */
export const DOCUMENT_CHARACTERS_MAX = 262_144;

/** Levels of nesting; the deepest legal document has six. */
export const DEPTH_MAX = 12;

/** Items of one list or mapping. */
export const ITEMS_MAX = 100_000;

/** Characters of an address or of a key. */
export const ADDRESS_CHARACTERS_MAX = 256;
