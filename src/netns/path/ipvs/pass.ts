/**
 * IPVS' places on a packet's way. It is asked in between the rules, and may take a packet over:
 *
 *   input    … filter 0 · replies 98 · requests 99 · srcnat 100 …
 *   output   … dstnat -100 · replies -99 · requests -98 · filter 0 …
 *   forward  … filter 0 · errors of clients 99 · replies 100
 *
 * A request that goes to another host leaves by the output hook, as if this namespace had sent it.
 * `request.ts` and `reply.ts` say what happens to a packet, `error.ts` what happens to ICMP errors.
 *
 * Follows: Linux 6.1 net/netfilter/ipvs/ip_vs_core.c `ip_vs_ops4`, `ip_vs_ops6`.
 */
import { type Ipvs, readFlow } from "../../../ipvs/index.js";
import type { Hook } from "../../../netfilter/index.js";
import type { Stack } from "../../stack.js";
import type { Transit } from "../../transit.js";
import { passClientError, passServerError } from "./error.js";
import { answerReply } from "./reply.js";
import { answerRequest } from "./request.js";
import type { IpvsVerdict } from "./verdict.js";

/** The hooks IPVS is asked at. */
export type IpvsHook = "input" | "output" | "forward";

/** Chains up to this priority are asked before IPVS, the others after. */
const AFTER: Readonly<Record<IpvsHook, number>> = { input: 97, output: -100, forward: 98 };

/** Where IPVS stands among the chains of a hook; undefined where it is not asked. */
export function ipvsPriority(hook: Hook): number | undefined {
  return isIpvsHook(hook) ? AFTER[hook] : undefined;
}

function isIpvsHook(hook: Hook): hook is IpvsHook {
  return hook === "input" || hook === "output" || hook === "forward";
}

/** Shows a packet to IPVS at one of its hooks. */
export function passIpvs(stack: Stack, ipvs: Ipvs, transit: Transit, hook: Hook): IpvsVerdict {
  const { skb } = transit;
  if (!isIpvsHook(hook)) return "accept";
  if (skb.ipvs || !ipvs.services.serves(skb.packet.family)) return "accept";
  const at = { stack, ipvs, transit, hook };
  if (skb.packet.payload.kind === "icmp") {
    if (hook === "forward") return passClientError(at) ?? passServerError(at) ?? "accept";
    return passServerError(at) ?? passClientError(at) ?? "accept";
  }
  const flow = readFlow(skb.packet);
  if (flow === undefined) return "accept";
  const replied = answerReply(at, flow);
  if (replied !== undefined) return replied;
  if (hook === "forward") return "accept";
  if (hook === "input" && skb.pktType !== "host") return "accept";
  return answerRequest(at, flow);
}
