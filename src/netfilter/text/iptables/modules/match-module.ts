/** How one match module of iptables is read: which options it knows and what they set. */
import type { IptablesMatch } from "../../../iptables.js";
import type { RuleReader } from "./rule-reader.js";

/** A match while its options are read. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads one option into the draft; `not` when `!` stood before it. An option that decides which shape
 * the match has gives the match to go on with.
 */
export type OptionReader<D> = (draft: D, reader: RuleReader, not: boolean) => unknown;

/** One match module. */
export interface MatchModule {
  readonly name: string;
  /** A match of this module without options. */
  start(): IptablesMatch;
  /** The reader of an option, by its long name with dashes. */
  option(name: string): OptionReader<IptablesMatch> | undefined;
}

/** Builds a module from a start value and its options. */
export function defineModule<M extends IptablesMatch>(
  name: string,
  start: () => Draft<M>,
  options: Readonly<Record<string, OptionReader<Draft<M>>>>,
): MatchModule {
  const byName = new Map(Object.entries(options));
  return {
    name,
    start: () => start() as M,
    option: (option) => byName.get(option) as OptionReader<IptablesMatch> | undefined,
  };
}

/** The value with `not: true` when an option was negated; otherwise as it is. */
export function negated<T extends object>(value: T, not: boolean): T & { readonly not?: boolean } {
  return not ? { ...value, not: true } : value;
}
