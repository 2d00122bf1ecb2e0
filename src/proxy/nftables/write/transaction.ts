/** The parts of a transaction besides a Service port's chains: elements, and what is tidied away. */
import type { Family } from "../../../addr/index.js";
import { type ElementState, elementId, equalElements } from "../elements.js";
import { type NftProxyElement, printElement, tableName } from "../object.js";
import type { NftText } from "./port-text.js";

/** The elements around a change. */
export interface TransactionParts {
  readonly before: ElementState;
  readonly after: ElementState;
}

/**
 * Writes what changes of a Service port's elements: new ones are added, changed ones deleted and
 * added again.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `ensureElem`.
 */
export function writeElements(
  elements: readonly NftProxyElement[],
  { before, after }: TransactionParts,
  options: { readonly done: Set<string>; readonly family: Family },
): NftText {
  const table = tableName(options.family);
  let text = "";
  let operations = 0;
  for (const element of elements) {
    const id = elementId(element);
    if (options.done.has(id)) continue;
    const winner = after.byId.get(id);
    if (winner === undefined || winner.owner !== element.owner) continue;
    options.done.add(id);
    const old = before.byId.get(id);
    if (old !== undefined && equalElements(old, winner)) continue;
    if (old !== undefined) {
      text += printElement("delete", winner, table);
      operations++;
    }
    text += printElement("add", winner, table);
    operations++;
  }
  return { text, operations };
}

/**
 * Writes what is tidied away: chains out of use are emptied, sets and elements deleted.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `syncProxyRules`, `cleanupLeftoverKeys`.
 */
export function writeTidying(
  what: {
    readonly idle: readonly string[];
    readonly goneSets: readonly string[];
    readonly removed: readonly NftProxyElement[];
  },
  family: Family,
): NftText {
  const table = tableName(family);
  const { idle, goneSets, removed } = what;
  const lines = [
    ...idle.map((name) => `flush chain ${table} ${name}\n`),
    ...goneSets.map((name) => `delete set ${table} ${name}\n`),
    ...removed.map((element) => printElement("delete", element, table)),
  ];
  return { text: lines.join(""), operations: lines.length };
}
