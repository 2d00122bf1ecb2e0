/** ICMP errors about packets that IPVS rewrote are rewritten likewise, and the quoted packet too. */
import { type IpvsFlow, readFlow, turnRound } from "../../../ipvs/index.js";
import { endPacket } from "../fate.js";
import { sendBack } from "./reply.js";
import { factsOf, sendToReal } from "./request.js";
import { errorToReal, errorToVirtual } from "./rewrite.js";
import type { IpvsQuestion, IpvsVerdict } from "./verdict.js";

/**
 * An error about a request, from a real server or on the way to it.
 *
 * Returns: undefined when it is about something else.
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_core.c `ip_vs_out_icmp`, `handle_response_icmp`.
 */
export function passServerError(at: IpvsQuestion): IpvsVerdict | undefined {
  const { skb } = at.transit;
  const quoted = quotedFlow(at);
  if (quoted === undefined || skb.ipvs) return undefined;
  const connection = at.ipvs.peekReply(turnRound(quoted));
  if (connection === undefined) return undefined;
  return sendBack(at, connection, "error", errorToVirtual(skb.packet, connection));
}

/**
 * An error about an answer, from a client or on the way to it.
 *
 * Returns: undefined when it is about something else.
 * Follows: Linux 6.1 ip_vs_core.c `ip_vs_in_icmp`, `ip_vs_forward_icmp`.
 */
export function passClientError(at: IpvsQuestion): IpvsVerdict | undefined {
  const { stack, ipvs, transit, hook } = at;
  const quoted = quotedFlow(at);
  if (quoted === undefined) return undefined;
  if (hook === "input" && transit.skb.pktType !== "host") return undefined;
  const answer = ipvs.requestError(quoted, factsOf(at));
  switch (answer.kind) {
    case "forward": {
      const { connection } = answer;
      return sendToReal(at, connection, "error", errorToReal(transit.skb.packet, connection));
    }
    case "drop":
      endPacket(stack, transit, "dropped", { hook, detail: `ipvs: ${answer.reason}` });
      return "drop";
    default:
      return undefined;
  }
}

/** IPv4's errors that are looked at: unreachable, source quench, time exceeded. */
const ERRORS4: ReadonlySet<number> = new Set([3, 4, 11]);

/** The first type of ICMPv6 that is no error (RFC 4443 §2.1). */
const FIRST_INFORMATION6 = 128;

function quotedFlow({ transit }: IpvsQuestion): IpvsFlow | undefined {
  const { payload, family } = transit.skb.packet;
  if (payload.kind !== "icmp" || payload.quoted === undefined) return undefined;
  const isError = family === "ip4" ? ERRORS4.has(payload.type) : payload.type < FIRST_INFORMATION6;
  return isError ? readFlow(payload.quoted) : undefined;
}
