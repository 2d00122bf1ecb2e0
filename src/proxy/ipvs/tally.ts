/** How often each of many texts is wanted, as a value: a change that changes nothing costs nothing. */

/** Counts by text; a text nobody wants is not there. */
export type Tally = ReadonlyMap<string, number>;

/** A tally after a change, and which texts came and went. */
export interface TallyChange {
  readonly tally: Tally;
  readonly come: readonly string[];
  readonly gone: readonly string[];
}

/** Nothing wanted. */
export const EMPTY_TALLY: Tally = new Map();

/**
 * Takes texts out of a tally and puts others in.
 *
 * Shape: the tally itself is left as it was. `come` and `gone` are sorted.
 * Cost: linear in the two lists; a copy of the tally only when a count is different afterwards.
 */
export function changeTally(
  tally: Tally,
  removed: readonly string[],
  added: readonly string[],
): TallyChange {
  const difference = new Map<string, number>();
  for (const text of removed) difference.set(text, (difference.get(text) ?? 0) - 1);
  for (const text of added) difference.set(text, (difference.get(text) ?? 0) + 1);
  const come: string[] = [];
  const gone: string[] = [];
  let next: Map<string, number> | undefined;
  for (const [text, by] of difference) {
    if (by === 0) continue;
    next ??= new Map(tally);
    const before = tally.get(text) ?? 0;
    if (before + by > 0) next.set(text, before + by);
    else next.delete(text);
    if (before === 0) come.push(text);
    if (before + by === 0) gone.push(text);
  }
  return { tally: next ?? tally, come: come.sort(byText), gone: gone.sort(byText) };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
