/**
 * The commands that configure a namespace: lines for `ip -batch`. What the kernel does by itself
 * (connected routes, link-local addresses, default rules) is not among them.
 */
import { linkLocalAddr } from "../../addr/index.js";
import { unreachable } from "../../base/index.js";
import type { FibRuleConfig, NextHopConfig, RouteConfig } from "../../fib/index.js";
import type { AddressConfig, LinkConfig, NeighborConfig } from "../../link/index.js";
import type { NetnsConfig } from "../config.js";
import { showRule } from "./show-rule.js";

/** How the commands are meant. */
export interface BatchOptions {
  /** Devices that are there already: only their settings are changed. */
  readonly isThere?: (link: LinkConfig) => boolean;
  /** How a namespace of ours is called by `ip netns`. */
  readonly netnsName?: (netns: string) => string;
}

/**
 * Prints what `ip -batch FILE` takes to configure an empty namespace so.
 *
 * Shape: devices in the order of their indices, then masters, addresses, neighbours, routes, rules.
 * Returns: lines without `ip` before them. IPv6's policy rules are not among them, for `ip rule` is
 * told its family before the batch: see `printIp6RuleBatch`.
 * Laws: a kernel that was given the lines dumps what parses back to the same configuration
 * (test/kernel/print.test.ts).
 * Follows: iproute2 6.1, ip(8) `-batch`.
 */
export function printIpBatch(config: NetnsConfig, options: BatchOptions = {}): string {
  const lines = [
    ...printLinkCommands(config, options),
    ...config.links.flatMap((link) => link.addresses.flatMap((a) => printAddress(link, a))),
    ...config.neighbors.flatMap(printNeighbor),
    ...printRoutes(config.routes),
    ...printRules(config.rules, "ip4"),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** Prints what `ip -6 -batch FILE` takes: the policy rules of IPv6. */
export function printIp6RuleBatch(config: NetnsConfig): string {
  return printRules(config.rules, "ip6")
    .map((line) => `${line}\n`)
    .join("");
}

/** The commands that make devices and bring them up. */
export function printLinkCommands(config: NetnsConfig, options: BatchOptions = {}): string[] {
  const isThere = options.isThere ?? isThereByDefault;
  return [
    ...config.links.flatMap((link) => (isThere(link) ? [] : [printAdd(link, options)])),
    ...config.links.flatMap((link) => printSettings(link, isThere(link))),
    ...config.links.flatMap((link) => (link.up ? [`link set dev ${link.name} up`] : [])),
  ];
}

/** Loopback, physical devices, and what the kernel makes of its own. */
function isThereByDefault(link: LinkConfig): boolean {
  const { kind } = link.kind;
  return kind === "loopback" || kind === "physical" || kind === "unknown" || link.name === "tunl0";
}

function printAdd(link: LinkConfig, options: BatchOptions): string {
  const mac = link.mac === undefined ? "" : ` address ${link.mac}`;
  return `link add name ${link.name} mtu ${link.mtu}${mac} type ${printType(link, options)}`;
}

function printType(link: LinkConfig, options: BatchOptions): string {
  const { kind } = link;
  switch (kind.kind) {
    case "veth":
      return `veth${printPeer(kind.peer, options)}`;
    case "bridge":
      return words("bridge", [
        ["ageing_time", kind.ageingUs === undefined ? undefined : kind.ageingUs / 10_000],
        ["stp_state", kind.stp ? 1 : undefined],
        ["vlan_filtering", kind.vlanFiltering ? 1 : undefined],
      ]);
    case "vxlan":
      return printVxlan(kind);
    case "ipip":
      return words("ipip", [
        ["local", kind.local],
        ["remote", kind.remote],
        ["ttl", kind.ttl],
        [kind.pmtuDiscovery === false ? "nopmtudisc" : "pmtudisc", ""],
      ]);
    case "vrf":
      return `vrf table ${kind.table}`;
    case "dummy":
    case "wireguard":
      return kind.kind;
    case "loopback":
    case "physical":
    case "unknown":
      return "dummy";
    default:
      return unreachable(kind);
  }
}

function printPeer(
  peer: { readonly netns?: string; readonly link: string } | undefined,
  { netnsName = (name) => name }: BatchOptions,
): string {
  if (peer === undefined) return "";
  const netns = peer.netns === undefined ? "" : ` netns ${netnsName(peer.netns)}`;
  return ` peer name ${peer.link}${netns}`;
}

function printVxlan(kind: LinkConfig["kind"] & { readonly kind: "vxlan" }): string {
  return words("vxlan", [
    ["id", kind.vni],
    ["local", kind.local],
    ["dev", kind.dev],
    ["remote", kind.remote],
    ["dstport", kind.port],
    [kind.learning ? "learning" : "nolearning", ""],
    ["ttl", kind.ttl],
    ["df", kind.df === "unset" ? undefined : kind.df],
    [kind.udpChecksum === false ? "noudpcsum" : "", ""],
  ]);
}

/** Words with their values; what is undefined is left out. */
function words(
  first: string,
  pairs: readonly (readonly [string, { toString(): string } | undefined])[],
): string {
  const printed = pairs.flatMap(([word, value]) =>
    value === undefined || word === "" ? [] : value === "" ? [word] : [`${word} ${value}`],
  );
  return [first, ...printed].join(" ");
}

function printSettings(link: LinkConfig, isThere: boolean): string[] {
  const own = `link set dev ${link.name}`;
  const isLoopback = link.kind.kind === "loopback";
  return [
    ...(isThere && !isLoopback ? [`${own} mtu ${link.mtu}`] : []),
    ...(isThere && !isLoopback && link.mac !== undefined ? [`${own} address ${link.mac}`] : []),
    ...(link.master === undefined ? [] : [`${own} master ${link.master}`]),
  ];
}

function printAddress(link: LinkConfig, own: AddressConfig): string[] {
  if (isKernelAddress(link, own)) return [];
  const isIp4 = own.address.family === "ip4";
  return [
    words(`addr add ${own.peer === undefined ? own.address : own.address.addr}`, [
      ["peer", own.peer],
      ["broadcast", own.broadcast],
      ["scope", own.scope === "global" ? undefined : own.scope],
      ["label", isIp4 && own.label !== link.name ? own.label : undefined],
      ["dev", link.name],
      ["nodad", own.nodad ? "" : undefined],
      ["noprefixroute", own.noprefixroute ? "" : undefined],
    ]),
  ];
}

/** 127.0.0.1 and ::1 on loopback, and the link-local address made of the MAC. */
function isKernelAddress(link: LinkConfig, own: AddressConfig): boolean {
  const text = own.address.toString();
  if (link.kind.kind === "loopback") return text === "127.0.0.1/8" || text === "::1/128";
  return link.mac !== undefined && own.address.addr.equals(linkLocalAddr(link.mac));
}

function printNeighbor(neighbor: NeighborConfig): string[] {
  const { addr, link, mac, state, proxy } = neighbor;
  if (proxy) return [`neigh add proxy ${addr} dev ${link}`];
  if (mac === undefined || state !== "permanent") return [];
  return [`neigh add ${addr} lladdr ${mac} dev ${link} nud permanent`];
}

function printRoutes(routes: readonly RouteConfig[]): string[] {
  const seen = new Set<string>();
  return routes.flatMap((route) => {
    if (route.protocol === "kernel") return [];
    const key = [route.dst, route.from, route.table, route.metric, route.tos].join(" ");
    const verb = seen.has(key) ? "append" : "add";
    seen.add(key);
    return [`route ${verb} ${printRoute(route)}`];
  });
}

/** One route as `ip route add` takes it. */
export function printRoute(route: RouteConfig): string {
  const { nextHops } = route;
  const refuses = route.kind !== "unicast" && route.family === "ip6";
  const hop = nextHops.length === 1 && !refuses ? nextHops[0] : undefined;
  const head = [
    ...(route.kind === "unicast" ? [] : [route.kind]),
    route.dst.toString(),
    ...(route.from === undefined ? [] : [`from ${route.from}`]),
    ...(route.tos === undefined ? [] : [`tos 0x${route.tos.toString(16)}`]),
    ...(hop === undefined ? [] : printHop(route, hop)),
    `table ${route.table}`,
    `proto ${route.protocol}`,
    ...(hasScope(route) ? [`scope ${route.scope}`] : []),
    ...(route.src === undefined ? [] : [`src ${route.src}`]),
    ...(route.metric === 0 ? [] : [`metric ${route.metric}`]),
    ...(route.mtu === undefined ? [] : [`mtu ${route.mtu}`]),
    ...(hop?.onlink ? ["onlink"] : []),
  ];
  if (nextHops.length < 2) return head.join(" ");
  const several = nextHops.flatMap((h) => [
    "nexthop",
    ...printHop(route, h),
    `weight ${h.weight}`,
    ...(h.onlink ? ["onlink"] : []),
  ]);
  return [...head, ...several].join(" ");
}

/** Routes that lead nowhere have no scope of their own. */
function hasScope(route: RouteConfig): boolean {
  return route.family === "ip4" && route.nextHops.length > 0 && route.scope !== "global";
}

function printHop(route: RouteConfig, hop: NextHopConfig): string[] {
  const { gateway } = hop;
  const family = gateway?.family === route.family ? "" : gateway?.family === "ip6" ? "inet6 " : "";
  return [
    ...(gateway === undefined ? [] : [`via ${family}${gateway}`]),
    ...(hop.link === undefined ? [] : [`dev ${hop.link}`]),
  ];
}

/** The rules every namespace is born with, as `family priority table`. */
const DEFAULT_RULES: ReadonlySet<string> = new Set([
  "ip4 0 255",
  "ip4 32766 254",
  "ip4 32767 253",
  "ip6 0 255",
  "ip6 32766 254",
]);

function printRules(rules: readonly FibRuleConfig[], family: "ip4" | "ip6"): string[] {
  return rules.flatMap((rule) => {
    if (rule.family !== family || isDefaultRule(rule)) return [];
    return [`rule add ${showRule(rule)} priority ${rule.priority}`];
  });
}

function isDefaultRule(rule: FibRuleConfig): boolean {
  const { action, family, priority } = rule;
  if (action.kind !== "table" || showRule(rule) !== showRule({ family, priority, action })) {
    return false;
  }
  return DEFAULT_RULES.has(`${family} ${priority} ${action.table}`);
}
