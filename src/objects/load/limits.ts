/** What the loader refuses rather than hang or run out of memory. Each limit is a typed fault. */

/** Most characters of one file. */
export const MAX_FILE_CHARS = 128 * 1024 * 1024;

/** Most documents of one file. */
export const MAX_DOCUMENTS = 200_000;

/** Most characters of one document that is not written in the plain block style. */
export const MAX_CAREFUL_CHARS = 4 * 1024 * 1024;

/** Deepest nesting of collections in one document. */
export const MAX_NESTING = 64;

/** Most nodes of one document once its aliases are followed. */
export const MAX_ALIASED_NODES = 200_000;

/** Most faults told of one call; the rest are counted. */
export const MAX_FAULTS = 10_000;
