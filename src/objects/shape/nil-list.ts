/**
 * The list that nobody gave. Go prints a list that is not there as `null` and an empty one as `[]`;
 * to readers both are empty.
 */

/** An empty list that prints as `null`. */
export const NIL_LIST: readonly never[] = Object.freeze([]);
