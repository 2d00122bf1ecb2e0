/** Packets of real servers go back in the virtual server's name. */

import { isPath } from "../../../fib/index.js";
import type { Connection, IpvsFlow } from "../../../ipvs/index.js";
import { type Packet, packetLength, TcpFlag } from "../../../wire/index.js";
import { endPacket } from "../fate.js";
import { IcmpError, sendError } from "../icmp/icmp-error.js";
import { flowOf, routeOutgoing, tellRoute } from "../routing.js";
import { settleConntrack } from "./entry.js";
import { toVirtual } from "./rewrite.js";
import { tellIpvs } from "./tell.js";
import type { IpvsQuestion, IpvsVerdict } from "./verdict.js";

/**
 * A packet that may be a real server's answer.
 *
 * Returns: undefined when it is none.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_core.c `ip_vs_out_hook`, `handle_response`.
 */
export function answerReply(at: IpvsQuestion, flow: IpvsFlow): IpvsVerdict | undefined {
  const connection = at.ipvs.reply(flow);
  if (connection !== undefined) {
    return sendBack(at, connection, "reply", toVirtual(at.transit.skb.packet, connection));
  }
  return at.ipvs.settings.tellsRealServers ? tellRealServer(at, flow) : undefined;
}

/** Gives a packet the virtual server's address, and routes it as one of that address. */
export function sendBack(
  { stack, ipvs, transit, hook }: IpvsQuestion,
  connection: Connection,
  event: "reply" | "error",
  after: Packet,
): IpvsVerdict {
  const { skb } = transit;
  tellIpvs(transit, connection, { event, before: skb.packet, after });
  skb.packet = after;
  settleConntrack(skb, connection, "virtual");
  // What is for this namespace stays on its way.
  const isRerouted = hook !== "input" && ipvs.settings.rerouteReplies;
  if (isRerouted && transit.path !== undefined && transit.path.kind !== "local") {
    const { src, dst } = after;
    const answer = routeOutgoing(stack, { ...flowOf(after, skb.mark), src, anySource: true });
    tellRoute(transit, "output", dst, answer);
    if (!isPath(answer)) {
      endPacket(stack, transit, "no-route", { hook, detail: answer.errno });
      return "drop";
    }
    transit.path = answer;
  }
  ipvs.count(connection, "out", packetLength(after));
  return "accept";
}

/** `nat_icmp_send`: a real server that speaks without a connection is told that nobody listens. */
function tellRealServer({ stack, ipvs, transit, hook }: IpvsQuestion, flow: IpvsFlow) {
  const { protocol, tcpFlags, chunks } = flow;
  const isAbort = protocol === "tcp" ? (tcpFlags & TcpFlag.rst) !== 0 : chunks[0] === 6;
  if (isAbort || !ipvs.hasRealServer(flow)) return undefined;
  endPacket(stack, transit, "rejected", {
    hook,
    detail: "ipvs: no connection of this real server",
  });
  const { ip4, ip6 } = IcmpError;
  sendError(stack, transit, flow.family === "ip4" ? ip4.portUnreachable : ip6.portUnreachable);
  return "drop" as const;
}
