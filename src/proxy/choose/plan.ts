/**
 * What follows from the choice for one Service port, in words that every mode translates into its
 * own rules: where internal and external traffic goes, and what is refused.
 */
import { type Endpoint, endpointsOnNode, type PortEndpoints } from "../endpoints/endpoint.js";
import { isExternallyAccessible, type ServicePort } from "../services/service-port.js";
import { type Choice, type ChoosingNode, chooseEndpoints } from "./categorize.js";

/** Which endpoints traffic of one kind is spread over. */
export type Target = "cluster" | "local";

/** Why traffic of one kind is refused: nothing anywhere, or nothing on this node. */
export type Refusal = "no endpoints" | "no local endpoints";

/** The decision for one Service port on one node. */
export interface PortPlan {
  readonly port: ServicePort;
  /** Endpoints behind the cluster-policy choice; empty when it is not used. */
  readonly cluster: readonly Endpoint[];
  /** Endpoints behind the local-policy choice; empty when it is not used. */
  readonly local: readonly Endpoint[];
  readonly reachable: readonly Endpoint[];
  readonly hasEndpoints: boolean;
  readonly internalTarget: Target;
  readonly externalTarget: Target;
  /** Undefined: internal traffic is served. */
  readonly internalRefusal: Refusal | undefined;
  /** Undefined: external traffic is served. */
  readonly externalRefusal: Refusal | undefined;
  /** External addresses lead somewhere (if only for pods and the node itself). */
  readonly usesExternal: boolean;
}

/**
 * Draws the conclusions from a choice.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go and nftables/proxier.go
 * `syncProxyRules`, the part that both share.
 */
export function planServicePort(port: ServicePort, choice: Choice): PortPlan {
  const { hasEndpoints, reachable } = choice;
  const cluster = choice.cluster ?? [];
  const local = choice.local ?? [];
  const refusal = (staysLocal: boolean): Refusal | undefined => {
    if (!hasEndpoints) return "no endpoints";
    return staysLocal && local.length === 0 ? "no local endpoints" : undefined;
  };
  return {
    port,
    cluster,
    local,
    reachable,
    hasEndpoints,
    internalTarget: port.internalPolicyLocal ? "local" : "cluster",
    externalTarget: port.externalPolicyLocal ? "local" : "cluster",
    internalRefusal: refusal(port.internalPolicyLocal),
    externalRefusal: refusal(port.externalPolicyLocal),
    usesExternal: hasEndpoints && isExternallyAccessible(port),
  };
}

/** Chooses and concludes: the decision for one Service port on one node. */
export function planOnNode(
  port: ServicePort,
  endpoints: PortEndpoints,
  node: ChoosingNode,
): PortPlan {
  return planServicePort(port, chooseEndpoints(endpointsOnNode(endpoints, node.name), port, node));
}
