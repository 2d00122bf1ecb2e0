/** What `ip link`, `ip addr` and `ip neigh` print. */
import { BROADCAST_MAC, ZERO_MAC } from "../../addr/index.js";
import type { AddressConfig, LinkConfig, NeighborConfig } from "../../link/index.js";
import { type LinkState, stateOf } from "./link-state.js";

/** What a tool can know besides the namespace itself. */
export interface LinkSurroundings {
  /** Index of a veth's far end in its own namespace, and the id of that namespace here. */
  readonly peerOf?: (link: LinkConfig) => { readonly index: number; readonly netnsId: number };
}

/**
 * Prints devices as `ip link` does.
 *
 * Follows: iproute2 6.1 ip/ipaddress.c `print_linkinfo`.
 */
export function showLinks(links: readonly LinkConfig[], around: LinkSurroundings = {}): string {
  return links.map((link) => showHead(link, around, "mode DEFAULT ")).join("");
}

/**
 * Prints devices with their addresses as `ip addr` does; with a family, only addresses of it.
 *
 * Follows: iproute2 6.1 ip/ipaddress.c `print_addrinfo`.
 */
export function showAddresses(
  links: readonly LinkConfig[],
  { family, around = {} }: { readonly family?: "ip4" | "ip6"; around?: LinkSurroundings } = {},
): string {
  return links
    .filter((l) => family === undefined || addressesOf(l, family).length > 0)
    .map((link) => {
      const own = addressesOf(link, family).map((a) => showAddress(link, a));
      const head = showHead(link, around, "");
      // With a family, the line of the link layer is left out.
      const shown = family === undefined ? head : `${head.slice(0, head.indexOf("\n"))}\n`;
      return shown + own.join("");
    })
    .join("");
}

/** Prints devices as `ip -br link` or, with addresses, `ip -br addr` does. */
export function showBrief(links: readonly LinkConfig[], what: "link" | "addr"): string {
  return links
    .map((link) => {
      const { state, flags } = stateOf(link);
      const head = `${nameOf(link, {}).padEnd(16)} ${state.padEnd(14)} `;
      if (what === "link") return `${head}${link.mac ?? ZERO_MAC} <${flags.join(",")}> \n`;
      const own = addressesOf(link, undefined).map((a) => `${showOwn(a)} `);
      return `${head}${own.join("")}\n`;
    })
    .join("");
}

function showHead(link: LinkConfig, around: LinkSurroundings, mode: string): string {
  const state = stateOf(link);
  const master = link.master === undefined ? "" : `master ${link.master} `;
  return (
    `${link.index}: ${nameOf(link, around)}: <${state.flags.join(",")}> mtu ${link.mtu} ` +
    `qdisc ${state.qdisc} ${master}state ${state.state} ${mode}group default qlen 1000\n` +
    `    link/${state.type}${showHardware(link, state)}${showNetns(link, around)}\n`
  );
}

function nameOf(link: LinkConfig, around: LinkSurroundings): string {
  const { kind } = link;
  if (kind.kind === "veth" && kind.peer !== undefined) {
    if (kind.peer.netns === undefined) return `${link.name}@${kind.peer.link}`;
    const peer = around.peerOf?.(link);
    return peer === undefined ? link.name : `${link.name}@if${peer.index}`;
  }
  return kind.kind === "ipip" ? `${link.name}@NONE` : link.name;
}

function showHardware(link: LinkConfig, state: LinkState): string {
  if (state.type === "none") return "";
  if (state.type === "ipip") return " 0.0.0.0 brd 0.0.0.0";
  const mac = link.mac ?? ZERO_MAC;
  const broadcast = state.type === "loopback" ? ZERO_MAC : BROADCAST_MAC;
  return ` ${mac} brd ${broadcast}`;
}

function showNetns(link: LinkConfig, around: LinkSurroundings): string {
  if (link.kind.kind !== "veth" || link.kind.peer?.netns === undefined) return "";
  const peer = around.peerOf?.(link);
  return peer === undefined ? "" : ` link-netnsid ${peer.netnsId}`;
}

/** In the order the kernel lists them: of IPv6's, the widest scope and the youngest first. */
function addressesOf(link: LinkConfig, family: "ip4" | "ip6" | undefined): AddressConfig[] {
  const ip4 = link.addresses.filter((a) => a.address.family === "ip4");
  const ip6 = link.addresses.filter((a) => a.address.family === "ip6").reverse();
  ip6.sort((a, b) => Number(b.scope === "global") - Number(a.scope === "global"));
  const primary = ip4.filter((a) => !isSecondary(link, a));
  const secondary = ip4.filter((a) => isSecondary(link, a));
  const all4 = [...primary, ...secondary];
  if (family !== undefined) return family === "ip4" ? all4 : ip6;
  return [...all4, ...ip6];
}

function isSecondary(link: LinkConfig, own: AddressConfig): boolean {
  const subnet = (own.peer ?? own.address).prefix();
  const first = link.addresses.find(
    (a) => a.address.family === "ip4" && (a.peer ?? a.address).prefix().equals(subnet),
  );
  return own.address.family === "ip4" && first !== own;
}

function showOwn(own: AddressConfig): string {
  if (own.peer === undefined) return own.address.toString();
  return `${own.address.addr} peer ${own.peer}`;
}

function showAddress(link: LinkConfig, own: AddressConfig): string {
  const isIp4 = own.address.family === "ip4";
  const words = [
    isIp4 ? "inet" : "inet6",
    showOwn(own),
    ...(own.broadcast === undefined ? [] : ["brd", own.broadcast.toString()]),
    "scope",
    own.scope,
    ...(isIp4 && isSecondary(link, own) ? ["secondary"] : []),
    ...(own.deprecated ? ["deprecated"] : []),
    ...(own.tentative ? ["tentative"] : []),
    ...(own.nodad ? ["nodad"] : []),
    ...(own.noprefixroute ? ["noprefixroute"] : []),
    isIp4 ? (own.label ?? link.name) : "",
  ];
  return `    ${words.join(" ")}\n       valid_lft forever preferred_lft forever\n`;
}

/**
 * Prints the neighbour table as `ip neigh` does; with `proxy`, the entries answered for others.
 *
 * Follows: iproute2 6.1 ip/ipneigh.c `print_neigh`.
 */
export function showNeighbors(
  neighbors: readonly NeighborConfig[],
  filter: { readonly family?: "ip4" | "ip6"; readonly proxy?: boolean } = {},
): string {
  return neighbors
    .filter((n) => (n.proxy ?? false) === (filter.proxy ?? false))
    .filter((n) => filter.family === undefined || n.addr.family === filter.family)
    .filter((n) => n.proxy || n.state !== "noarp")
    .map((n) => {
      const mac = n.mac === undefined ? "" : `lladdr ${n.mac} `;
      const state = n.proxy ? "proxy" : n.state.toUpperCase();
      return `${n.addr} dev ${n.link} ${mac}${state} \n`;
    })
    .join("");
}
