/** What a text for iptables-restore says: per table, commands in the order of the text. */
import type { Family } from "../../../addr/index.js";
import type { Counters, IptablesRule, IptablesTableName } from "../../iptables.js";

/** A text for iptables-restore, or what iptables-save printed. */
export interface RestoreScript {
  readonly family: Family;
  readonly file?: string;
  readonly tables: readonly RestoreTable[];
}

/** One table of the text, from its `*name` to its `COMMIT`. */
export interface RestoreTable {
  readonly name: IptablesTableName;
  readonly commands: readonly RestoreCommand[];
}

/** One line. */
export type RestoreCommand = { readonly line: number; readonly chain: string } & (
  | {
      /** `:CHAIN POLICY [packets:bytes]`: makes the chain, or empties it. */
      readonly kind: "declare";
      readonly policy?: "ACCEPT" | "DROP";
      readonly counters?: Counters;
    }
  | { readonly kind: "append"; readonly rule: IptablesRule }
  /** `index` from 0. */
  | { readonly kind: "insert" | "replace"; readonly index: number; readonly rule: IptablesRule }
  | { readonly kind: "delete"; readonly rule: IptablesRule }
  | { readonly kind: "delete-at"; readonly index: number }
  /** Chain "" stands for every chain of the table. */
  | { readonly kind: "flush" | "delete-chain" | "new-chain" | "zero" }
  | { readonly kind: "policy"; readonly policy: "ACCEPT" | "DROP" }
);

/** The chains the kernel knows, by table, in the order in which iptables-save prints them. */
export const BUILT_IN_CHAINS: Readonly<Record<IptablesTableName, readonly string[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

/** True for the name of a table. */
export function isTableName(name: string): name is IptablesTableName {
  return Object.hasOwn(BUILT_IN_CHAINS, name);
}
