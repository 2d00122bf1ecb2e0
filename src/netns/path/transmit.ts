/**
 * Giving a frame to a link: to the far end of a wire, into a bridge, or into a tunnel.
 *
 *   transmit ─▶ egress hook ─┬─ veth, physical ─▶ the world
 *                            ├─ bridge ─▶ bridge hooks ─▶ ports ─▶ transmit
 *                            └─ vxlan, ipip ─▶ an outer packet, sent as this namespace's own
 */
import type { Addr } from "../../addr/index.js";
import { isPath } from "../../fib/index.js";
import type { Bridge, BridgeDecision, Link, VxlanRemote } from "../../link/index.js";
import { outerSourcePort } from "../../link/index.js";
import { type Frame, packetLength } from "../../wire/index.js";
import type { Stack } from "../stack.js";
import type { Transit } from "../transit.js";
import { endPacket } from "./fate.js";
import { askLinkHook } from "./hooks.js";
import { IcmpError, sendError } from "./icmp/icmp-error.js";
import { pathMtu, routeOutgoing } from "./routing.js";

/** Linux net/core/dev.c `__is_skb_forwardable`: room for one VLAN tag above the MTU. */
const VLAN_HEADER = 4;

/** The largest packet that a port of a bridge, or the far end of a veth pair, takes. */
export function portLimit({ mtu }: Pick<Link, "mtu">): number {
  return mtu + VLAN_HEADER;
}
/** The first of `ip_local_port_range`: the outer source port of ARP in a tunnel. */
const FIRST_SOURCE_PORT = 32768;

/**
 * Sends a frame out by a link. `transit` is absent for ARP, which no journey tells of.
 *
 * Returns: false where the far end of a veth pair does not take it, which its sender is told
 * (`veth_xmit` gives `NET_XMIT_DROP`); whatever else happens to a frame, the link took it.
 */
export function transmit(
  stack: Stack,
  link: Link,
  frame: Frame,
  transit: Transit | undefined,
): boolean {
  if (!link.up) {
    endPacket(stack, transit, "link-down", { detail: link.name });
    return true;
  }
  if (transit !== undefined) {
    transit.skb.oif = link.name;
    if (!askLinkHook(stack, transit, "netdev", "egress")) return true;
    transit.tell?.({ kind: "transmit", link: link.name, frame });
  }
  switch (link.kind.kind) {
    case "bridge":
      sendIntoBridge(stack, link, frame, transit);
      break;
    case "vxlan":
      sendIntoTunnel(stack, link, frame, transit);
      break;
    case "ipip":
      sendIntoIpTunnel(stack, link, transit);
      break;
    case "veth":
    case "physical":
      if (!link.carrier) {
        endPacket(stack, transit, "link-down", { detail: link.name });
        return true;
      }
      return stack.world.transmit(link, frame, transit?.journey);
    case "dummy":
      endPacket(stack, transit, "link-down", { detail: `${link.name} is a dummy device` });
      break;
    default:
      endPacket(stack, transit, "unknown", { detail: `link kind ${link.kind.kind}` });
  }
  return true;
}

/**
 * Tells whether a link's MTU lets a packet through; if not, its end was told. Bridges ask it of the
 * port a frame leaves by, veth pairs of the end it arrives at.
 *
 * Follows: Linux 6.18 net/core/dev.c `__is_skb_forwardable`.
 */
export function fitsPort(stack: Stack, port: Link, transit: Transit): boolean {
  if (packetLength(transit.skb.packet) <= portLimit(port)) return true;
  endPacket(stack, transit, "too-big", { detail: `${port.name} mtu ${port.mtu}` });
  return false;
}

/** Tells what a bridge decided about a frame. */
export function tellBridge(
  transit: Pick<Transit, "tell"> | undefined,
  bridge: Bridge,
  frame: Frame,
  made: BridgeDecision,
  port?: Link,
): void {
  const tell = transit?.tell;
  if (tell === undefined) return;
  const { name } = bridge.link;
  const { decision, reason } = made;
  const out = made.out.map((p) => p.name);
  const mac = frame.dst;
  // Written out for the usual case: this is told of every packet on every bridge.
  if (port !== undefined && reason === undefined) {
    tell({ kind: "bridge", bridge: name, port: port.name, mac, decision, out });
    return;
  }
  const from = port === undefined ? {} : { port: port.name };
  const why = reason === undefined ? {} : { reason };
  tell({ kind: "bridge", bridge: name, ...from, mac, decision, out, ...why });
}

/** The bridge's own stack sends (Linux net/bridge/br_device.c `br_dev_xmit`). */
function sendIntoBridge(
  stack: Stack,
  link: Link,
  frame: Frame,
  transit: Transit | undefined,
): void {
  const bridge = stack.bridges.get(link.name);
  if (bridge === undefined) {
    endPacket(stack, transit, "unknown", { detail: link.name });
    return;
  }
  const decision = bridge.send(frame.dst, stack.world.nowUs());
  tellBridge(transit, bridge, frame, decision);
  if (decision.out.length === 0) {
    endPacket(stack, transit, "bridge-drop", {
      detail: decision.reason ?? "no port to flood to",
    });
    return;
  }
  for (const port of decision.out) {
    if (transit === undefined) {
      transmit(stack, port, frame, undefined);
      continue;
    }
    const copy = decision.out.length === 1 ? transit : copyTransit(transit);
    copy.skb.oif = port.name;
    if (!askLinkHook(stack, copy, "bridge", "output")) continue;
    if (!askLinkHook(stack, copy, "bridge", "postrouting")) continue;
    if (fitsPort(stack, port, copy)) transmit(stack, port, frame, copy);
  }
}

/**
 * Wraps a frame for each tunnel end behind its address.
 *
 * Follows: Linux 6.18 drivers/net/vxlan/vxlan_core.c `vxlan_xmit`, `vxlan_xmit_one`: outer
 * don't-fragment unset, TTL the host's own default, source port a hash of the inner flow;
 * net/ipv4/udp_tunnel_core.c `udp_tunnel_dst_lookup`, which refuses a way through the device itself.
 */
function sendIntoTunnel(
  stack: Stack,
  link: Link,
  frame: Frame,
  transit: Transit | undefined,
): void {
  const device = stack.vxlans.get(link.name);
  const remotes = device?.remotes(frame.dst, stack.world.nowUs()) ?? [];
  if (device === undefined || remotes.length === 0) {
    const detail = `${link.name} has no entry for ${frame.dst}`;
    endPacket(stack, transit, "tunnel-drop", { detail });
    return;
  }
  const { kind } = device;
  for (const remote of remotes) {
    if (transit !== undefined) tellTunnel(transit, link, remote);
    const inner = transit?.skb.packet;
    stack.backlog.push({
      kind: "send",
      draft: {
        dst: remote.addr,
        ...(kind.local === undefined ? {} : { src: kind.local }),
        ...(remote.via === undefined ? {} : { oif: remote.via }),
        payload: {
          kind: "udp",
          sport: inner === undefined ? FIRST_SOURCE_PORT : outerSourcePort(inner),
          dport: remote.port,
          payload: { kind: "vxlan", vni: remote.vni, frame },
        },
        // The two lowest bits tell of congestion and are copied out of the inner header.
        tos: (inner?.tos ?? 0) & 0x03,
        ...(kind.ttl ? { ttl: kind.ttl } : {}),
        df: kind.df === "set" || (kind.df === "inherit" && inner?.df === true),
        mark: transit?.skb.mark ?? 0,
        tunnel: link.name,
        journey: transit?.journey,
        silent: transit?.journey === undefined,
      },
    });
  }
}

function tellTunnel({ tell, skb }: Transit, link: Link, remote: VxlanRemote): void {
  if (tell === undefined || link.kind.kind !== "vxlan") return;
  const src = link.kind.local ?? remote.addr;
  const { packet } = skb;
  tell({
    kind: "encapsulate",
    link: link.name,
    how: "vxlan",
    src,
    dst: remote.addr,
    vni: remote.vni,
    packet,
  });
}

/** An independent copy: a flooded frame goes several ways. */
export function copyTransit(transit: Transit): Transit {
  return { ...transit, skb: { ...transit.skb } };
}

/** Bytes of the outer header of IP in IP. */
const IPIP_OVERHEAD = 20;

/**
 * Wraps a packet in another: for the device's own far end, or for the next hop of its route.
 *
 * Follows: Linux 6.18 net/ipv4/ip_tunnel.c `ip_tunnel_xmit`, `tnl_update_pmtu`.
 */
function sendIntoIpTunnel(stack: Stack, link: Link, transit: Transit | undefined): void {
  if (transit === undefined || link.kind.kind !== "ipip") return;
  const { kind } = link;
  const { packet } = transit.skb;
  const dst = kind.remote ?? transit.path?.gateway ?? packet.dst;
  if (dst.family !== "ip4" || packet.family !== "ip4") {
    endPacket(stack, transit, "tunnel-drop", { detail: `${link.name} has no way to ${dst}` });
    return;
  }
  const follows = kind.pmtuDiscovery !== false;
  const df = follows || packet.df;
  const mtu = df ? outerMtu(stack, dst, kind.local) - IPIP_OVERHEAD : link.mtu;
  if (packet.df && packetLength(packet) > mtu) {
    endPacket(stack, transit, "too-big", { detail: `${link.name} mtu ${mtu}` });
    sendError(stack, transit, { ...IcmpError.ip4.fragmentationNeeded, mtu });
    return;
  }
  const src = kind.local ?? dst;
  transit.tell?.({ kind: "encapsulate", link: link.name, how: "ipip", src, dst, packet });
  stack.backlog.push({
    kind: "send",
    draft: {
      dst,
      ...(kind.local === undefined ? {} : { src: kind.local }),
      payload: { kind: "ipip", packet },
      tos: packet.tos,
      ttl: kind.ttl || packet.ttl,
      df,
      ignoreDf: false,
      mark: transit.skb.mark,
      tunnel: link.name,
      journey: transit.journey,
      silent: transit.journey === undefined,
    },
  });
}

function outerMtu(stack: Stack, dst: Addr, src: Addr | undefined): number {
  const answer = routeOutgoing(stack, { dst, ...(src === undefined ? {} : { src }) });
  return isPath(answer) ? pathMtu(stack, answer, dst) : 65535;
}
