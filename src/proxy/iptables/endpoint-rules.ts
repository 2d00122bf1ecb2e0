/** The chains that spread traffic over endpoints, and those of the endpoints themselves. */
import { makeRange } from "../../addr/index.js";
import type { IptablesChain, IptablesMatch, IptablesRule } from "../../netfilter/index.js";
import type { PortPlan, Target } from "../choose/plan.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { endpointChainName } from "../name/chain-names.js";
import type { ServicePort } from "../services/service-port.js";
import { anyPort, comment, fromAddr, jump, MARK_MASQ, ofProtocol } from "./match.js";

/** How a chain of choice is written. */
export interface BalanceOptions {
  readonly name: string;
  readonly first: readonly IptablesRule[];
  /** Without comments. */
  readonly brief: boolean;
  readonly endpointNames: ReadonlyMap<string, string>;
}

/** The names of the chains of all endpoints a plan uses, by endpoint text. */
export function endpointNamesOf({ port, reachable }: PortPlan): ReadonlyMap<string, string> {
  return new Map(reachable.map(({ text }) => [text, endpointChainName(port, text)]));
}

/**
 * A KUBE-SVC or KUBE-SVL chain: affinity first, then one rule per endpoint. The i-th of n endpoints
 * takes 1/(n-i) of what reaches it, and the last takes the rest.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `writeServiceToEndpointRules`.
 */
export function balanceChain(
  { port, ...plan }: PortPlan,
  target: Target,
  { name, first, brief, endpointNames }: BalanceOptions,
): IptablesChain {
  const endpoints = plan[target];
  const rules: IptablesRule[] = [...first];
  const { origin, affinitySeconds } = port;
  const branches = endpoints.map((endpoint) => ({
    chain: endpointNames.get(endpoint.text) ?? "",
    text: brief ? [] : [comment(`${port.name} -> ${endpoint.text}`)],
  }));
  if (affinitySeconds !== undefined) {
    for (const { chain, text } of branches) {
      const matches = [...text, recentCheck(chain, affinitySeconds)];
      rules.push({ matches, target: jump(chain), origin });
    }
  }
  branches.forEach(({ chain, text }, i) => {
    const left = branches.length - i;
    const matches = left > 1 ? [...text, withProbability(left)] : text;
    rules.push({ matches, target: jump(chain), origin });
  });
  return { name, rules };
}

/**
 * The KUBE-SEP chains of a Service port: an endpoint that reaches itself is masqueraded, everybody is
 * sent to the endpoint, and with affinity the client is remembered.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`.
 */
export function endpointChains(
  plan: PortPlan,
  endpointNames: ReadonlyMap<string, string>,
  brief: boolean,
): IptablesChain[] {
  return plan.reachable.map((endpoint) => {
    const name = endpointNames.get(endpoint.text) ?? "";
    return endpointChain(plan.port, endpoint, { name, brief });
  });
}

/**
 * The probability of one in n, as kube-proxy prints it.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `computeProbability`.
 */
export function probabilityText(n: number): string {
  return PROBABILITIES[n] ?? (1 / n).toFixed(10);
}

/** The texts that are needed all the time. */
const PROBABILITIES = Array.from({ length: 256 }, (_, n) => (1 / n).toFixed(10));

function endpointChain(
  port: ServicePort,
  endpoint: Endpoint,
  { name, brief }: { readonly name: string; readonly brief: boolean },
): IptablesChain {
  const { origin, protocol, affinitySeconds } = port;
  const text = brief ? [] : [comment(port.name)];
  const remember: IptablesMatch[] =
    affinitySeconds === undefined ? [] : [{ kind: "recent", action: "set", name, side: "rsource" }];
  const { addr } = endpoint;
  return {
    name,
    rules: [
      { matches: [fromAddr(addr), ...text], target: MARK_MASQ, origin },
      {
        matches: [ofProtocol(protocol), ...text, ...remember, anyPort(protocol)],
        target: {
          kind: "DNAT",
          addrs: makeRange(addr, addr),
          ports: { first: endpoint.port, last: endpoint.port },
        },
        origin,
      },
    ],
  };
}

function recentCheck(name: string, seconds: number): IptablesMatch {
  return { kind: "recent", action: "rcheck", name, side: "rsource", seconds, reap: true };
}

/** The `statistic` match that takes one packet in n. */
function withProbability(n: number): IptablesMatch {
  return { kind: "statistic", mode: "random", probability: probabilityText(n) };
}
