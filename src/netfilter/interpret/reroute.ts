/** Routing a local packet again, after rules changed what its route was chosen by. */
import type { Addr } from "../../addr/index.js";
import type { HookResult } from "../engine.js";
import type { Skb } from "../skb.js";
import type { Ask } from "./ask.js";

/** What a route is chosen by, as far as rules can change it. */
export interface RoutingFacts {
  readonly src: Addr;
  readonly dst: Addr;
  readonly mark: number;
  readonly tos: number;
}

/** The facts of a packet now. */
export function routingFacts({ packet, mark }: Skb): RoutingFacts {
  return { src: packet.src, dst: packet.dst, mark, tos: packet.tos };
}

/**
 * Has a local packet routed again if the facts changed, or in any case without earlier facts.
 *
 * Follows: Linux 6.18 net/netfilter/nft_chain_route.c `nf_route_table_hook4`, nf_nat_proto.c
 * `nf_nat_ipv4_local_fn`.
 */
export function rerouteIfNeeded(ask: Ask, before: RoutingFacts | undefined): HookResult {
  if (ask.hook !== "output") return { kind: "accept" };
  if (before !== undefined && isSame(before, routingFacts(ask.skb))) return { kind: "accept" };
  const error = ask.runtime.options.questions.reroute?.(ask.skb);
  return error === undefined ? { kind: "accept" } : { kind: "refused", reason: error };
}

function isSame(a: RoutingFacts, b: RoutingFacts): boolean {
  return a.mark === b.mark && a.tos === b.tos && a.src.equals(b.src) && a.dst.equals(b.dst);
}
