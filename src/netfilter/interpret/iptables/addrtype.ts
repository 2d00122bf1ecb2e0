/** `-m addrtype`: what an address is for this namespace. */
import { type Addr, isMulticast, isUnspecified } from "../../../addr/index.js";
import type { AddrtypeMatch } from "../../iptables.js";
import type { Ask } from "../ask.js";

/**
 * Whether both addresses are of the types asked for.
 *
 * Follows: Linux 6.18 net/netfilter/xt_addrtype.c `addrtype_mt_v1`, `addrtype_mt6`.
 */
export function matchesAddrtype(ask: Ask, match: AddrtypeMatch): boolean {
  const link = match.limitIn ? ask.iif : match.limitOut ? ask.oif : undefined;
  const { src, dst } = ask.skb.packet;
  const { srcType, dstType } = match;
  const holds = (addr: Addr, test: NonNullable<AddrtypeMatch["srcType"]>) =>
    isOfType(ask, addr, test.types, link) !== (test.not === true);
  if (srcType !== undefined && !holds(src, srcType)) return false;
  return dstType === undefined || holds(dst, dstType);
}

const ROUTED: ReadonlySet<string> = new Set(["LOCAL", "ANYCAST", "UNREACHABLE"]);

function isOfType(
  ask: Ask,
  addr: Addr,
  types: readonly string[],
  link: string | undefined,
): boolean {
  const { questions } = ask.runtime.options;
  if (addr.family === "ip4") return types.includes(questions.addrType(addr, link));
  // IPv6 asks the routing table only for some types; of the others every one must hold.
  if (types.includes("MULTICAST") && !isMulticast(addr)) return false;
  if (types.includes("UNICAST") && (isMulticast(addr) || isUnspecified(addr))) return false;
  if (types.includes("UNSPEC") && !isUnspecified(addr)) return false;
  const routed: readonly string[] = types.filter((type) => ROUTED.has(type));
  return routed.length === 0 || routed.includes(questions.addrType(addr, link));
}
