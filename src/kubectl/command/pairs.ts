/**
 * Words of the form `KEY=VALUE` and `KEY-`, which stand after the resources they change.
 *
 * Follows: kubectl v0.35 pkg/cmd/util/helpers.go `GetResourcesAndPairs`, `ParsePairs`.
 */
import { mistake } from "./failure.js";

/** The words of a command, taken apart. */
export interface Pairs {
  readonly resources: readonly string[];
  readonly pairs: readonly string[];
}

/** Takes words apart; `noun` is what the verb calls a pair. */
export function splitPairs(words: readonly string[], noun: string): Pairs {
  const at = words.findIndex(isPair);
  if (at < 0) return { resources: words, pairs: [] };
  const pairs = words.slice(at);
  const stray = pairs.find((word) => !isPair(word));
  if (stray !== undefined) {
    throw mistake(`all resources must be specified before ${noun} changes: ${stray}`);
  }
  return { resources: words.slice(0, at), pairs };
}

function isPair(word: string): boolean {
  return word.indexOf("=") > 0 || (word.endsWith("-") && word !== "-");
}

/** What is to be set, and what removed. */
export interface Changes {
  readonly set: ReadonlyMap<string, string>;
  readonly removed: readonly string[];
}

/** Reads pairs whose values may hold anything, as annotations and images do. */
export function readChanges(pairs: readonly string[], noun: string, canRemove: boolean): Changes {
  const set = new Map<string, string>();
  const removed: string[] = [];
  const wrong: string[] = [];
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at > 0) set.set(pair.slice(0, at), pair.slice(at + 1));
    else if (canRemove) removed.push(pair.slice(0, -1));
    else wrong.push(pair);
  }
  if (wrong.length > 0) throw mistake(`invalid ${noun} format: ${wrong.join(", ")}`);
  return { set, removed };
}
