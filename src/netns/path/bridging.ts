/**
 * A frame comes in by a port of a bridge. With br_netfilter the IP family's hooks are asked in the
 * middle of the bridge's own, and a rewritten destination can turn bridging into routing:
 *
 *   bridge prerouting ≤ 0 ─▶ IP prerouting ─┬─▶ bridge prerouting > 0 ─▶ decide
 *                                           └─ destination rewritten: neighbour on this bridge, or up
 *   decide ─┬─ up ─▶ bridge input ─▶ handed to the bridge's own stack (IP prerouting is not repeated)
 *           └─ ports ─▶ bridge forward ≤ 0 ─▶ IP forward ─▶ bridge forward > 0
 *                      ─▶ bridge postrouting ─▶ IP postrouting ─▶ port
 */
import { isMulticast, type Mac } from "../../addr/index.js";
import { isPath, type Path } from "../../fib/index.js";
import type { Bridge, Link } from "../../link/index.js";
import type { Hook } from "../../netfilter/index.js";
import { type Frame, packetLength } from "../../wire/index.js";
import { type Stack, sysctl } from "../stack.js";
import type { Transit } from "../transit.js";
import { endPacket } from "./fate.js";
import { fragmentPacket, isWhole } from "./fragments.js";
import { askHook, askLinkHook } from "./hooks.js";
import { IcmpError, sendError } from "./icmp/icmp-error.js";
import { resolve } from "./resolve.js";
import { fateOf, routeIncoming, routeOutgoing, tellRoute } from "./routing.js";
import { copyTransit, fitsPort, tellBridge, transmit } from "./transmit.js";

/** Where the IP hooks stand among the bridge's: include/uapi/linux/netfilter_bridge.h `NF_BR_PRI_BRNF`. */
const BRNF_PRIORITY = 0;

/** What the bridge's own stack is given. */
export interface HandedUp {
  readonly frame: Frame;
  readonly transit: Transit | undefined;
  /** br_netfilter has asked IP prerouting already. */
  readonly wasPrerouted: boolean;
}

/**
 * Takes a frame that came in by a port. `transit` is absent for ARP.
 *
 * Returns: what goes up to the bridge's own stack, if anything does.
 * Follows: Linux 6.18 net/bridge/br_input.c `br_handle_frame`, `br_handle_frame_finish`;
 * br_netfilter_hooks.c `br_nf_pre_routing`, `br_nf_forward_ip`, `br_nf_post_routing`.
 * Not modelled: hooks of families `bridge` and `arp` for ARP frames.
 */
export function receiveOnPort(
  stack: Stack,
  port: Link,
  arrived: Frame,
  transit: Transit | undefined,
): HandedUp | undefined {
  const bridge = stack.bridges.get(port.master ?? "");
  if (bridge === undefined) return undefined;
  const arrival = { bridge, port, frame: arrived, transit, usesIpHooks: false };
  if (transit === undefined) return decide(stack, arrival);
  const { skb } = transit;
  if (bridge.link.mac?.equals(arrived.dst)) skb.pktType = "host";
  if (!callsIpHooks(stack, transit)) {
    if (!askLinkHook(stack, transit, "bridge", "prerouting")) return undefined;
    return decide(stack, arrival);
  }
  if (!askLinkHook(stack, transit, "bridge", "prerouting", { upTo: BRNF_PRIORITY })) {
    return undefined;
  }
  if (!isWhole(stack, transit)) return undefined;
  return askIpPrerouting(stack, { ...arrival, transit, usesIpHooks: true });
}

interface Arrival {
  readonly bridge: Bridge;
  readonly port: Link;
  readonly frame: Frame;
  readonly transit: Transit | undefined;
  readonly usesIpHooks: boolean;
}

function decide(stack: Stack, arrival: Arrival): HandedUp | undefined {
  const { bridge, port, frame, transit, usesIpHooks } = arrival;
  const decision = bridge.receive(port, frame.src, frame.dst, stack.world.nowUs());
  tellBridge(transit, bridge, frame, decision, port);
  const copies = decision.out.length + (decision.up ? 1 : 0);
  if (copies === 0) {
    endPacket(stack, transit, "bridge-drop", { detail: decision.reason ?? "no port to flood to" });
    return undefined;
  }
  for (const out of decision.out) {
    const copy = transit === undefined || copies === 1 ? transit : copyTransit(transit);
    forwardToPort(stack, { bridge, port, frame, transit: copy, usesIpHooks }, out);
  }
  if (!decision.up) return undefined;
  if (transit !== undefined) {
    transit.skb.iif = port.name;
    // A copy that is not for the bridge itself loses its connection (`br_nf_local_in`).
    const isCopy = bridge.link.config.promiscuous === true && decision.decision !== "up";
    if (isCopy) Object.assign(transit.skb, { ct: undefined, ctInfo: undefined });
    if (!askLinkHook(stack, transit, "bridge", "input")) return undefined;
    transit.skb.iif = bridge.link.name;
  }
  return { frame, transit, wasPrerouted: usesIpHooks };
}

function forwardToPort(stack: Stack, arrival: Arrival, out: Link): void {
  const { bridge, port, frame, transit, usesIpHooks } = arrival;
  if (transit === undefined) {
    transmit(stack, out, frame, undefined);
    return;
  }
  const { skb } = transit;
  const ports = { iif: port.name, oif: out.name };
  const upTo = usesIpHooks ? { upTo: BRNF_PRIORITY } : undefined;
  Object.assign(skb, ports);
  if (!askLinkHook(stack, transit, "bridge", "forward", upTo)) return;
  if (usesIpHooks) {
    skb.physOut = out.name;
    skb.bridged = true;
    if (!askBridgedHook(stack, transit, "forward", bridge.link.name)) return;
    Object.assign(skb, ports);
    if (!askLinkHook(stack, transit, "bridge", "forward", { above: BRNF_PRIORITY })) return;
  }
  skb.iif = undefined;
  if (!askLinkHook(stack, transit, "bridge", "postrouting")) return;
  if (usesIpHooks && !askBridgedHook(stack, transit, "postrouting", bridge.link.name)) return;
  for (const piece of usesIpHooks ? piecesFor(stack, { bridge, out }, transit) : [transit]) {
    if (!fitsPort(stack, out, piece)) return;
    transmit(stack, out, { ...frame, payload: piece.skb.packet }, piece);
  }
}

/**
 * br_netfilter splits what does not fit the port, as a router would, and what it put together itself:
 * into pieces no larger than the packet came in.
 *
 * Follows: Linux 6.18 net/bridge/br_netfilter_hooks.c `br_nf_dev_queue_xmit`, `br_nf_ip_fragment`.
 */
function piecesFor(
  stack: Stack,
  { bridge, out }: { readonly bridge: Bridge; readonly out: Link },
  transit: Transit,
): readonly Transit[] {
  const { packet } = transit.skb;
  const { fragmentMax = out.mtu } = transit;
  const limit = Math.min(out.mtu, fragmentMax);
  if (packetLength(packet) <= limit) return [transit];
  const mayFragment = packet.family === "ip4" ? !packet.df : transit.fragmentMax !== undefined;
  if ((!mayFragment && !transit.ignoreDf) || fragmentMax > out.mtu) {
    endPacket(stack, transit, "too-big", { detail: `${out.name} mtu ${out.mtu}` });
    // IPv6's code looks at the bridge's own MTU, and tells the sender (`ip6_fragment`).
    const { mtu } = bridge.link;
    const isTold = packet.family === "ip6" && Math.max(packetLength(packet), fragmentMax) > mtu;
    if (isTold) sendError(stack, transit, { ...IcmpError.ip6.tooBig, mtu });
    return [];
  }
  const pieces = fragmentPacket(packet, limit);
  transit.tell?.({ kind: "fragment", mtu: limit, count: pieces.length });
  return pieces.map((piece) => {
    const copy = copyTransit(transit);
    copy.skb.packet = piece;
    return copy;
  });
}

/** Asks an IP hook about a bridged packet: to it, the bridge is the link on both sides. */
function askBridgedHook(stack: Stack, transit: Transit, hook: Hook, bridge: string): boolean {
  const { skb } = transit;
  const { pktType } = skb;
  skb.iif = hook === "forward" ? bridge : undefined;
  skb.oif = bridge;
  if (pktType === "otherhost") skb.pktType = "host";
  if (askHook(stack, transit, hook) !== undefined) return false;
  skb.pktType = pktType;
  return true;
}

interface PacketArrival extends Arrival {
  readonly transit: Transit;
}

/**
 * Asks IP prerouting for a bridged packet, and finds where a rewritten destination leads: to a
 * neighbour on this bridge, or up to the bridge's own stack.
 *
 * Follows: Linux 6.18 net/bridge/br_netfilter_hooks.c `br_nf_pre_routing_finish`,
 * `br_nf_pre_routing_finish_bridge`.
 */
function askIpPrerouting(stack: Stack, arrival: PacketArrival): HandedUp | undefined {
  const { bridge, port, transit } = arrival;
  const { skb } = transit;
  const { pktType } = skb;
  const before = skb.packet.dst;
  skb.physIn = port.name;
  skb.iif = bridge.link.name;
  if (pktType === "otherhost") skb.pktType = "host";
  if (askHook(stack, transit, "prerouting") !== undefined) return undefined;
  skb.pktType = pktType;
  if (skb.packet.dst.equals(before)) return goOn(stack, arrival, arrival.frame.dst);
  const path = routeRewritten(stack, bridge, transit);
  if (path === "ended") return undefined;
  if (path?.link === bridge.link.name && path.kind === "forward") {
    const nextHop = path.gateway ?? skb.packet.dst;
    resolve(stack, bridge.link, nextHop, {
      transit,
      send: (mac) => {
        handUpLater(stack, bridge.link, goOn(stack, arrival, mac));
        return true;
      },
    });
    return undefined;
  }
  skb.pktType = "host";
  return goOn(stack, arrival, bridge.link.mac ?? arrival.frame.dst);
}

/** A promiscuous bridge gets a copy even of what goes to a neighbour. */
function handUpLater(stack: Stack, link: Link, up: HandedUp | undefined): void {
  if (up?.transit !== undefined) stack.backlog.push({ kind: "up", link, transit: up.transit });
}

function goOn(stack: Stack, arrival: PacketArrival, dst: Mac): HandedUp | undefined {
  const { bridge, transit, port, usesIpHooks } = arrival;
  transit.skb.iif = port.name;
  if (!askLinkHook(stack, transit, "bridge", "prerouting", { above: BRNF_PRIORITY })) {
    return undefined;
  }
  const frame = { src: arrival.frame.src, dst, payload: transit.skb.packet };
  return decide(stack, { bridge, port, frame, transit, usesIpHooks });
}

/** The path of a rewritten packet; undefined when a route refuses, which the own stack will tell. */
function routeRewritten(
  stack: Stack,
  bridge: Bridge,
  transit: Transit,
): Path | "ended" | undefined {
  const { skb } = transit;
  const name = bridge.link.name;
  const { dst, tos } = skb.packet;
  const answer = routeIncoming(stack, skb, name);
  tellRoute(transit, "input", dst, answer);
  if (isPath(answer)) return answer;
  if (answer.kind === "refuse" || answer.kind === "miss") return undefined;
  if (answer.kind === "not-forwarding") {
    // Without forwarding it may still be bridged to a neighbour on this bridge.
    const other = routeOutgoing(stack, { dst, tos });
    if (isPath(other) && other.link === name) return other;
  }
  const { kind, detail } = fateOf(answer);
  endPacket(stack, transit, kind, { detail });
  return "ended";
}

function callsIpHooks(stack: Stack, transit: Transit): boolean {
  const { packet } = transit.skb;
  if (packet.family === "ip4") return sysctl(stack, "net.bridge.bridge-nf-call-iptables", 1) !== 0;
  if (isMulticast(packet.src)) return false;
  return sysctl(stack, "net.bridge.bridge-nf-call-ip6tables", 1) !== 0;
}
