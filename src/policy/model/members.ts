/**
 * Who can be selected by policies: pods with the addresses, labels and named ports that count, and
 * nodes with their addresses.
 */
import { type Addr, tryParseAddr } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import type { Labels, Namespace, Node, Pod } from "../../objects/index.js";
import { policyProtocol } from "./policy.js";

/** A pod as policies see it. */
export interface Member {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly namespaceLabels: Labels;
  readonly addrs: readonly Addr[];
  readonly ports: readonly NamedPort[];
  readonly node?: string;
  readonly origin: Origin;
}

/** A container port with a name. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: number;
  readonly port: number;
}

/** A node as policies see it. */
export interface NodeMember {
  readonly name: string;
  readonly labels: Labels;
  readonly addrs: readonly Addr[];
}

/** The objects that members are made of. */
export interface MemberObjects {
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  readonly nodes?: readonly Node[];
}

/** Choices that the API leaves to implementations. */
export interface MemberOptions {
  /**
   * `node`: a pod in its node's network is not selected by anything. `pod`: it is selected as any
   * other, as analysers of manifests read it; for judges and lists alone, since the rules of a node
   * cannot tell such a pod from the node itself. Default: `node`.
   */
  readonly hostNetworkPods?: "node" | "pod";
}

/** The label that every namespace has. */
const NAME_LABEL = "kubernetes.io/metadata.name";

/**
 * Makes members of pods. Pods that have ended are left out: their addresses may be others' by now.
 *
 * Follows: Kubernetes v1.35 staging/src/k8s.io/api/networking/v1/types.go on isolation and host
 * network; pkg/apis/core/v1/defaults.go for the name label of namespaces.
 */
export function membersOf(objects: MemberObjects, options: MemberOptions = {}): Member[] {
  const given = new Map(objects.namespaces.map((n) => [n.metadata.name ?? "", n]));
  const labels = new Map<string, Labels>();
  return objects.pods.flatMap((pod) => {
    const { namespace = "default" } = pod.metadata;
    const known = labels.get(namespace) ?? namespaceLabelsOf(namespace, given.get(namespace));
    labels.set(namespace, known);
    return memberOf(pod, known, options) ?? [];
  });
}

/** The labels of a namespace by which policies select it: its name is always one of them. */
export function namespaceLabelsOf(name: string, namespace: Namespace | undefined): Labels {
  return { [NAME_LABEL]: name, ...namespace?.metadata.labels };
}

function hasEnded(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Makes a member of a pod; undefined for one that nothing selects. See `membersOf`. */
export function memberOf(
  pod: Pod,
  namespaceLabels: Labels,
  options: MemberOptions = {},
): Member | undefined {
  const countsHost = options.hostNetworkPods === "pod";
  if (hasEnded(pod) || (!countsHost && pod.spec.hostNetwork === true)) return undefined;
  const { namespace = "default", name = "", labels = {} } = pod.metadata;
  const texts = [...(pod.status?.podIPs ?? []).map((ip) => ip.ip), pod.status?.podIP];
  const addrs = new Map<string, Addr>();
  for (const text of texts) {
    const addr = text === undefined ? undefined : tryParseAddr(text);
    if (addr !== undefined) addrs.set(addr.key(), addr);
  }
  const member = {
    namespace,
    name,
    labels,
    namespaceLabels,
    addrs: [...addrs.values()],
    ports: namedPortsOf(pod),
    origin: { kind: "Pod", namespace, name },
  };
  return pod.spec.nodeName ? { ...member, node: pod.spec.nodeName } : member;
}

function namedPortsOf(pod: Pod): NamedPort[] {
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  return ports.flatMap((port) =>
    port.name
      ? [
          {
            name: port.name,
            protocol: policyProtocol(port.protocol ?? "TCP"),
            port: port.containerPort,
          },
        ]
      : [],
  );
}

/** Makes members of nodes. */
export function nodeMembersOf(nodes: readonly Node[]): NodeMember[] {
  return nodes.map((node) => ({
    name: node.metadata.name ?? "",
    labels: node.metadata.labels ?? {},
    addrs: (node.status?.addresses ?? []).flatMap((a) => tryParseAddr(a.address) ?? []),
  }));
}
