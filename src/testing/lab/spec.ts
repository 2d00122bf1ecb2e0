/**
 * A lab case as plain data: what a cluster holds and what is tried in it. Places are numbers that are
 * taken modulo what there is, so that any part can be left out and the rest still means something:
 * that is what makes a failing case shrink well.
 */

/** One case. */
export interface CaseSpec {
  readonly nodes: number;
  readonly network: "bridge" | "vxlan";
  readonly proxy: "iptables" | "nftables" | "ipvs";
  readonly families: readonly ("ip4" | "ip6")[];
  readonly pods: readonly PodSpec[];
  readonly services: readonly ServiceSpec[];
  readonly policies: readonly PolicySpec[];
  /** Whether the policy agent asks about packets of open connections too. */
  readonly recheck: boolean;
  /** Whether it uses sets of pairs, which not every kernel has. */
  readonly pairSets: boolean;
  /** Whether the cluster has its DNS server. */
  readonly dns: boolean;
  readonly probes: readonly ProbeSpec[];
}

/** One pod, with one port. */
export interface PodSpec {
  /** Which node. */
  readonly node: number;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  /** Whether it is in the node's own network. */
  readonly onHost: boolean;
  readonly isReady: boolean;
}

/** One Service. It selects at most one pod, so that no chance decides where a packet goes. */
export interface ServiceSpec {
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer";
  /** Which pod; undefined: nobody has its label. */
  readonly pod: number | undefined;
  readonly port: number;
  /** The pod's own protocol, or the other one. */
  readonly isOtherProtocol: boolean;
  readonly isHeadless: boolean;
  readonly externalLocal: boolean;
  readonly internalLocal: boolean;
  readonly affinity: boolean;
  readonly dualStack: boolean;
  readonly externalIP: boolean;
  /** Source ranges of a load balancer: everybody, or not the outside host. */
  readonly ranges: "any" | "all" | "nodes";
  readonly publishNotReady: boolean;
}

/** One NetworkPolicy. */
export interface PolicySpec {
  /** Which pod it selects; undefined: all. */
  readonly pod: number | undefined;
  readonly direction: "Ingress" | "Egress" | "both";
  /** Whom it lets through; `nobody`: it has no rule. */
  readonly peer: "anybody" | "nobody" | "pod" | "namespace" | "block" | "all-but-nodes";
  /** Which pod, for that kind of peer. */
  readonly peerPod: number;
  /** Port of this pod only; undefined: any port. */
  readonly portOf: number | undefined;
}

/** What is asked for. */
export type TargetKind =
  | "pod"
  | "cluster-ip"
  | "node-port"
  | "external-ip"
  | "load-balancer"
  | "node"
  | "loopback"
  | "nobody";

/** One conversation. */
export interface ProbeSpec {
  /** Which of pods, nodes and the outside host. */
  readonly from: number;
  readonly target: TargetKind;
  /** Which of the targets of the kind. */
  readonly which: number;
  readonly proto: "tcp" | "udp" | "icmp";
  /** Whether the port next to the right one is asked for. */
  readonly isOff: boolean;
  /** Which of the client's own addresses; undefined: the kernel's choice. */
  readonly src: number | undefined;
  readonly ttl: number | undefined;
  /** Payload bytes of a datagram or an echo request. */
  readonly size: number | undefined;
  readonly df: boolean;
}
