/**
 * The way from outside to addresses of Services: external IPs, and what a load balancer gave. The
 * outside host stands for the load balancer too:
 *
 *   VIP    external ── route to the address through all healthy nodes ──▶ node (destination unchanged)
 *   Proxy  external ── DNAT to a node port of a healthy node ───────────▶ node
 */
import { type Addr, makeRange, type Prefix, singlePrefix, tryParseAddr } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import { type NodePlan, UPLINK, userRoute } from "../../cni/index.js";
import type { RouteConfig } from "../../fib/index.js";
import type {
  IptablesChain,
  IptablesMatch,
  IptablesRule,
  IptablesRuleset,
} from "../../netfilter/index.js";
import type { Service, ServicePort } from "../../objects/index.js";
import { localReadyNodes, type ProxyModel, probabilityText } from "../../proxy/index.js";
import { compareText } from "../state/identity.js";
import type { ProxyWatch } from "./proxy/watch.js";

/** One address outside clients may call. */
export interface OutsideAddr {
  readonly addr: Addr;
  readonly mode: "VIP" | "Proxy";
  readonly service: Service;
  /** Nodes that get its traffic; undefined: all. */
  readonly nodes: readonly string[] | undefined;
}

/**
 * Collects the addresses of all Services, sorted, and the nodes behind each: with policy Local those
 * whose health checks are answered with 200.
 */
export function outsideAddrs(
  { services }: Pick<ProxyWatch, "services">,
  models: readonly ProxyModel[],
): readonly OutsideAddr[] {
  const found: OutsideAddr[] = [];
  for (const service of services) {
    const { externalIPs = [], externalTrafficPolicy, type } = service.spec;
    const ingress = type === "LoadBalancer" ? (service.status?.loadBalancer?.ingress ?? []) : [];
    if (externalIPs.length + ingress.length === 0) continue;
    const isLocal = externalTrafficPolicy === "Local";
    const nodes = isLocal ? healthyNodes(service, models) : undefined;
    for (const ip of externalIPs) {
      const addr = tryParseAddr(ip);
      if (addr !== undefined) found.push({ addr, mode: "VIP", service, nodes });
    }
    for (const { ip, ipMode } of ingress) {
      const addr = tryParseAddr(ip ?? "");
      const mode = ipMode === "Proxy" ? "Proxy" : "VIP";
      if (addr !== undefined) found.push({ addr, mode, service, nodes });
    }
  }
  return found.sort((a, b) => compareText(keyOf(a), keyOf(b)));
}

function keyOf({ addr, service: { metadata } }: OutsideAddr): string {
  return `${addr.key()} ${metadata.namespace}/${metadata.name}`;
}

/** Nodes on whose health-check port kube-proxy says yes: the first family that serves it answers. */
function healthyNodes({ metadata }: Service, models: readonly ProxyModel[]): readonly string[] {
  const service = `${metadata.namespace}/${metadata.name}`;
  const model = models.find((m) => (m.services.get(service)?.ports.length ?? 0) > 0);
  return model === undefined ? [] : [...localReadyNodes(model, service)].sort(compareText);
}

/** Text that tells whether the way from outside has changed. */
export function outsideText(addrs: readonly OutsideAddr[]): string {
  return JSON.stringify(
    addrs.map((a) => [keyOf(a), a.mode, a.nodes, a.mode === "Proxy" ? a.service.spec.ports : 0]),
  );
}

/** Routes of the outside host. An address without a healthy node leads nowhere. */
export function outsideRoutes(
  addrs: readonly OutsideAddr[],
  nodes: readonly NodePlan[],
): readonly RouteConfig[] {
  const seen = new Set<string>();
  return addrs.flatMap((outside): RouteConfig[] => {
    const dst = singlePrefix(outside.addr);
    if (seen.has(dst.key())) return [];
    seen.add(dst.key());
    const origin = originOf(outside.service);
    // Of a proxy's own address only the way out matters: it is rewritten before it leaves.
    if (outside.mode === "Proxy") return [userRoute(dst, { link: UPLINK, weight: 1 }, origin)];
    const gateways = nodeAddrs(outside, nodes);
    const [first] = gateways;
    if (first === undefined) return [blackhole(dst, origin)];
    const hops = gateways.map((gateway) => ({ link: UPLINK, gateway, weight: 1 }));
    return [
      { ...userRoute(dst, { link: UPLINK, gateway: first, weight: 1 }, origin), nextHops: hops },
    ];
  });
}

function blackhole(dst: Prefix, origin: Origin): RouteConfig {
  const route = userRoute(dst, { link: UPLINK, weight: 1 }, origin);
  return { ...route, kind: "blackhole", nextHops: [] };
}

function nodeAddrs({ addr, nodes: healthy }: OutsideAddr, nodes: readonly NodePlan[]): Addr[] {
  return nodes
    .filter((node) => healthy === undefined || healthy.includes(node.name))
    .flatMap((node) => node.uplink.filter((a) => a.family === addr.family).map((a) => a.addr));
}

function originOf({ metadata: { namespace, name } }: Service): Origin {
  return { kind: "Service", namespace: namespace ?? "default", name };
}

const CHAIN = "LOAD-BALANCER";

/** A proxy's connections come from itself, so answers come back to it. */
const ANSWER_HERE: IptablesRule = {
  matches: [{ kind: "conntrack", ctstate: { states: ["DNAT"] } }],
  target: { kind: "MASQUERADE" },
};

/** Rules of the outside host that send the ports of proxied addresses to node ports. */
export function outsideRules(
  family: Addr["family"],
  addrs: readonly OutsideAddr[],
  nodes: readonly NodePlan[],
): IptablesRuleset {
  const proxied = addrs.filter((a) => a.mode === "Proxy" && a.addr.family === family);
  const rules = proxied.flatMap((outside) =>
    (outside.service.spec.ports ?? []).flatMap((port) => proxyRules(outside, port, nodes)),
  );
  if (rules.length === 0) return { family, tables: [] };
  const jump: IptablesRule = { matches: [], target: { kind: "jump", chain: CHAIN } };
  const chains: IptablesChain[] = [
    { name: "PREROUTING", policy: "ACCEPT", rules: [jump] },
    { name: "INPUT", policy: "ACCEPT", rules: [] },
    { name: "OUTPUT", policy: "ACCEPT", rules: [jump] },
    { name: "POSTROUTING", policy: "ACCEPT", rules: [ANSWER_HERE] },
    { name: CHAIN, rules },
  ];
  return { family, tables: [{ name: "nat", chains }] };
}

function proxyRules(
  outside: OutsideAddr,
  port: ServicePort,
  nodes: readonly NodePlan[],
): IptablesRule[] {
  const nodePort = port.nodePort ?? 0;
  if (nodePort === 0) return [];
  const origin = { ...originOf(outside.service), part: port.name ?? "" };
  const protocol = (port.protocol ?? "TCP").toLowerCase() as "tcp" | "udp" | "sctp";
  const dport = { first: port.port, last: port.port };
  const matches: IptablesMatch[] = [
    { kind: "destination", prefix: singlePrefix(outside.addr) },
    { kind: "protocol", protocol },
    { kind: protocol, dport },
  ];
  const targets = nodeAddrs(outside, nodes);
  return targets.map((first, at): IptablesRule => {
    const left = targets.length - at;
    const chance: IptablesMatch[] =
      left === 1 ? [] : [{ kind: "statistic", mode: "random", probability: probabilityText(left) }];
    const ports = { first: nodePort, last: nodePort };
    const addrs = makeRange(first, first);
    return { matches: [...matches, ...chance], target: { kind: "DNAT", addrs, ports }, origin };
  });
}
