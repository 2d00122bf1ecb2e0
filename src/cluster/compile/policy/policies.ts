/** The rules of the policy agent on every node. */
import type { VirtualServer } from "../../../ipvs/index.js";
import {
  IptablesCompiler,
  makeElement,
  NftablesCompiler,
  PolicyIndex,
  type PolicyPlan,
  policyProtocol,
  type SetElement,
} from "../../../policy/index.js";
import type { ClusterSettings } from "../../settings.js";
import type { ClusterState } from "../../state/state.js";
import type { NodeRules } from "../proxy/proxy.js";
import type { ProxyWatch } from "../proxy/watch.js";
import { installPolicies, type NodePolicies } from "./install.js";
import { hasPolicies, PolicyWatch } from "./watch.js";

/**
 * Compiles the policies of nodes; what it remembers changes no answer.
 *
 * Cost: nothing while there are no policies. With them, what changed; see `PolicyIndex`.
 */
export class PolicyCompiler {
  readonly #settings: ClusterSettings;
  readonly #write: Write;
  readonly #byNode = new Map<string, Written>();
  #watched: { readonly watch: PolicyWatch; readonly index: PolicyIndex } | undefined;

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
    this.#write = makeWriter(settings);
  }

  /** Takes over a state, and the endpoints of its Services. */
  watch(state: ClusterState, { endpointSlices }: Pick<ProxyWatch, "endpointSlices">): void {
    const { mode, resolved = {} } = this.#settings.policyAgent;
    if (mode === "none" || !hasPolicies(state)) {
      this.#watched = undefined;
      this.#byNode.clear();
      return;
    }
    this.#watched ??= { watch: new PolicyWatch(), index: new PolicyIndex({ resolved }) };
    this.#watched.index.update(this.#watched.watch.take(state, endpointSlices));
  }

  /** A node's rules with those of the policy agent: the same object if there are none of these. */
  install(node: string, rules: NodeRules): NodeRules {
    const plan = this.#watched?.index.planOf(node);
    if (plan === undefined || plan.egress.length + plan.ingress.length === 0) return rules;
    const known = this.#byNode.get(node);
    if (known?.rules === rules && known.plan === plan) return known.all;
    const { virtualServers } = rules;
    const isSame = known?.plan === plan && known.rules.virtualServers === virtualServers;
    const policies = isSame ? known.policies : this.#write(plan, virtualServers ?? []);
    const all = installPolicies(rules, policies);
    this.#byNode.set(node, { rules, plan, policies, all });
    return all;
  }
}

interface Written {
  readonly rules: NodeRules;
  readonly plan: PolicyPlan;
  readonly policies: NodePolicies;
  readonly all: NodeRules;
}

type Write = (plan: PolicyPlan, virtualServers: readonly VirtualServer[]) => NodePolicies;

function makeWriter({ families, policyAgent, proxy }: ClusterSettings): Write {
  const place = { isBesideIpvs: proxy === "ipvs" };
  if (policyAgent.mode === "nftables") {
    const compiler = new NftablesCompiler(families, policyAgent, place);
    return (plan, servers) => {
      return { iptables: new Map(), table: compiler.compile(plan, servers.map(elementOf)) };
    };
  }
  const compilers = families.map((f) => [f, new IptablesCompiler(f, policyAgent, place)] as const);
  return (plan, servers) => {
    const virtual = servers.map(elementOf);
    const written = compilers.map(([f, compiler]) => [f, compiler.compile(plan, virtual)] as const);
    return { iptables: new Map(written), table: undefined };
  };
}

function elementOf({ addr, port: number, protocol }: VirtualServer): SetElement {
  return makeElement(addr, { protocol: policyProtocol(protocol.toUpperCase()), number });
}
