/** The rules of the policy agent on every node. */
import {
  compileIptables,
  compileNftables,
  type PolicyPlan,
  planPolicies,
} from "../../../policy/index.js";
import type { ClusterSettings } from "../../settings.js";
import type { ClusterState } from "../../state/state.js";
import type { NodeRules } from "../proxy/proxy.js";
import { installPolicies, type NodePolicies } from "./install.js";
import { type PolicyWatch, watchPolicies } from "./watch.js";

/** Compiles the policies of nodes; what it remembers changes no answer. */
export class PolicyCompiler {
  readonly #settings: ClusterSettings;
  readonly #byNode = new Map<string, NodePolicies | undefined>();
  readonly #installed = new Map<string, Installed>();
  #watched: PolicyWatch | undefined;

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
  }

  /** Takes over a state. */
  watch(state: ClusterState): void {
    if (this.#settings.policyAgent.mode === "none") return;
    this.#watched = watchPolicies(state);
    this.#byNode.clear();
  }

  /** A node's rules with those of the policy agent: the same object if there are none of these. */
  install(node: string, rules: NodeRules): NodeRules {
    const policies = this.#policiesOn(node);
    if (policies === undefined) return rules;
    const known = this.#installed.get(node);
    if (known?.rules === rules && known.policies === policies) return known.all;
    const all = installPolicies(rules, policies);
    this.#installed.set(node, { rules, policies, all });
    return all;
  }

  #policiesOn(node: string): NodePolicies | undefined {
    const watched = this.#watched;
    if (watched === undefined) return undefined;
    if (!this.#byNode.has(node)) {
      const plan = planPolicies({ ...watched, node });
      const isIdle = plan.egress.length + plan.ingress.length === 0;
      this.#byNode.set(node, isIdle ? undefined : this.#compile(plan));
    }
    return this.#byNode.get(node);
  }

  #compile(plan: PolicyPlan): NodePolicies {
    const { families, policyAgent } = this.#settings;
    if (policyAgent.mode === "nftables") {
      return { iptables: new Map(), table: compileNftables(plan, policyAgent) };
    }
    const iptables = families.map((f) => [f, compileIptables(plan, f, policyAgent)] as const);
    return { iptables: new Map(iptables), table: undefined };
  }
}

interface Installed {
  readonly rules: NodeRules;
  readonly policies: NodePolicies;
  readonly all: NodeRules;
}
