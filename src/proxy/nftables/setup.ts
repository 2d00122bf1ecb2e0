/** The part of kube-proxy's nftables table that does not depend on any Service. */
import { type Family, isLoopback } from "../../addr/index.js";
import { masqueradeMark } from "../mark.js";
import { nodePortAddrs, readNodePortAddresses, resolvePrimary } from "../node-port-addresses.js";
import { type NftReleaseFacts, releaseFacts } from "../release.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { detectorStatement } from "./detector.js";
import { markStatement } from "./endpoint-rules.js";
import { addrType, type BaseChainHook, type NftObject, type NftOperation } from "./object.js";
import { HAIRPINS } from "./port-rules.js";
import { type NftProxyRule, type NftStatement, nftRule } from "./rule.js";

/** Chains on the hooks. Priorities are dstnat - 10, filter, dstnat and srcnat. */
const BASE_CHAINS: readonly (readonly [string, BaseChainHook])[] = [
  ["filter-prerouting-pre-dnat", { type: "filter", hook: "prerouting", priority: -110 }],
  ["filter-output-pre-dnat", { type: "filter", hook: "output", priority: -110 }],
  ["filter-input", { type: "filter", hook: "input", priority: 0 }],
  ["filter-forward", { type: "filter", hook: "forward", priority: 0 }],
  ["filter-output", { type: "filter", hook: "output", priority: 0 }],
  ["nat-prerouting", { type: "nat", hook: "prerouting", priority: -100 }],
  ["nat-output", { type: "nat", hook: "output", priority: -100 }],
  ["nat-postrouting", { type: "nat", hook: "postrouting", priority: 100 }],
];

/** From base chains to the chains below; only new connections where it says so. */
const JUMPS: readonly (readonly [to: string, from: string, onlyNew: boolean])[] = [
  ["nodeport-endpoints-check", "filter-input", true],
  ["service-endpoints-check", "filter-input", true],
  ["service-endpoints-check", "filter-forward", true],
  ["service-endpoints-check", "filter-output", true],
  ["firewall-check", "filter-prerouting-pre-dnat", true],
  ["firewall-check", "filter-output-pre-dnat", true],
  ["services", "nat-output", false],
  ["services", "nat-prerouting", false],
  ["masquerading", "nat-postrouting", false],
  ["cluster-ips-check", "filter-forward", true],
  ["cluster-ips-check", "filter-output", true],
];

/** Maps with addresses, and maps of node ports, with what they are for. */
const COMMENTS = {
  "cluster-ips": "Active ClusterIPs",
  "nodeport-ips": "IPs that accept NodePort traffic",
  "no-endpoint-services": "vmap to drop or reject packets to services with no endpoints",
  "no-endpoint-nodeports": "vmap to drop or reject packets to service nodeports with no endpoints",
  "firewall-ips": "destinations that are subject to LoadBalancerSourceRanges",
  "service-ips": "ClusterIP, ExternalIP and LoadBalancer IP traffic",
  "service-nodeports": "NodePort traffic",
  "hairpin-connections": "service hairpin connections",
  "localhost-nodeport-reject-ports": "localhost NodePorts rejected by kube-proxy",
} as const;

/**
 * The operations of a full sync before those of the Services.
 *
 * Shape: `first` recreates the base chains, whose hooks cannot be changed in place.
 * Follows: Kubernetes v1.35.4, v1.36.0 and v1.37.0 pkg/proxy/nftables/proxier.go `setupNFTables`.
 */
export function setupOperations(
  settings: ProxySettings,
  node: ProxyNode,
  first: boolean,
): readonly NftOperation[] {
  const operations: NftOperation[] = [add({ kind: "table", comment: "rules for kube-proxy" })];
  const created = new Set<string>();
  if (first) {
    for (const [name] of BASE_CHAINS) {
      operations.push(add({ kind: "chain", name }), remove({ kind: "chain", name }));
    }
  }
  for (const [name, base] of BASE_CHAINS) {
    operations.push(add({ kind: "chain", name, base }), flush({ kind: "chain", name }));
  }
  const ensure = (name: string) => {
    if (!created.has(name)) operations.push(...emptyChain(name));
    created.add(name);
  };
  for (const [to, from, onlyNew] of JUMPS) {
    ensure(to);
    const only: NftStatement[] = onlyNew ? [{ kind: "ct-new" }] : [];
    operations.push(addRule(from, nftRule([...only, { kind: "jump", chain: to }])));
  }
  for (const name of ["services", "cluster-ips-check", "masquerading"]) ensure(name);
  const facts = releaseFacts(settings.release).nftables;
  if (facts.layout === "endpoint-chains") ensure("mark-for-masquerade");
  operations.push(...masqueradeRules(settings, facts));
  operations.push(...clusterIPRules(settings));
  operations.push(...nodePortSet(settings, node));
  operations.push(...dispatch(settings, node));
  return operations;
}

/** An empty chain, whatever was in it. */
export function emptyChain(name: string): readonly [NftOperation, NftOperation] {
  return [add({ kind: "chain", name }), flush({ kind: "chain", name })];
}

function add(object: NftObject): NftOperation {
  return { verb: "add", object };
}

function flush(object: NftObject): NftOperation {
  return { verb: "flush", object };
}

function remove(object: NftObject): NftOperation {
  return { verb: "delete", object };
}

function addRule(chain: string, rule: NftProxyRule): NftOperation {
  return add({ kind: "rule", chain, rule });
}

function masqueradeRules(settings: ProxySettings, { layout }: NftReleaseFacts): NftOperation[] {
  const mark = masqueradeMark(settings);
  if (layout === "dnat-maps") {
    const addr = addrType(settings.family);
    const type = `${addr} . ${addr} . inet_proto . inet_service`;
    const marked = [{ kind: "mark-set", mark } as const, { kind: "mark-xor", mark } as const];
    const back: NftStatement[] = [{ kind: "ct-dnat" }, { kind: "connection", set: HAIRPINS }];
    return [
      add({ kind: "set", name: HAIRPINS, type, comment: COMMENTS[HAIRPINS] }),
      addRule("masquerading", nftRule([...marked, { kind: "masquerade" }])),
      addRule("masquerading", nftRule([...back, { kind: "masquerade" }])),
    ];
  }
  return [
    addRule("mark-for-masquerade", nftRule([{ kind: "mark-or", mark }])),
    addRule("masquerading", nftRule([{ kind: "mark-clear", mark }, { kind: "return" }])),
    addRule("masquerading", nftRule([{ kind: "mark-xor", mark }])),
    addRule("masquerading", nftRule([{ kind: "masquerade" }])),
  ];
}

/**
 * The Service CIDRs of the proxy's family, in the order given.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `OnServiceCIDRsChanged`.
 */
export function serviceCIDRsOf(cidrs: readonly string[], family: Family): readonly string[] {
  return cidrs.filter((cidr) => cidr.includes(":") === (family === "ip6"));
}

function clusterIPRules({ family, nftables }: ProxySettings): NftOperation[] {
  const serviceCIDRs = serviceCIDRsOf(nftables.serviceCIDRs, family);
  const known: NftStatement = {
    kind: "addr",
    side: "daddr",
    operand: { kind: "set", set: "cluster-ips" },
  };
  const operations = [
    add({
      kind: "set",
      name: "cluster-ips",
      type: addrType(family),
      comment: COMMENTS["cluster-ips"],
    }),
    addRule(
      "cluster-ips-check",
      nftRule([known, { kind: "reject" }], "Reject traffic to invalid ports of ClusterIPs"),
    ),
  ];
  if (serviceCIDRs.length === 0) return operations;
  const allotted: NftStatement = {
    kind: "addr",
    side: "daddr",
    operand: { kind: "joined", texts: serviceCIDRs },
  };
  const drop = nftRule([allotted, { kind: "drop" }], "Drop traffic to unallocated ClusterIPs");
  return [...operations, addRule("cluster-ips-check", drop)];
}

/** The set of addresses that take node ports; absent when all do. */
function nodePortSet(settings: ProxySettings, node: ProxyNode): NftOperation[] {
  const { family } = settings;
  const set = {
    kind: "set",
    name: "nodeport-ips",
    type: addrType(family),
    comment: COMMENTS["nodeport-ips"],
  } as const;
  const addresses = readNodePortAddresses(resolvePrimary(settings, node), family);
  if (addresses.matchAll) return [add(set), remove(set)];
  const addrs = nodePortAddrs(addresses, node.addrs).filter((addr) => !isLoopback(addr));
  const elements = addrs.map((addr) => {
    const element = { container: set.name, key: addr.toString(), owner: "" };
    return add({ kind: "element", element });
  });
  return [add(set), flush(set), ...elements];
}

function dispatch(settings: ProxySettings, node: ProxyNode): NftOperation[] {
  const { family } = settings;
  const byAddr = `${addrType(family)} . inet_proto . inet_service : verdict`;
  const byPort = "inet_proto . inet_service : verdict";
  const map = (name: keyof typeof COMMENTS, type: string) =>
    add({ kind: "map", name, type, comment: COMMENTS[name] });
  const lookUp = (name: string): NftStatement => ({ kind: "vmap", withAddr: true, map: name });
  const onNode = nodePortMatch(settings, node);
  const { tidiesLocalhostRejects } = releaseFacts(settings.release).nftables;
  const reject: NftObject = {
    kind: "chain",
    name: "reject-chain",
    comment: "helper for @no-endpoint-services / @no-endpoint-nodeports",
  };
  return [
    map("no-endpoint-services", byAddr),
    map("no-endpoint-nodeports", byPort),
    add(reject),
    flush(reject),
    addRule("reject-chain", nftRule([{ kind: "reject" }])),
    addRule("service-endpoints-check", nftRule([lookUp("no-endpoint-services")])),
    addRule(
      "nodeport-endpoints-check",
      nftRule([onNode, { kind: "vmap", withAddr: false, map: "no-endpoint-nodeports" }]),
    ),
    ...(tidiesLocalhostRejects ? TIDY_LOCALHOST_REJECTS : []),
    map("firewall-ips", byAddr),
    addRule("firewall-check", nftRule([lookUp("firewall-ips")])),
    map("service-ips", byAddr),
    map("service-nodeports", byPort),
    ...clusterIPMasquerade(settings),
    addRule("services", nftRule([lookUp("service-ips")])),
    addRule(
      "services",
      nftRule([
        ...(onNode.kind === "addr" && onNode.not ? [LOCAL_DESTINATION] : []),
        onNode,
        { kind: "vmap", withAddr: false, map: "service-nodeports" },
      ]),
    ),
  ];
}

/** Traffic to cluster IPs from outside the cluster, where one rule serves all Services. */
function clusterIPMasquerade({ release, ...settings }: ProxySettings): NftOperation[] {
  const facts = releaseFacts(release).nftables;
  if (facts.layout === "endpoint-chains") return [];
  const operand = { kind: "set", set: "cluster-ips" } as const;
  const known: NftStatement = { kind: "addr", side: "daddr", operand };
  const mark = markStatement(facts, masqueradeMark(settings));
  if (settings.masqueradeAll) {
    const rule = nftRule([known, mark], "masquerade all clusterIP traffic");
    return [addRule("services", rule)];
  }
  const others = detectorStatement(settings.detector, true);
  if (others === undefined) return [];
  const comment = "masquerade clusterIP traffic from outside cluster";
  return [addRule("services", nftRule([known, others, mark], comment))];
}

/** Makes and deletes what localhost node ports would have left, so that deleting never fails. */
const TIDY_LOCALHOST_REJECTS: readonly NftOperation[] = [
  {
    kind: "map",
    name: "localhost-nodeport-reject-ports",
    type: "inet_proto . inet_service : verdict",
    comment: COMMENTS["localhost-nodeport-reject-ports"],
  } as const,
  ...["tcp", "udp", "sctp"].flatMap((protocol): NftObject[] => [
    { kind: "chain", name: `localhost-nodeport-reject-${protocol}` },
    { kind: "counter", name: `localhost-nodeport-rejected-${protocol}` },
  ]),
].flatMap((object) => [add(object), remove(object)]);

const LOCAL_DESTINATION: NftStatement = { kind: "fib-local", side: "daddr" };

/** The addresses that take node ports: those of the set, or all but loopback ones. */
function nodePortMatch(settings: ProxySettings, node: ProxyNode): NftStatement {
  const { family } = settings;
  const { matchAll } = readNodePortAddresses(resolvePrimary(settings, node), family);
  if (!matchAll) {
    return { kind: "addr", side: "daddr", operand: { kind: "set", set: "nodeport-ips" } };
  }
  const text = family === "ip6" ? "::1" : "127.0.0.0/8";
  return { kind: "addr", side: "daddr", not: true, operand: { kind: "text", text } };
}
