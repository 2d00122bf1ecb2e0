/**
 * Checks of the policy kinds beyond their declarations: the rules that their definitions state in
 * expressions.
 *
 * Follows: network-policy-api v1alpha1 and v1alpha2, `XValidation` rules.
 */
import type { Fault } from "../../../base/index.js";
import type {
  AdminNetworkPolicy,
  BaselineAdminNetworkPolicy,
  ClusterNetworkPolicy,
  PolicyEgressPeer,
} from "../../kinds/network/policy-api.js";
import { invalid } from "../../shape/field-error.js";

const NAMED_PORTS =
  "networks/nodes/domainNames peer cannot be set with namedPorts since there are no namedPorts for networks/nodes/domainNames";

/** Peers that have no named ports. */
function isOutside(peer: PolicyEgressPeer): boolean {
  return peer.networks !== undefined || peer.nodes !== undefined || peer.domainNames !== undefined;
}

/** Checks an AdminNetworkPolicy or BaselineAdminNetworkPolicy. */
export function checkAdminPolicy(
  policy: AdminNetworkPolicy | BaselineAdminNetworkPolicy,
  faults: Fault[],
): void {
  if (policy.kind === "BaselineAdminNetworkPolicy" && policy.metadata.name !== "default") {
    const message =
      'Only one baseline admin network policy with metadata.name="default" can be created in the cluster';
    faults.push(invalid("", "object", message));
  }
  policy.spec.egress?.forEach((rule, i) => {
    const named = rule.ports?.some((p) => p.namedPort !== undefined) === true;
    if (named && rule.to.some((peer) => isOutside(peer as PolicyEgressPeer))) {
      faults.push(invalid(`spec.egress[${i}]`, "object", NAMED_PORTS));
    }
  });
}

/** Checks a ClusterNetworkPolicy. */
export function checkClusterPolicy(policy: ClusterNetworkPolicy, faults: Fault[]): void {
  policy.spec.egress?.forEach((rule, i) => {
    const named = rule.protocols?.some((p) => p.destinationNamedPort !== undefined) === true;
    if (named && rule.to.some(isOutside)) {
      faults.push(invalid(`spec.egress[${i}]`, "object", NAMED_PORTS));
    }
  });
  for (const side of ["ingress", "egress"] as const) {
    policy.spec[side]?.forEach((rule, i) => {
      rule.protocols?.forEach((protocol, j) => {
        for (const name of ["tcp", "udp", "sctp"] as const) {
          const range = protocol[name]?.destinationPort?.range;
          if (range === undefined || range.start < range.end) continue;
          const path = `spec.${side}[${i}].protocols[${j}].${name}.destinationPort.range`;
          faults.push(invalid(path, "object", "Start port must be less than End port"));
        }
      });
    });
  }
}
