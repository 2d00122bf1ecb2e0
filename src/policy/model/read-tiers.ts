/** AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy into the common form. */
import { parsePrefix } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import {
  type AdminNetworkPolicy,
  type AdminPort,
  askableSelector,
  type BaselineAdminNetworkPolicy,
  type ClusterNetworkPolicy,
  type ClusterProtocol,
  type LabelSelector,
  type PolicyEgressPeer,
  type PolicySubject,
} from "../../objects/index.js";
import {
  type Action,
  allPorts,
  type Peer,
  type PodGroup,
  type Policy,
  type PortRange,
  policyProtocol,
  type Rule,
  type Tier,
} from "./policy.js";

/** Reads an AdminNetworkPolicy (network-policy-api v0.1.8, v1alpha1). */
export function readAdminPolicy(policy: AdminNetworkPolicy, origin: Origin): Policy[] {
  const { spec } = policy;
  return readTier({ spec, tier: "admin", priority: spec.priority }, origin);
}

/** Reads the BaselineAdminNetworkPolicy (network-policy-api v0.1.8, v1alpha1). */
export function readBaselinePolicy(policy: BaselineAdminNetworkPolicy, origin: Origin): Policy[] {
  return readTier({ spec: policy.spec, tier: "baseline", priority: 0 }, origin);
}

/** Reads a ClusterNetworkPolicy (network-policy-api v0.2, v1alpha2). */
export function readClusterPolicy(policy: ClusterNetworkPolicy, origin: Origin): Policy[] {
  const { spec } = policy;
  const tier = spec.tier === "Admin" ? "admin" : "baseline";
  return readTier({ spec, tier, priority: spec.priority }, origin);
}

/** The fields that all three kinds have in common. */
interface TierSpec {
  readonly subject: PolicySubject;
  readonly ingress?: readonly TierRule[] | undefined;
  readonly egress?: readonly TierRule[] | undefined;
}

interface TierRule {
  readonly name?: string | undefined;
  readonly action: string;
  readonly from?: readonly PolicyEgressPeer[] | undefined;
  readonly to?: readonly PolicyEgressPeer[] | undefined;
  readonly ports?: readonly AdminPort[] | undefined;
  readonly protocols?: readonly ClusterProtocol[] | undefined;
}

interface TierParts {
  readonly spec: TierSpec;
  readonly tier: Tier;
  readonly priority: number;
}

/** No policy at all when the subject is of a kind that is not known: it selects nobody. */
function readTier({ spec, tier, priority }: TierParts, origin: Origin): Policy[] {
  const subject = readGroup(spec.subject);
  if (subject === undefined) return [];
  const read = (direction: string, rules: readonly TierRule[] | undefined) =>
    (rules ?? []).map((rule, i) => {
      const name = rule.name === undefined || rule.name === "" ? "" : ` ${rule.name}`;
      return readRule(rule, { ...origin, part: `${direction}[${i}]${name}` });
    });
  const ingress = read("ingress", spec.ingress);
  return [{ tier, priority, subject, ingress, egress: read("egress", spec.egress), origin }];
}

const ACTIONS: Readonly<Record<string, Action>> = {
  Allow: "accept",
  Accept: "accept",
  Deny: "deny",
  Pass: "pass",
};

function readRule(rule: TierRule, origin: Origin): Rule {
  const peers = (rule.from ?? rule.to ?? []).flatMap(readPeer);
  const ports = rule.ports?.map(readAdminPort) ?? rule.protocols?.map(readClusterProtocol) ?? [];
  // What is not known fails closed: it accepts nobody, and anything else is a denial.
  const isOpen = peers.some((peer) => peer.kind === "unknown");
  const action = ACTIONS[rule.action] ?? "deny";
  return {
    action: isOpen && action === "pass" ? "deny" : action,
    peers,
    ...(ports.length === 0 ? {} : { ports }),
    origin,
  };
}

function readPeer(peer: PolicyEgressPeer): Peer[] {
  const group = readGroup(peer);
  if (group !== undefined) return [{ kind: "pods", group }];
  if (peer.nodes !== undefined) return [{ kind: "nodes", selector: askableSelector(peer.nodes) }];
  const networks = peer.networks ?? [];
  const domainNames = peer.domainNames ?? [];
  if (networks.length > 0) {
    return networks.map((cidr) => ({ kind: "block", prefix: parsePrefix(cidr), except: [] }));
  }
  if (domainNames.length > 0) return domainNames.map((pattern) => ({ kind: "domain", pattern }));
  return [{ kind: "unknown" }];
}

function readGroup(of: PolicySubject): PodGroup | undefined {
  const everyPod: LabelSelector = {};
  if (of.namespaces !== undefined) {
    return { namespaces: { selector: askableSelector(of.namespaces) }, pods: everyPod };
  }
  if (of.pods === undefined) return undefined;
  const { namespaceSelector, podSelector } = of.pods;
  const namespaces = { selector: askableSelector(namespaceSelector ?? {}) };
  return { namespaces, pods: askableSelector(podSelector ?? everyPod) };
}

function readAdminPort(port: AdminPort): PortRange {
  const { portNumber, portRange, namedPort } = port;
  if (portNumber !== undefined) {
    const protocol = protocolOf(portNumber);
    return { kind: "numbers", protocol, first: portNumber.port, last: portNumber.port };
  }
  if (portRange !== undefined) {
    const protocol = protocolOf(portRange);
    return { kind: "numbers", protocol, first: portRange.start, last: portRange.end };
  }
  return { kind: "named", name: namedPort ?? "" };
}

/** A server fills in TCP only where the field is absent; an empty one means no other protocol. */
function protocolOf({ protocol = "" }: { readonly protocol?: string | undefined }): number {
  return policyProtocol(protocol === "" ? "TCP" : protocol);
}

function readClusterProtocol(protocol: ClusterProtocol): PortRange {
  const { tcp, udp, sctp, destinationNamedPort } = protocol;
  const name = tcp !== undefined ? "TCP" : udp !== undefined ? "UDP" : "SCTP";
  const transport = tcp ?? udp ?? sctp;
  if (transport === undefined) return { kind: "named", name: destinationNamedPort ?? "" };
  const number = policyProtocol(name);
  const port = transport.destinationPort;
  if (port === undefined) return allPorts(number);
  if (port.range !== undefined) {
    return { kind: "numbers", protocol: number, first: port.range.start, last: port.range.end };
  }
  const only = port.number ?? 0;
  return { kind: "numbers", protocol: number, first: only, last: only };
}
