/** The table that kube-proxy's nftables mode leaves, as operations that would make it. */
import { nftEmitOptions } from "./compile.js";
import { addrType, type NftObject, printOperation, tableName } from "./object.js";
import { emitNftPort } from "./port-rules.js";
import type { NftPrintOptions, NftProxyRule } from "./rule.js";
import { setupOperations } from "./setup.js";
import type { NftablesState } from "./sync.js";

/** All objects of the table, each kind sorted by name; rules in order. */
export interface NftProxyTable {
  readonly chains: readonly {
    readonly object: Extract<NftObject, { kind: "chain" }>;
    readonly rules: readonly NftProxyRule[];
  }[];
  readonly sets: readonly Extract<NftObject, { kind: "set" | "map" }>[];
  readonly elements: readonly Extract<NftObject, { kind: "element" }>[];
}

/** The table that a state stands for. */
export function nftTableOf(state: NftablesState): NftProxyTable {
  const chains = new Map<string, NftProxyTable["chains"][number] & { rules: NftProxyRule[] }>();
  const sets = new Map<string, Extract<NftObject, { kind: "set" | "map" }>>();
  const elements: Extract<NftObject, { kind: "element" }>[] = [];
  for (const { verb, object } of setupOperations(state.settings, state.node, false)) {
    if (object.kind === "chain" && verb === "add") chains.set(object.name, { object, rules: [] });
    if (object.kind === "chain" && verb === "delete") chains.delete(object.name);
    if (object.kind === "rule") chains.get(object.chain)?.rules.push(object.rule);
    if (object.kind === "set" || object.kind === "map") {
      if (verb === "delete") sets.delete(object.name);
      else sets.set(object.name, object);
    }
    if (object.kind === "element") elements.push(object);
  }
  const options = nftEmitOptions(state.settings, state.node);
  const written = state.written.values.flatMap(({ ports, keptTimeouts }) =>
    ports.map(({ plan }) => ({ rules: emitNftPort(plan, options), keptTimeouts })),
  );
  for (const { rules, keptTimeouts } of written) {
    for (const { name, rules: list } of [...rules.chains, rules.firewall ?? []].flat()) {
      chains.set(name, { object: { kind: "chain", name }, rules: [...list] });
    }
    for (const { name, timeoutSeconds } of rules.affinitySets) {
      const type = addrType(state.settings.family);
      const timeout = keptTimeouts.get(name) ?? timeoutSeconds;
      sets.set(name, { kind: "set", name, type, timeoutSeconds: timeout });
    }
  }
  for (const name of state.stale.keys()) {
    chains.set(name, { object: { kind: "chain", name }, rules: [] });
  }
  for (const element of state.elements.byId.values()) elements.push({ kind: "element", element });
  return {
    chains: [...chains.values()].sort((a, b) => compare(a.object.name, b.object.name)),
    sets: [...sets.values()].sort((a, b) => compare(b.kind, a.kind) || compare(a.name, b.name)),
    elements: elements.sort(
      (a, b) =>
        compare(a.element.container, b.element.container) || compare(a.element.key, b.element.key),
    ),
  };
}

/** Prints the table as `add` commands: table, chains, rules, sets, maps, elements. */
export function printNftTable(state: NftablesState): string {
  const options: NftPrintOptions = {
    family: state.settings.family,
    printMark: state.printMark,
  };
  const { chains, sets, elements } = nftTableOf(state);
  const add = (object: NftObject) => printOperation({ verb: "add", object }, options);
  return [
    `add table ${tableName(options.family)} { comment "rules for kube-proxy" ; }\n`,
    ...chains.map(({ object }) => add(object)),
    ...chains.flatMap(({ object, rules }) =>
      rules.map((rule) => add({ kind: "rule", chain: object.name, rule })),
    ),
    ...sets.map(add),
    ...elements.map(add),
  ].join("");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
