import { isPath, type NoPath, type Path, type PathAnswer } from "../../fib/index.js";
import type { Link } from "../../link/index.js";
import { createSkb, type Skb } from "../../netfilter/index.js";
import { type Frame, type Packet, packetLength } from "../../wire/index.js";
import type { Stack } from "../stack.js";
import type { Draft, Journey, Transit, Work } from "../transit.js";
import { receiveArp } from "./arp.js";
import { receiveOnPort } from "./bridging.js";
import { deliver, isForeignLoopback, isJoined4 } from "./deliver.js";
import { packetOf, relate, routeDraft } from "./draft.js";
import { endPacket } from "./fate.js";
import { fragmentPacket, isWhole } from "./fragments.js";
import { askHook, askLinkHook, type HookErrno, STOLEN } from "./hooks.js";
import { IcmpError, sendError } from "./icmp/icmp-error.js";
import { sendToNextHop } from "./resolve.js";
import {
  fateOf,
  flowOf,
  forwardMtu,
  pathMtu,
  routeIncoming,
  routeOutgoing,
  tellRoute,
} from "./routing.js";
import { copyTransit, fitsPort } from "./transmit.js";

/** Pieces of work one event may lead to: a loop of tunnels or devices ends here. */
const WORK_LIMIT = 10_000;

/** Does all work that waits, in order; what it leads to as well. */
export function drain(stack: Stack): void {
  if (stack.isBusy) return;
  stack.isBusy = true;
  const { backlog } = stack;
  for (let at = 0; at < backlog.length; at++) {
    const work = backlog[at] as Work;
    if (at >= WORK_LIMIT) endWork(stack, work);
    else doWork(stack, work);
  }
  backlog.length = 0;
  stack.isBusy = false;
}

function doWork(stack: Stack, work: Work): void {
  switch (work.kind) {
    case "frame":
      receiveFrame(stack, work.link, work.frame, work);
      break;
    case "loop":
      receiveLooped(stack, work.link, work.transit);
      break;
    case "up":
      receiveFromBridge(stack, work.link, { transit: work.transit, wasPrerouted: true });
      break;
    case "send":
      sendDraft(stack, work.draft);
      return;
    case "output":
      sendLocal(stack, work.transit, work.path);
      return;
    case "task":
      work.run();
  }
}

function endWork(stack: Stack, work: Work): void {
  const detail = `more than ${WORK_LIMIT} steps at once`;
  if (work.kind === "loop" || work.kind === "up" || work.kind === "output")
    endPacket(stack, work.transit, "hop-limit", { detail });
  const journey =
    work.kind === "frame" ? work.journey : work.kind === "send" ? work.draft.journey : undefined;
  const tell = journey?.enter(stack.name, stack.world.nowUs());
  endPacket(stack, { tell }, "hop-limit", { detail });
}

/** A frame comes in by a link (`__netif_receive_skb_core`). */
export function receiveFrame(
  stack: Stack,
  link: Link,
  frame: Frame,
  from: { readonly journey: Journey | undefined; readonly mark: number },
): void {
  const { payload } = frame;
  const isPort = link.master !== undefined && stack.bridges.has(link.master);
  if ("kind" in payload) {
    const up = isPort ? receiveOnPort(stack, link, frame, undefined) : { frame };
    const own = isPort ? stack.links.find(link.master) : link;
    if (up !== undefined && own !== undefined) receiveArp(stack, own, frame, payload);
    return;
  }
  const { journey, mark } = from;
  const tell = journey?.enter(stack.name, stack.world.nowUs());
  tell?.({ kind: "receive", link: link.name, frame });
  const skb = createSkb(payload, { iif: link.name, mark, id: journey?.id ?? 0 });
  skb.macSrc = frame.src;
  skb.macDst = frame.dst;
  skb.pktType = pktTypeOf(link, frame);
  const transit: Transit = { skb, path: undefined, journey, tell, local: false, ignoreDf: false };
  if (!link.up) {
    endPacket(stack, transit, "link-down", { detail: link.name });
    return;
  }
  if (link.kind.kind === "veth" && !fitsPort(stack, link, transit)) return;
  if (!askLinkHook(stack, transit, "netdev", "ingress")) return;
  if (!isPort) {
    receivePacket(stack, link, transit, { wasPrerouted: false });
    return;
  }
  const up = receiveOnPort(stack, link, frame, transit);
  const bridge = stack.links.find(link.master);
  if (up?.transit === undefined || bridge === undefined) return;
  receiveFromBridge(stack, bridge, { transit: up.transit, wasPrerouted: up.wasPrerouted });
}

/** The bridge's own stack takes a packet (`br_pass_frame_up`). */
function receiveFromBridge(
  stack: Stack,
  bridge: Link,
  up: { readonly transit: Transit; readonly wasPrerouted: boolean },
): void {
  const { transit } = up;
  if (!bridge.up) {
    endPacket(stack, transit, "link-down", { detail: bridge.name });
    return;
  }
  transit.skb.iif = bridge.name;
  if (!askLinkHook(stack, transit, "netdev", "ingress")) return;
  receivePacket(stack, bridge, transit, up);
}

function pktTypeOf(link: Link, { dst }: Frame): Skb["pktType"] {
  if (dst.isBroadcast()) return "broadcast";
  if (dst.isMulticast()) return "multicast";
  return link.mac === undefined || link.mac.equals(dst) ? "host" : "otherhost";
}

/** A packet enters the IP layer (`ip_rcv`, `ipv6_rcv`). */
export function receivePacket(
  stack: Stack,
  link: Link,
  transit: Transit,
  { wasPrerouted }: { readonly wasPrerouted: boolean },
): void {
  const { skb } = transit;
  skb.iif = link.name;
  if (skb.pktType === "otherhost") {
    endPacket(stack, transit, "not-for-us", { detail: `for ${skb.macDst}` });
    return;
  }
  if (isForeignLoopback(link, skb.packet)) {
    endPacket(stack, transit, "martian", { detail: "::1 on a wire" });
    return;
  }
  if (!wasPrerouted && !isWhole(stack, transit)) return;
  if (!wasPrerouted && askHook(stack, transit, "prerouting") !== undefined) return;
  const answer = routeIncoming(stack, skb, link.name);
  tellRoute(transit, "input", skb.packet.dst, answer);
  goAhead(stack, link, transit, answer);
}

/** A packet of ours comes back by the loopback link; its route is known already. */
function receiveLooped(stack: Stack, link: Link, transit: Transit): void {
  const { skb } = transit;
  const before = skb.packet.dst;
  skb.iif = link.name;
  skb.oif = undefined;
  skb.pktType = "host";
  if (askHook(stack, transit, "prerouting") !== undefined) return;
  if (transit.path?.kind === "multicast" && !isJoined4(skb.packet.dst)) {
    endPacket(stack, transit, "not-for-us", { detail: `nobody here joined ${skb.packet.dst}` });
    return;
  }
  const isKnown = transit.path !== undefined && skb.packet.dst.equals(before);
  if (isKnown && transit.path?.kind === "forward" && skb.packet.family === "ip4") {
    // Its route is one to send by: the kernel has nothing that takes it in (`dst_discard`).
    endPacket(stack, transit, "not-for-us", { detail: `${skb.packet.dst} was routed to lo` });
    return;
  }
  const answer = isKnown ? (transit.path as Path) : routeIncoming(stack, skb, link.name);
  if (!isKnown) tellRoute(transit, "input", skb.packet.dst, answer);
  goAhead(stack, link, transit, answer);
}

function goAhead(stack: Stack, link: Link, transit: Transit, answer: PathAnswer): void {
  if (!isPath(answer)) {
    refuseIncoming(stack, transit, answer);
    return;
  }
  transit.path = answer;
  if (answer.kind === "forward") forward(stack, transit, answer);
  else deliver(stack, link, transit);
}

/** No route leads on: some refusals tell the sender (`ip_error`, `ip6_pkt_discard`). */
function refuseIncoming(stack: Stack, transit: Transit, answer: NoPath): void {
  const { kind, detail } = fateOf(answer);
  endPacket(stack, transit, kind, { detail });
  if (answer.kind !== "refuse" && answer.kind !== "miss") return;
  if (transit.skb.packet.family === "ip6") {
    if (answer.errno === "EINVAL") return;
    const { prohibited, noRoute } = IcmpError.ip6;
    sendError(stack, transit, answer.errno === "EACCES" ? prohibited : noRoute);
    return;
  }
  const error = REFUSALS4[answer.errno];
  if (error === undefined) return;
  const { src } = transit.skb.packet;
  if (stack.limiter.allowRouteError(src, stack.world.nowUs())) sendError(stack, transit, error);
}

const REFUSALS4 = {
  EHOSTUNREACH: IcmpError.ip4.hostUnreachable,
  ENETUNREACH: IcmpError.ip4.netUnreachable,
  EACCES: IcmpError.ip4.filtered,
  EINVAL: undefined,
} as const;

/** A packet for somebody else is passed on (`ip_forward`, `ip6_forward`). */
function forward(stack: Stack, transit: Transit, path: Path): void {
  const { skb } = transit;
  const { packet } = skb;
  const isIp4 = packet.family === "ip4";
  if (skb.pktType !== "host") {
    endPacket(stack, transit, "not-for-us", { detail: `sent to a ${skb.pktType} address` });
    return;
  }
  if (packet.ttl <= 1) {
    endPacket(stack, transit, "ttl-exceeded");
    const { ip4, ip6 } = IcmpError;
    sendError(stack, transit, isIp4 ? ip4.ttlExceeded : ip6.hopLimitExceeded);
    return;
  }
  const mtu = forwardMtu(stack, path, packet.dst);
  const { fragmentMax } = transit;
  const arrivedBig = fragmentMax === undefined || fragmentMax > mtu;
  if (packetLength(packet) > mtu && (packet.df || !isIp4) && arrivedBig) {
    refuseBig(stack, transit, mtu);
    return;
  }
  skb.packet = lowerTtl(packet);
  transit.tell?.({ kind: "ttl", before: packet.ttl, after: packet.ttl - 1 });
  if (path.redirect && stack.limiter.allowRedirect(packet.src, stack.world.nowUs())) {
    const gateway = path.gateway ?? packet.dst;
    sendError(stack, transit, { ...IcmpError.ip4.redirectHost, gateway });
  }
  skb.oif = path.link;
  if (askHook(stack, transit, "forward") !== undefined) return;
  output(stack, transit, transit.path ?? path);
}

function refuseBig(stack: Stack, transit: Transit, mtu: number): void {
  endPacket(stack, transit, "too-big", { detail: `mtu ${mtu}` });
  const { ip4, ip6 } = IcmpError;
  const isIp4 = transit.skb.packet.family === "ip4";
  sendError(stack, transit, { ...(isIp4 ? ip4.fragmentationNeeded : ip6.tooBig), mtu });
}

function lowerTtl({ family, src, dst, ttl, tos, id, df, fragment, payload }: Packet): Packet {
  const lowered = { family, src, dst, ttl: ttl - 1, tos, id, df, payload };
  return fragment === undefined ? lowered : { ...lowered, fragment };
}

/**
 * A socket, or the kernel itself, sends (`ip_queue_xmit`, `ip_send_skb`).
 *
 * Returns: the name of the error that the sender's system call gives; undefined when it is sent.
 */
export function sendDraft(stack: Stack, draft: Draft): HookErrno | undefined {
  const answer = routeDraft(stack, draft);
  const packet = packetOf(stack, draft, isPath(answer) ? answer : undefined);
  const nowUs = stack.world.nowUs();
  const journey = draft.silent
    ? undefined
    : (draft.journey ?? stack.world.begin(stack.name, packet, draft.cause ?? stack.cause));
  const tell = journey?.enter(stack.name, nowUs);
  tell?.({ kind: "send", packet });
  tellRoute({ tell }, "output", draft.dst, answer);
  const skb = createSkb(packet, { mark: draft.mark ?? 0, id: journey?.id ?? 0 });
  relate(skb, draft);
  const ignoreDf = draft.ignoreDf ?? false;
  const transit: Transit = { skb, path: undefined, journey, tell, local: true, ignoreDf };
  if (!isPath(answer)) {
    const { kind, detail } = fateOf(answer);
    endPacket(stack, transit, kind, { detail });
    return answer.errno;
  }
  transit.path = answer;
  if (answer.link === draft.tunnel) {
    endPacket(stack, transit, "tunnel-drop", {
      detail: `${draft.dst} is behind ${answer.link} itself`,
    });
    return undefined;
  }
  const mtu = pathMtu(stack, answer, packet.dst);
  if (packet.df && !ignoreDf && packetLength(packet) > mtu) {
    endPacket(stack, transit, "too-big", { detail: `mtu ${mtu}` });
    return "EMSGSIZE";
  }
  return sendLocal(stack, transit, answer);
}

/**
 * The output hook, which may route the packet anew (`ip_local_out`). One that came in and is sent on
 * by IPVS has come from nowhere here; the postrouting hook knows its link again.
 */
function sendLocal(stack: Stack, transit: Transit, path: Path): HookErrno | undefined {
  const { iif } = transit.skb;
  transit.skb.iif = undefined;
  transit.skb.oif = path.link;
  const outer = stack.rerouting;
  stack.rerouting = transit;
  const errno = askHook(stack, transit, "output");
  stack.rerouting = outer;
  transit.skb.iif = iif;
  if (errno !== undefined) return errno === STOLEN ? undefined : errno;
  return output(stack, transit, transit.path ?? path);
}

/** The postrouting hook (`ip_output`, `ip6_output`). */
function output(stack: Stack, transit: Transit, path: Path): HookErrno | undefined {
  transit.skb.oif = path.link;
  stack.outgoing = path;
  const errno = askHook(stack, transit, "postrouting");
  stack.outgoing = undefined;
  if (errno !== undefined) return errno;
  return finishOutput(stack, transit, path) ? undefined : "ENOBUFS";
}

/** Splits what is too big, and sends it to the next hop (`ip_finish_output`). */
function finishOutput(stack: Stack, transit: Transit, path: Path): boolean {
  const link = stack.links.find(path.link);
  if (link === undefined) {
    endPacket(stack, transit, "link-down", { detail: path.link });
    return true;
  }
  if (link.kind.kind === "loopback") {
    stack.backlog.push({ kind: "loop", link, transit: { ...transit, local: false } });
    return true;
  }
  const { packet } = transit.skb;
  const nextHop = path.gateway ?? packet.dst;
  const mtu = transit.local
    ? pathMtu(stack, path, packet.dst)
    : forwardMtu(stack, path, packet.dst);
  const { fragmentMax = mtu } = transit;
  if (packetLength(packet) <= Math.min(mtu, fragmentMax)) {
    return sendToNextHop(stack, link, nextHop, transit);
  }
  const wasWhole = transit.fragmentMax === undefined;
  const mayFragment = packet.family === "ip4" ? !packet.df : transit.local || !wasWhole;
  if (!mayFragment && !transit.ignoreDf) {
    refuseBig(stack, transit, mtu);
    return true;
  }
  const pieces = fragmentPacket(packet, Math.min(mtu, fragmentMax));
  transit.tell?.({ kind: "fragment", mtu, count: pieces.length });
  for (const piece of pieces) {
    const copy = copyTransit(transit);
    copy.skb.packet = piece;
    if (!sendToNextHop(stack, link, nextHop, copy)) return false;
  }
  return true;
}

/**
 * Routes a local packet again, because the output hook changed what its route was chosen by.
 *
 * Returns: the error's name when there is no route.
 * Follows: Linux 6.18 net/ipv4/netfilter.c `ip_route_me_harder`; net/ipv6/netfilter.c
 * `ip6_route_me_harder`.
 */
export function rerouteLocal(stack: Stack, skb: Skb): string | undefined {
  const transit = stack.rerouting;
  if (transit === undefined || transit.skb !== skb) return undefined;
  const { packet } = skb;
  const flow = { ...flowOf(packet, skb.mark), src: packet.src, anySource: true };
  const answer = routeOutgoing(stack, flow);
  tellRoute(transit, "output", packet.dst, answer);
  if (!isPath(answer)) return answer.errno;
  transit.path = answer;
  return undefined;
}
