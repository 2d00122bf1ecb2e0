/**
 * What one connection comes to in the three modes of kube-proxy, and the rows that say where they may
 * differ. `src/proxy/modes.md` tells the same rows to operators.
 */
import { parseAddr, parsePrefix } from "../../../src/addr/index.js";
import type { Got, Probe } from "../../../src/fabric/index.js";
import type { RecordedCluster } from "../../conformance/kernel/from-objects.js";

/** Where a connection came to. `sender`: refused or dropped before it left its own machine. */
export type Outcome =
  | {
      readonly kind: "reached";
      readonly by: string;
      readonly from: string;
      readonly answered: boolean;
    }
  | { readonly kind: "refused" | "silent" | "sender" };

/** The same in the three modes. */
export interface Outcomes {
  readonly iptables: Outcome;
  readonly nftables: Outcome;
  readonly ipvs: Outcome;
}

/** What is asked, in the words of Services. */
export interface Asked {
  readonly what:
    | "cluster IP"
    | "load balancer"
    | "external IP"
    | "node port"
    | "loopback"
    | "other";
  /** The Service has the port and protocol. */
  readonly hasPort: boolean;
  readonly isLocalPolicy: boolean;
  readonly hasEndpoints: boolean;
  /** An endpoint is on the node whose proxy handles the packet. */
  readonly hasLocal: boolean;
  readonly hasRanges: boolean;
  readonly from: "pod" | "node" | "outside";
  /** Pods, by the names of their namespaces, that stand behind the Service. */
  readonly endpoints: ReadonlySet<string>;
  readonly client: string;
  readonly hasServiceCIDR: boolean;
}

/** What a socket and the listeners told. */
export function outcomeOf({ result, server_saw }: Got): Outcome {
  const [saw] = server_saw;
  if (saw !== undefined) {
    return { kind: "reached", by: saw.ns, from: saw.peer, answered: result === "ok" };
  }
  if (result === "ECONNREFUSED") return { kind: "refused" };
  return { kind: result === "EPERM" ? "sender" : "silent" };
}

/** Whether two outcomes are the same, as far as a socket on the sender's own machine can tell. */
export function isSame(a: Outcome, b: Outcome): boolean {
  if (a.kind === "reached" || b.kind === "reached") {
    return a.kind === "reached" && b.kind === "reached" && a.by === b.by && a.from === b.from;
  }
  return a.kind === b.kind || a.kind === "sender" || b.kind === "sender";
}

const SILENT: Outcome = { kind: "silent" };
const REFUSED: Outcome = { kind: "refused" };

/** One kind of difference: when it may be, and what it looks like. */
export interface ModeRow {
  readonly name: string;
  readonly holds: (asked: Asked, seen: Outcomes) => boolean;
  /** No recorded cluster meets it; random ones do. */
  readonly isUnrecorded?: boolean;
}

const isExternal = ({ what }: Asked) =>
  what === "load balancer" || what === "external IP" || what === "node port";
const oldModesAgree = ({ iptables, nftables }: Outcomes) => isSame(iptables, nftables);
const reached = (outcome: Outcome) => outcome.kind === "reached";

/** In the order they are asked. */
export const MODE_ROWS: readonly ModeRow[] = [
  {
    name: "a port the Service does not have, on its cluster IP",
    holds: ({ what, hasPort }, { iptables, nftables, ipvs }) =>
      what === "cluster IP" &&
      !hasPort &&
      isSame(iptables, SILENT) &&
      isSame(nftables, REFUSED) &&
      isSame(ipvs, REFUSED),
  },
  {
    name: "a node port on 127.0.0.1",
    holds: ({ what }, { nftables, ipvs }) =>
      what === "loopback" && isSame(nftables, REFUSED) && isSame(ipvs, REFUSED),
  },
  {
    name: "policy Local, endpoints only on other nodes",
    holds: ({ isLocalPolicy, hasLocal, hasEndpoints, hasPort }, seen) =>
      hasPort &&
      isLocalPolicy &&
      hasEndpoints &&
      !hasLocal &&
      oldModesAgree(seen) &&
      !reached(seen.iptables) &&
      reached(seen.ipvs),
  },
  {
    name: "pods and nodes at addresses with policy Local",
    holds: (asked, seen) =>
      isExternal(asked) &&
      asked.isLocalPolicy &&
      asked.from !== "outside" &&
      oldModesAgree(seen) &&
      reached(seen.iptables),
  },
  {
    name: "a node asks a cluster IP: the source address",
    holds: ({ what, from }, seen) =>
      what === "cluster IP" &&
      from === "node" &&
      oldModesAgree(seen) &&
      seen.iptables.kind === "reached" &&
      seen.ipvs.kind === "reached" &&
      seen.iptables.by === seen.ipvs.by,
  },
  {
    name: "a pod asks itself through a Service, on a bridge without hairpin mode",
    holds: ({ client, endpoints }, seen) =>
      endpoints.has(client) &&
      oldModesAgree(seen) &&
      !reached(seen.iptables) &&
      seen.ipvs.kind === "reached" &&
      seen.ipvs.by === client &&
      !seen.ipvs.answered,
  },
  {
    name: "a port the Service does not have, on an external address",
    isUnrecorded: true,
    holds: ({ what, hasPort }, { iptables, nftables, ipvs }) =>
      (what === "load balancer" || what === "external IP") &&
      !hasPort &&
      isSame(iptables, SILENT) &&
      isSame(nftables, SILENT) &&
      isSame(ipvs, REFUSED),
  },
  {
    name: "a cluster IP alone with policy Local, endpoints only on other nodes",
    isUnrecorded: true,
    holds: ({ what, hasPort, isLocalPolicy, hasEndpoints, hasLocal }, seen) =>
      what === "cluster IP" &&
      hasPort &&
      isLocalPolicy &&
      hasEndpoints &&
      !hasLocal &&
      isSame(seen.iptables, SILENT) &&
      isSame(seen.nftables, SILENT) &&
      isSame(seen.ipvs, REFUSED),
  },
  {
    name: "load balancer with source ranges, sender outside them, no endpoints",
    isUnrecorded: true,
    holds: ({ what, hasRanges, hasEndpoints }, { iptables, nftables, ipvs }) =>
      what === "load balancer" &&
      hasRanges &&
      !hasEndpoints &&
      isSame(iptables, REFUSED) &&
      isSame(nftables, SILENT) &&
      isSame(ipvs, SILENT),
  },
  {
    name: "a client on the nodes' own segment asks an external address of a Service without endpoints",
    isUnrecorded: true,
    holds: (asked, { iptables, nftables, ipvs }) =>
      isExternal(asked) &&
      asked.from === "outside" &&
      !asked.hasEndpoints &&
      isSame(iptables, SILENT) &&
      isSame(nftables, SILENT) &&
      isSame(ipvs, REFUSED),
  },
  {
    name: "a node asks an external address of a Service without endpoints",
    holds: (asked, { iptables, nftables, ipvs }) =>
      isExternal(asked) &&
      asked.from === "node" &&
      !asked.hasEndpoints &&
      isSame(iptables, SILENT) &&
      isSame(nftables, REFUSED) &&
      isSame(ipvs, REFUSED),
  },
];

/** The row that explains why outcomes differ; undefined: none does. */
export function rowOf(asked: Asked, seen: Outcomes): string | undefined {
  return MODE_ROWS.find((row) => row.holds(asked, seen))?.name;
}

/** Routes of the host outside: which node it sends Services' addresses to. */
export type OutsideRoutes = readonly { readonly dst: string; readonly gateway?: string }[];

/** Reads what a probe asks of a recorded cluster. */
export function askedOf(
  probe: Probe,
  { services, endpointSlices, config }: RecordedCluster,
  routes: OutsideRoutes,
): Asked {
  const { from, dst, dport, proto } = probe;
  const handler = handlerOf(probe, config, routes);
  for (const service of services as readonly RecordedService[]) {
    const { spec, status, metadata } = service;
    const what = placeOf(service, dst, dport);
    if (what === undefined) continue;
    const isNodePort = what === "node port" || what === "loopback";
    const hasPort = spec.ports.some(
      (p) => (isNodePort ? p.nodePort : p.port) === dport && p.protocol.toLowerCase() === proto,
    );
    const policy = what === "cluster IP" ? spec.internalTrafficPolicy : spec.externalTrafficPolicy;
    const behind = (endpointSlices as readonly RecordedSlice[])
      .filter((s) => s.metadata.labels["kubernetes.io/service-name"] === metadata.name)
      .flatMap((s) => s.endpoints)
      .filter(({ conditions }) => conditions.ready || conditions.serving);
    return {
      ...{ what, hasPort, isLocalPolicy: policy === "Local", hasEndpoints: behind.length > 0 },
      hasLocal: behind.some(({ nodeName }) => nodeName === handler),
      hasRanges: (spec.loadBalancerSourceRanges ?? []).length > 0 && status !== undefined,
      from: kindOf(from),
      endpoints: new Set(behind.map(({ targetRef }) => targetRef.name)),
      client: from,
      hasServiceCIDR: config[0]?.nftables?.serviceCIDRs !== "",
    };
  }
  return {
    ...{ what: "other", hasPort: false, isLocalPolicy: false, hasEndpoints: false },
    ...{
      hasLocal: false,
      hasRanges: false,
      from: kindOf(from),
      endpoints: new Set(),
      client: from,
    },
    hasServiceCIDR: config[0]?.nftables?.serviceCIDRs !== "",
  };
}

interface RecordedService {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly clusterIPs: readonly string[];
    readonly externalIPs?: readonly string[];
    readonly internalTrafficPolicy?: string;
    readonly externalTrafficPolicy?: string;
    readonly loadBalancerSourceRanges?: readonly string[];
    readonly ports: readonly { port: number; nodePort?: number; protocol: string }[];
  };
  readonly status?: { readonly loadBalancer: { readonly ingress?: readonly { ip: string }[] } };
}

interface RecordedSlice {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly endpoints: readonly {
    readonly nodeName: string;
    readonly conditions: { readonly ready?: boolean; readonly serving?: boolean };
    readonly targetRef: { readonly name: string };
  }[];
}

function placeOf({ spec, status }: RecordedService, dst: string, dport: number) {
  if (spec.clusterIPs.includes(dst)) return "cluster IP" as const;
  if (spec.externalIPs?.includes(dst)) return "external IP" as const;
  if (status?.loadBalancer.ingress?.some(({ ip }) => ip === dst)) return "load balancer" as const;
  if (!spec.ports.some(({ nodePort }) => nodePort === dport)) return undefined;
  return dst.startsWith("127.") ? ("loopback" as const) : ("node port" as const);
}

/** The node whose proxy sees the packet first: the one that is asked, the sender's, or its router. */
function handlerOf(
  { from, dst }: Probe,
  config: RecordedCluster["config"],
  routes: OutsideRoutes,
): string | undefined {
  const ownerOf = (addr: string | undefined) =>
    config.find(({ nodeLocalIPs }) => addr !== undefined && nodeLocalIPs.includes(addr))?.nodeName;
  const own = /^n(?:ode)?(\d)/.exec(from);
  const via = routes.find(({ dst: prefix, gateway }) => {
    return gateway !== undefined && prefix !== "default" && contains(prefix, dst);
  });
  return ownerOf(dst) ?? (own === null ? ownerOf(via?.gateway) : `node${own[1]}`);
}

function contains(prefix: string, addr: string): boolean {
  return parsePrefix(prefix.includes("/") ? prefix : `${prefix}/32`).contains(parseAddr(addr));
}

function kindOf(from: string): Asked["from"] {
  if (from === "ext") return "outside";
  return from.startsWith("node") ? "node" : "pod";
}
