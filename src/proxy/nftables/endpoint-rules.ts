/**
 * How traffic of one Service port is spread over its endpoints: the rules of the chains of choice,
 * and the chains of single endpoints. Releases lay this out in two ways.
 */
import type { PortPlan } from "../choose/plan.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import type { NftReleaseFacts } from "../release.js";
import type { NftEmitOptions, NftNames, NftPortChain } from "./emit.js";
import { type NftProxyRule, type NftStatement, nftRule } from "./rule.js";

/** Whether the endpoints of a Service port have chains of their own. */
export function hasEndpointChains({ port }: PortPlan, { layout }: NftReleaseFacts): boolean {
  return layout === "endpoint-chains" || port.affinitySeconds !== undefined;
}

/** Whether traffic to a choice of endpoints is translated by a rule without a map. */
export function isPlainDnat(
  plan: PortPlan,
  facts: NftReleaseFacts,
  endpoints: readonly Endpoint[],
): boolean {
  return facts.plainSingleEndpoint && endpoints.length === 1 && !hasEndpointChains(plan, facts);
}

/** Affinity first, then every endpoint with the same chance. */
export function balanceRules(
  plan: PortPlan,
  endpoints: readonly Endpoint[],
  { names, facts }: { readonly names: NftNames; readonly facts: NftReleaseFacts },
): NftProxyRule[] {
  if (!hasEndpointChains(plan, facts)) return [dnatRule(plan, endpoints, facts)];
  const bases = endpoints.map((e) => names.endpoints.get(e.text) ?? "");
  const balance = nftRule([{ kind: "balance", chains: bases.map((b) => `endpoint-${b}`) }]);
  if (plan.port.affinitySeconds === undefined) return [balance];
  const sticky = bases.map((base) => {
    const operand = { kind: "set", set: `affinity-${base}` } as const;
    const known: NftStatement = { kind: "addr", side: "saddr", operand };
    return nftRule([known, { kind: "goto", chain: `endpoint-${base}` }]);
  });
  return [...sticky, balance];
}

function dnatRule(
  plan: PortPlan,
  endpoints: readonly Endpoint[],
  facts: NftReleaseFacts,
): NftProxyRule {
  const protocol: NftStatement = { kind: "l4proto", protocol: plan.port.protocol };
  const [first] = endpoints;
  if (first !== undefined && isPlainDnat(plan, facts, endpoints)) {
    return nftRule([protocol, { kind: "dnat", addr: first.addr, port: first.port }]);
  }
  const targets = endpoints.map(({ addr, port }) => ({ addr, port }));
  return nftRule([protocol, { kind: "dnat-map", targets }]);
}

/** The chains of single endpoints. */
export function endpointChains(
  plan: PortPlan,
  names: NftNames,
  { facts, mark }: Pick<NftEmitOptions, "facts" | "mark">,
): NftPortChain[] {
  if (!hasEndpointChains(plan, facts)) return [];
  const { protocol, affinitySeconds } = plan.port;
  return plan.reachable.map((endpoint) => {
    const { text, addr, port } = endpoint;
    const base = names.endpoints.get(text) ?? "";
    const back: NftStatement = { kind: "addr", side: "saddr", operand: { kind: "addr", addr } };
    const rules: NftProxyRule[] = [];
    if (facts.layout === "endpoint-chains") rules.push(nftRule([back, markStatement(facts, mark)]));
    if (affinitySeconds !== undefined) {
      rules.push(nftRule([{ kind: "update", set: `affinity-${base}` }]));
    }
    rules.push(
      nftRule([
        { kind: "l4proto", protocol },
        { kind: "dnat", addr, port },
      ]),
    );
    return { name: `endpoint-${base}`, rules };
  });
}

/** What asks for masquerading: a jump to the chain that marks, or the mark itself. */
export function markStatement({ layout }: NftReleaseFacts, mark: number): NftStatement {
  return layout === "endpoint-chains"
    ? { kind: "jump", chain: "mark-for-masquerade" }
    : { kind: "mark-or", mark };
}
