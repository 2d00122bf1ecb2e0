/** Broken variants that laws about texts and sets must refuse. */
import { type IptablesRule, printSaveRule } from "../../../src/netfilter/index.js";

/** Forgets that an option was negated. */
export function printWithoutNot(rule: IptablesRule, family: "ip4" | "ip6"): string {
  return printSaveRule(rule, family).replaceAll(" ! ", " ");
}
