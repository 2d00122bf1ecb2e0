/** How one target of iptables is read: its options and what they set. */
import type { IptablesTarget } from "../../../iptables.js";
import type { Draft } from "./match-module.js";
import type { RuleReader } from "./rule-reader.js";

/** Reads one option of a target. */
export type TargetOption<D> = (draft: D, reader: RuleReader) => void;

/** One target that is no chain. */
export interface TargetModule {
  readonly name: string;
  start(): IptablesTarget;
  option(name: string): TargetOption<IptablesTarget> | undefined;
}

/** Builds a target module from a start value and its options. */
export function defineTarget<T extends IptablesTarget>(
  name: string,
  start: () => Draft<T>,
  options: Readonly<Record<string, TargetOption<Draft<T>>>> = {},
): TargetModule {
  const byName = new Map(Object.entries(options));
  return {
    name,
    start: () => start() as T,
    option: (option) => byName.get(option) as TargetOption<IptablesTarget> | undefined,
  };
}
