/**
 * A namespace's links, routes, rules and neighbours as `ip -j` and `bridge -j` print them: the pieces of
 * a dump that are JSON. Netfilter's pieces are texts, which `render.ts` prints.
 */
import type { AddressConfig, BridgePort, FdbConfig, LinkConfig } from "../../link/index.js";
import type { NetnsConfig } from "../config.js";
import type { NetnsDump } from "../dump/netns-dump.js";
import { routeJson, ruleJson } from "./ip-route-json.js";

type Json = Readonly<Record<string, unknown>>;

/** Pieces of a dump that tell of everything but netfilter and listeners. */
export type IpJson = Pick<
  NetnsDump,
  | "ip_link"
  | "ip_addr"
  | "ip_route"
  | "ip6_route"
  | "ip_rule"
  | "ip6_rule"
  | "ip_neigh"
  | "bridge_fdb"
  | "bridge_link"
  | "sysctl"
>;

/**
 * Prints what the tools would print as JSON, as far as it says where packets go.
 *
 * Laws: reading it again gives the same links, routes, rules, neighbours and sysctls (of every recorded
 * dump: test/kernel/vector-texts.test.ts).
 * Follows: iproute2 6.1 ip/ipaddress.c, ip/iproute.c, ip/iprule.c, ip/ipneigh.c, bridge/fdb.c,
 * bridge/link.c.
 */
export function printIpJson(config: NetnsConfig): IpJson {
  const { links, routes, rules, neighbors, fdb, sysctls } = config;
  const routesOf = (family: "ip4" | "ip6") =>
    routes.filter((route) => route.family === family).map(routeJson);
  const rulesOf = (family: "ip4" | "ip6") =>
    rules.filter((rule) => rule.family === family).map(ruleJson);
  return {
    ip_link: links.map((link) => linkJson(link, links)),
    ip_addr: links.map(({ index, name, addresses }) => ({
      ifindex: index,
      ifname: name,
      addr_info: inOrderListed(addresses).map(addressJson),
    })),
    ip_route: routesOf("ip4"),
    ip6_route: routesOf("ip6"),
    ip_rule: rulesOf("ip4"),
    ip6_rule: rulesOf("ip6"),
    ip_neigh: neighbors.map(({ addr, link, mac, state, proxy }) => ({
      dst: String(addr),
      dev: link,
      ...(mac && { lladdr: String(mac) }),
      ...(proxy && { proxy: null }),
      state: [state.toUpperCase()],
    })),
    bridge_fdb: fdb.map(fdbJson),
    bridge_link: links.flatMap(({ name, index, master, port }) =>
      port === undefined ? [] : [{ ifindex: index, ifname: name, master, ...portJson(port) }],
    ),
    sysctl: Object.fromEntries(sysctls),
  };
}

function linkJson(link: LinkConfig, links: readonly LinkConfig[]): Json {
  const { index, name, mac, mtu, up, carrier = up, promiscuous, group, master, kind, port } = link;
  const flags = [
    ...(kind.kind === "loopback" ? ["LOOPBACK"] : []),
    ...(promiscuous ? ["PROMISC"] : []),
    ...(up ? ["UP"] : []),
    ...(carrier ? ["LOWER_UP"] : []),
  ];
  const info = { ...kindJson(link), ...(port && { info_slave_kind: "bridge" }) };
  return {
    ifindex: index,
    ...farEndJson(link, links),
    ifname: name,
    flags,
    mtu,
    ...(group !== undefined && { group }),
    ...(master !== undefined && { master }),
    ...(mac && { address: String(mac) }),
    ...(Object.keys(info).length > 0 && {
      linkinfo: { ...info, ...(port && { info_slave_data: portJson(port) }) },
    }),
  };
}

/** The far end of a veth pair: by name where it is here, else a number of another namespace. */
function farEndJson({ kind }: LinkConfig, links: readonly LinkConfig[]): Json {
  if (kind.kind !== "veth") return {};
  const { peer } = kind;
  const isHere = peer !== undefined && peer.netns === undefined;
  if (isHere && links.some(({ name }) => name === peer.link)) return { link: peer.link };
  return { link_index: 1, link_netnsid: 0 };
}

function kindJson({ kind }: LinkConfig): Json {
  switch (kind.kind) {
    case "loopback":
    case "physical":
      return {};
    case "bridge": {
      const { ageingUs, stp, vlanFiltering } = kind;
      const data = {
        ...(ageingUs !== undefined && { ageing_time: ageingUs / 10_000 }),
        ...(stp && { stp_state: 1 }),
        ...(vlanFiltering && { vlan_filtering: 1 }),
      };
      return { info_kind: "bridge", info_data: data };
    }
    case "vxlan": {
      const { vni, local, dev, port, learning, remote, ttl, df, udpChecksum } = kind;
      const data = {
        id: vni,
        ...(remote && { [remote.family === "ip4" ? "remote" : "remote6"]: String(remote) }),
        ...(local && { [local.family === "ip4" ? "local" : "local6"]: String(local) }),
        ...(dev !== undefined && { link: dev }),
        port,
        learning,
        ...(ttl !== undefined && { ttl }),
        ...(df !== undefined && { df }),
        ...(udpChecksum !== undefined && { udp_csum: udpChecksum }),
      };
      return { info_kind: "vxlan", info_data: data };
    }
    case "ipip": {
      const { local, remote, ttl, pmtuDiscovery } = kind;
      const data = {
        remote: remote === undefined ? "any" : String(remote),
        local: local === undefined ? "any" : String(local),
        ...(ttl !== undefined && { ttl }),
        ...(pmtuDiscovery !== undefined && { pmtudisc: pmtuDiscovery }),
      };
      return { info_kind: "ipip", info_data: data };
    }
    case "vrf":
      return { info_kind: "vrf", info_data: { table: kind.table } };
    case "unknown":
      return { info_kind: kind.name };
    default:
      return { info_kind: kind.kind };
  }
}

function portJson(port: BridgePort): Json {
  const { hairpin, isolated, learning, flood, neighSuppress = false, state = "forwarding" } = port;
  return { state, hairpin, isolated, learning, flood, neigh_suppress: neighSuppress };
}

/** The kernel lists the youngest IPv6 address first. */
function inOrderListed(addresses: readonly AddressConfig[]): readonly AddressConfig[] {
  const ip4 = addresses.filter((a) => a.address.family === "ip4");
  return [...ip4, ...addresses.filter((a) => a.address.family === "ip6").reverse()];
}

function addressJson(config: AddressConfig): Json {
  const { address, scope, peer, broadcast, label } = config;
  const { tentative, nodad, noprefixroute, deprecated } = config;
  return {
    family: address.family === "ip4" ? "inet" : "inet6",
    local: String(address.addr),
    ...(peer && { address: String(peer.addr) }),
    prefixlen: address.bits,
    ...(broadcast && { broadcast: String(broadcast) }),
    scope,
    ...(label !== undefined && { label }),
    ...(tentative && { tentative }),
    ...(nodad && { nodad }),
    ...(noprefixroute && { noprefixroute }),
    ...(deprecated && { deprecated }),
  };
}

function fdbJson({ mac, link, self, master, dst, port, vni, via, vlan, state }: FdbConfig): Json {
  return {
    mac: String(mac),
    ifname: link,
    ...(dst && { dst: String(dst) }),
    ...(vlan !== undefined && { vlan }),
    ...(port !== undefined && { port }),
    ...(vni !== undefined && { vni }),
    ...(via !== undefined && { viaIf: via }),
    flags: self ? ["self"] : [],
    ...(master !== undefined && { master }),
    state: state === "reachable" ? "" : state,
  };
}
