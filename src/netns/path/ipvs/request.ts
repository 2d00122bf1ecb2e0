/** Packets to virtual servers go to real servers. */
import { isLoopback } from "../../../addr/index.js";
import { unreachable } from "../../../base/index.js";
import { isPath, type Path } from "../../../fib/index.js";
import type { Connection, IpvsFlow, PacketFacts, RunningService } from "../../../ipvs/index.js";
import { type Packet, packetLength } from "../../../wire/index.js";
import type { Stack } from "../../stack.js";
import type { Transit } from "../../transit.js";
import { endPacket } from "../fate.js";
import { IcmpError, sendError } from "../icmp/icmp-error.js";
import { pathMtu, routeOutgoing, tellRoute } from "../routing.js";
import { settleConntrack } from "./entry.js";
import { toReal } from "./rewrite.js";
import { tellIpvs } from "./tell.js";
import type { IpvsQuestion, IpvsVerdict } from "./verdict.js";

/**
 * A packet that may be for a virtual server.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_core.c `ip_vs_in_hook`.
 */
export function answerRequest(at: IpvsQuestion, flow: IpvsFlow): IpvsVerdict {
  const answer = at.ipvs.request(flow, factsOf(at));
  const { stack, transit, hook } = at;
  switch (answer.kind) {
    case "pass":
      return "accept";
    case "forward": {
      const { connection, how } = answer;
      return sendToReal(at, connection, how, toReal(transit.skb.packet, connection));
    }
    case "refuse":
      return refuse(at, answer.service);
    case "drop":
      endPacket(stack, transit, "dropped", { hook, detail: `ipvs: ${answer.reason}` });
      return "drop";
    case "unknown":
      endPacket(stack, transit, "unknown", { hook, detail: `ipvs: ${answer.feature}` });
      return "drop";
    default:
      return unreachable(answer);
  }
}

/** What IPVS asks about a packet besides its ends. */
export function factsOf({ stack, transit }: IpvsQuestion): PacketFacts {
  const { ct, iif } = transit.skb;
  return {
    isTracked: ct?.status.confirmed === true,
    isOwn: iif === undefined || stack.links.find(iif)?.kind.kind === "loopback",
  };
}

/** Nobody takes the connection (`ip_vs_leave`). */
function refuse({ stack, transit, hook }: IpvsQuestion, { config }: RunningService): IpvsVerdict {
  const { addr, port, protocol, origin } = config;
  const detail = `ipvs: ${protocol} ${addr}:${port} has no real server`;
  endPacket(stack, transit, "rejected", { hook, detail, ...(origin && { origin }) });
  const { ip4, ip6 } = IcmpError;
  sendError(stack, transit, addr.family === "ip4" ? ip4.portUnreachable : ip6.portUnreachable);
  return "drop";
}

/** How a packet came to its connection. */
type RequestEvent = "known" | "persistent" | "scheduled" | "error";

/**
 * Sends a packet to the real server of its connection: routed as a packet of this namespace, with a
 * hop less to live. To a real server in this namespace it goes on as it was.
 *
 * Returns: `stolen` where it is sent, or lost on the way: a local sender hears of no error.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_xmit.c `ip_vs_nat_xmit`, `ip_vs_icmp_xmit`,
 * `__ip_vs_get_out_rt`, `ip_vs_nat_send_or_cont`, and their likes for IPv6.
 */
export function sendToReal(
  { stack, ipvs, transit, hook }: IpvsQuestion,
  connection: Connection,
  event: RequestEvent,
  after: Packet,
): IpvsVerdict {
  const { skb } = transit;
  const before = skb.packet;
  ipvs.count(connection, "in", packetLength(before));
  const path = routeToReal(stack, transit, connection);
  if (path === undefined) return "stolen";
  const isLocal = path.kind === "local";
  const refusal = refusalOf(transit, hook, isLocal, connection);
  if (refusal !== undefined) {
    endPacket(stack, transit, "dropped", { hook, detail: `ipvs: ${refusal}` });
    return "stolen";
  }
  if (!isLocal && !survives(stack, transit, path, event)) return "stolen";
  const sent = isLocal ? after : { ...after, ttl: before.ttl - 1 };
  tellIpvs(transit, connection, { event, before, after });
  if (!isLocal) transit.tell?.({ kind: "ttl", before: before.ttl, after: sent.ttl });
  skb.packet = sent;
  settleConntrack(skb, connection, "real");
  if (isLocal) return "accept";
  tellRoute(transit, "output", connection.real, path);
  const own: Transit = { ...transit, path, local: true, ignoreDf: true };
  stack.backlog.push({ kind: "output", transit: own, path });
  return "stolen";
}

/** The route to the real server depends on its address only. */
function routeToReal(stack: Stack, transit: Transit, { real }: Connection): Path | undefined {
  const answer = routeOutgoing(stack, { dst: real });
  if (isPath(answer)) return answer;
  tellRoute(transit, "output", real, answer);
  const detail = `ipvs: ${answer.errno} for real server ${real}`;
  endPacket(stack, transit, "no-route", { detail });
  const { ip4, ip6 } = IcmpError;
  sendError(stack, transit, real.family === "ip4" ? ip4.hostUnreachable : ip6.addrUnreachable);
  return undefined;
}

/** Why a packet may not go there (`crosses_local_route_boundary`, "DNAT to loopback"). */
function refusalOf(
  { skb, local }: Transit,
  hook: IpvsQuestion["hook"],
  isLocal: boolean,
  { real }: Connection,
): string | undefined {
  if (!isLocal) {
    return isLoopback(skb.packet.src) ? "a loopback address does not leave" : undefined;
  }
  if (hook === "forward") return "a forwarded error does not end here";
  if (isLoopback(real) && !local) return "nobody from outside gets to a loopback address";
  return undefined;
}

/** Whether TTL and MTU let it go on; if not, its end was told, and its sender. */
function survives(stack: Stack, transit: Transit, path: Path, event: RequestEvent): boolean {
  const { packet } = transit.skb;
  const isIp4 = packet.family === "ip4";
  const { ip4, ip6 } = IcmpError;
  if (packet.ttl <= 1) {
    endPacket(stack, transit, "ttl-exceeded");
    sendError(stack, transit, isIp4 ? ip4.ttlExceeded : ip6.hopLimitExceeded);
    return false;
  }
  const mtu = pathMtu(stack, path, packet.dst);
  if (packetLength(packet) <= mtu || (isIp4 && !packet.df) || event === "error") return true;
  endPacket(stack, transit, "too-big", { detail: `mtu ${mtu}` });
  sendError(stack, transit, { ...(isIp4 ? ip4.fragmentationNeeded : ip6.tooBig), mtu });
  return false;
}
