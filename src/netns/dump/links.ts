/** `ip -d -j link`, `ip -j addr` and `bridge -d -j link`: the devices of a namespace. */
import type { Addr } from "../../addr/index.js";
import type {
  AddressConfig,
  BridgePort,
  LinkConfig,
  LinkKind,
  VethPeer,
} from "../../link/index.js";
import { type DumpReport, type DumpSource, type Fields, readList } from "./fields.js";

/** The three dumps that together describe the devices. */
export interface LinkDumps {
  readonly link: { readonly value: unknown; readonly source: DumpSource };
  readonly addr: { readonly value: unknown; readonly source: DumpSource };
  readonly bridgeLink: { readonly value: unknown; readonly source: DumpSource };
  /** Far ends of veth pairs that lie in other namespaces, by the near end's name. */
  readonly peers: ReadonlyMap<string, VethPeer>;
}

/** Fields of links that do not change what becomes of packets. */
const INCIDENTAL: ReadonlySet<string> = new Set(
  (
    "qdisc operstate linkmode txqlen link_type broadcast promiscuity allmulti min_mtu max_mtu " +
    "inet6_addr_gen_mode num_tx_queues num_rx_queues gso_max_size gso_max_segs tso_max_size " +
    "tso_max_segs gro_max_size gso_ipv4_max_size gro_ipv4_max_size link_netnsid link_index link " +
    "permaddr parentbus parentdev altnames stats stats64 phys_port_name phys_switch_id " +
    "link_netns carrier_changes xdp netns-immutable"
  ).split(" "),
);

/**
 * Reads the devices with their addresses, in the order of the dump.
 *
 * Follows: iproute2 6.1 ip/ipaddress.c `print_linkinfo`, `print_addrinfo`, bridge/link.c.
 */
export function parseLinks(dumps: LinkDumps, report: DumpReport): LinkConfig[] {
  const addresses = parseAddresses(dumps.addr, report);
  const ports = parseBridgePorts(dumps.bridgeLink, report);
  const all = readList(dumps.link.value, dumps.link.source, report);
  const names = new Map(all.map((f) => [f.number("ifindex"), f.text("ifname")]));
  return all.flatMap((fields) => {
    const link = parseLink(fields, { names, peers: dumps.peers });
    if (link === undefined) return [];
    const port = ports.get(link.name) ?? link.port;
    const own = addresses.get(link.name) ?? [];
    return [{ ...link, ...(port && { port }), addresses: own }];
  });
}

interface Neighborhood {
  readonly names: ReadonlyMap<number | undefined, string | undefined>;
  readonly peers: ReadonlyMap<string, VethPeer>;
}

function parseLink(fields: Fields, around: Neighborhood): LinkConfig | undefined {
  const index = fields.needNumber("ifindex");
  const name = fields.needText("ifname");
  const mtu = fields.needNumber("mtu");
  const group = fields.text("group");
  if (index === undefined || name === undefined || mtu === undefined) return undefined;
  const flags = new Set(fields.words("flags"));
  const mac = fields.mac("address");
  const master = fields.text("master");
  const info = fields.object("linkinfo");
  const kind = parseKind(fields, info, { flags, name, around });
  const port = parsePort(info);
  fields.finish("ip link", INCIDENTAL);
  return {
    index,
    name,
    ...(mac && { mac }),
    mtu,
    up: flags.has("UP"),
    carrier: flags.has("LOWER_UP"),
    ...(flags.has("PROMISC") && { promiscuous: true }),
    ...(group !== undefined && group !== "default" && { group }),
    kind,
    ...(master !== undefined && { master }),
    ...(port && { port }),
    addresses: [],
  };
}

function parseKind(
  fields: Fields,
  info: Fields | undefined,
  link: { readonly flags: ReadonlySet<string>; readonly name: string; around: Neighborhood },
): LinkKind {
  if (link.flags.has("LOOPBACK")) return { kind: "loopback" };
  const data = info?.object("info_data");
  const word = info?.text("info_kind");
  switch (word) {
    case undefined:
      return { kind: "physical" };
    case "veth":
      return parseVeth(fields, link);
    case "bridge":
      return parseBridge(data);
    case "vxlan":
      return parseVxlan(data);
    case "ipip":
      return parseIpip(data);
    case "vrf":
      return { kind: "vrf", table: data?.number("table") ?? 0 };
    case "dummy":
    case "wireguard":
      return { kind: word };
    default:
      fields.note(`ip link: device type ${JSON.stringify(word)}`, "linkinfo");
      return { kind: "unknown", name: word };
  }
}

function parseVeth(
  fields: Fields,
  link: { readonly name: string; readonly around: Neighborhood },
): LinkKind {
  const told = link.around.peers.get(link.name);
  if (told !== undefined) return { kind: "veth", peer: told };
  // Without a namespace id the far end is here, and its index is told.
  const isHere = !fields.has("link_netnsid") && !fields.has("link_netns");
  const peer = fields.text("link") ?? link.around.names.get(fields.number("link_index"));
  return isHere && peer !== undefined ? { kind: "veth", peer: { link: peer } } : { kind: "veth" };
}

function parseBridge(data: Fields | undefined): LinkKind {
  // In hundredths of a second.
  const ageing = data?.number("ageing_time");
  const stp = data?.number("stp_state");
  const vlans = data?.number("vlan_filtering");
  return {
    kind: "bridge",
    ...(ageing !== undefined && { ageingUs: ageing * 10_000 }),
    ...(stp !== undefined && stp !== 0 && { stp: true }),
    ...(vlans !== undefined && vlans !== 0 && { vlanFiltering: true }),
  };
}

function parseVxlan(data: Fields | undefined): LinkKind {
  const local = data?.addr("local") ?? data?.addr("local6");
  const remote = remoteOf(data);
  const dev = data?.text("link");
  const ttl = data?.number("ttl");
  const df = data?.text("df");
  const udpChecksum = data?.flag("udp_csum");
  for (const key of ["external", "collect_metadata", "gbp", "gpe", "proxy", "l2miss", "rsc"]) {
    if (data?.flag(key) === true) data.note(`vxlan: ${key}`, key);
  }
  return {
    kind: "vxlan",
    vni: data?.number("id") ?? 0,
    ...(local && { local }),
    ...(dev !== undefined && { dev }),
    port: data?.number("port") ?? 8472,
    learning: data?.flag("learning") ?? true,
    ...(remote && { remote }),
    ...(ttl !== undefined && ttl !== 0 && { ttl }),
    ...((df === "set" || df === "inherit") && { df }),
    ...(udpChecksum !== undefined && { udpChecksum }),
  };
}

function remoteOf(data: Fields | undefined): Addr | undefined {
  for (const key of ["remote", "remote6", "group", "group6"]) {
    const addr = data?.addr(key);
    if (addr !== undefined) return addr;
  }
  return undefined;
}

function parseIpip(data: Fields | undefined): LinkKind {
  const end = (key: string) => (data?.text(key) === "any" ? undefined : data?.addr(key));
  const local = end("local");
  const remote = end("remote");
  const ttl = data?.number("ttl");
  const pmtuDiscovery = data?.flag("pmtudisc");
  return {
    kind: "ipip",
    ...(local && { local }),
    ...(remote && { remote }),
    ...(ttl !== undefined && ttl !== 0 && { ttl }),
    ...(pmtuDiscovery !== undefined && { pmtuDiscovery }),
  };
}

function parsePort(info: Fields | undefined): BridgePort | undefined {
  if (info?.text("info_slave_kind") !== "bridge") return undefined;
  const data = info.object("info_slave_data");
  return data === undefined ? undefined : readPort(data);
}

const PORT_STATES: readonly string[] = [
  "disabled",
  "listening",
  "learning",
  "forwarding",
  "blocking",
];

function readPort(data: Fields): BridgePort {
  const state = data.text("state");
  const known = PORT_STATES.includes(state ?? "");
  return {
    hairpin: data.flag("hairpin") ?? false,
    isolated: data.flag("isolated") ?? false,
    learning: data.flag("learning") ?? true,
    flood: data.flag("flood") ?? true,
    ...(data.flag("neigh_suppress") === true && { neighSuppress: true }),
    ...(known && state !== "forwarding" && { state: state as NonNullable<BridgePort["state"]> }),
  };
}

function parseBridgePorts(
  dump: LinkDumps["bridgeLink"],
  report: DumpReport,
): ReadonlyMap<string, BridgePort> {
  if (dump.value === undefined) return new Map();
  const ports = new Map<string, BridgePort>();
  for (const fields of readList(dump.value, dump.source, report)) {
    const name = fields.text("ifname");
    // VXLAN devices are listed too, without a bridge's settings.
    if (name === undefined || !fields.has("master") || !fields.has("hairpin")) continue;
    ports.set(name, readPort(fields));
  }
  return ports;
}

function parseAddresses(
  dump: LinkDumps["addr"],
  report: DumpReport,
): ReadonlyMap<string, readonly AddressConfig[]> {
  const byLink = new Map<string, readonly AddressConfig[]>();
  for (const fields of readList(dump.value, dump.source, report)) {
    const name = fields.text("ifname");
    if (name === undefined) continue;
    const all = fields.objects("addr_info").flatMap((f) => {
      const address = f.isEmpty() ? undefined : parseAddress(f);
      return address === undefined ? [] : [address];
    });
    byLink.set(name, inOrderSet(all));
  }
  return byLink;
}

/** The kernel lists the youngest IPv6 address first; a `LinkConfig` holds them as they were set. */
function inOrderSet(listed: readonly AddressConfig[]): readonly AddressConfig[] {
  const ip4 = listed.filter((a) => a.address.family === "ip4");
  const ip6 = listed.filter((a) => a.address.family === "ip6");
  return [...ip4, ...ip6.reverse()];
}

const ADDRESS_INCIDENTAL: ReadonlySet<string> = new Set([
  "family",
  "valid_life_time",
  "preferred_life_time",
  "secondary",
  "dynamic",
  "mngtmpaddr",
  "stable-privacy",
  "protocol",
  "optimistic",
  "temporary",
]);

function parseAddress(fields: Fields): AddressConfig | undefined {
  const address = fields.linkAddr("local", "prefixlen");
  if (address === undefined) return undefined;
  const peer = fields.linkAddr("address", "prefixlen");
  const scope = fields.text("scope") ?? "global";
  const broadcast = fields.addr("broadcast");
  const label = fields.text("label");
  const known = scope === "link" || scope === "host" || scope === "site" ? scope : "global";
  const config: AddressConfig = {
    address,
    scope: known,
    ...(peer && { peer }),
    ...(broadcast && { broadcast }),
    ...(label !== undefined && { label }),
    ...((fields.flag("tentative") || fields.flag("dadfailed")) && { tentative: true }),
    ...(fields.flag("nodad") && { nodad: true }),
    ...(fields.flag("noprefixroute") && { noprefixroute: true }),
    ...(fields.flag("deprecated") && { deprecated: true }),
  };
  fields.finish("ip addr", ADDRESS_INCIDENTAL);
  return config;
}
