/** NetworkPolicy v1 into the common form, with the defaults the API server would fill in. */
import { parsePrefix } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../objects/index.js";
import {
  allPorts,
  type Peer,
  type Policy,
  type PortRange,
  policyProtocol,
  type Rule,
} from "./policy.js";

/**
 * Reads a NetworkPolicy.
 *
 * Shape: `policyTypes` missing or empty means ingress, and egress if there are egress rules. A list
 * of rules for a direction that is not named is left out.
 * Follows: Kubernetes v1.35 pkg/apis/networking/v1/defaults.go `SetDefaults_NetworkPolicy`,
 * staging/src/k8s.io/api/networking/v1/types.go.
 */
export function readNetworkPolicy(policy: NetworkPolicy, origin: Origin): Policy {
  const { spec } = policy;
  const namespace = policy.metadata.namespace ?? "default";
  const given = spec.policyTypes ?? [];
  const hasEgress = (spec.egress ?? []).length > 0;
  const types = given.length > 0 ? given : ["Ingress", ...(hasEgress ? ["Egress"] : [])];
  const place = (direction: string, i: number) => ({ ...origin, part: `${direction}[${i}]` });
  const base = {
    tier: "network",
    priority: 0,
    subject: { namespaces: { name: namespace }, pods: spec.podSelector ?? {} },
    origin,
  } as const;
  const ingress = (spec.ingress ?? []).map((rule, i) =>
    readRule({ peers: rule.from, ports: rule.ports, namespace }, place("ingress", i)),
  );
  const egress = (spec.egress ?? []).map((rule, i) =>
    readRule({ peers: rule.to, ports: rule.ports, namespace }, place("egress", i)),
  );
  return {
    ...base,
    ...(types.includes("Ingress") ? { ingress } : {}),
    ...(types.includes("Egress") ? { egress } : {}),
  };
}

interface RuleParts {
  readonly peers: readonly NetworkPolicyPeer[] | undefined;
  readonly ports: readonly NetworkPolicyPort[] | undefined;
  readonly namespace: string;
}

/** Missing and empty lists alike mean everybody and every port. */
function readRule({ peers = [], ports = [], namespace }: RuleParts, origin: Origin): Rule {
  return {
    action: "accept",
    ...(peers.length === 0 ? {} : { peers: peers.map((peer) => readPeer(peer, namespace)) }),
    ...(ports.length === 0 ? {} : { ports: ports.map(readPort) }),
    origin,
  };
}

function readPeer(peer: NetworkPolicyPeer, namespace: string): Peer {
  if (peer.ipBlock !== undefined) {
    const except = (peer.ipBlock.except ?? []).map(parsePrefix);
    return { kind: "block", prefix: parsePrefix(peer.ipBlock.cidr), except };
  }
  if (peer.podSelector === undefined && peer.namespaceSelector === undefined) {
    return { kind: "unknown" };
  }
  const namespaces =
    peer.namespaceSelector === undefined
      ? { name: namespace }
      : { selector: peer.namespaceSelector };
  return { kind: "pods", group: { namespaces, pods: peer.podSelector ?? {} } };
}

function readPort(port: NetworkPolicyPort): PortRange {
  const protocol = policyProtocol(port.protocol ?? "TCP");
  if (port.port === undefined) return allPorts(protocol);
  if (typeof port.port === "string") return { kind: "named", protocol, name: port.port };
  return { kind: "numbers", protocol, first: port.port, last: port.endPort ?? port.port };
}
