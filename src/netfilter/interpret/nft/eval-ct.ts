/** `ct …`: what nft asks of the packet's connection. */
import type { Entry } from "../../conntrack/entry.js";
import type { NftExpr } from "../../nft.js";
import type { Skb } from "../../skb.js";
import type { Ask } from "../ask.js";
import { CtStateBit, CtStatusBit, type Datum } from "./datum.js";

/**
 * The datum of a key of a connection. Without a connection only state, zone and protocol have one.
 *
 * Follows: Linux 6.18 net/netfilter/nft_ct.c `nft_ct_get_eval`.
 */
export function evalCt(
  ask: Ask,
  { key, direction }: NftExpr & { readonly kind: "ct" },
): Datum | undefined {
  const { skb } = ask;
  if (key === "state") return stateBits(skb);
  const { ct } = skb;
  if (ct === undefined) return undefined;
  switch (key) {
    case "status":
      return statusBits(ct);
    case "direction":
      return skb.ctDirection === "original" ? 0 : 1;
    case "mark":
      return ct.mark;
    case "zone":
      return ct.zone;
    case "protocol":
      return ct.original.protocol;
    case "l3proto":
      return ct.original.family === "ip4" ? 2 : 10;
    case "id":
      return ct.id;
    default:
      return tupleField(ask, ct[direction ?? skb.ctDirection], key);
  }
}

function tupleField(ask: Ask, tuple: Entry["original"], key: string): Datum | undefined {
  switch (key) {
    case "saddr":
    case "ip saddr":
    case "ip6 saddr":
      return tuple.src;
    case "daddr":
    case "ip daddr":
    case "ip6 daddr":
      return tuple.dst;
    case "proto-src":
      return tuple.sport;
    case "proto-dst":
      return tuple.dport;
    default:
      ask.unmodelled ??= `ct ${key}`;
      return undefined;
  }
}

function stateBits({ ct, ctInfo }: Skb): number {
  if (ct === undefined) return CtStateBit[ctInfo === "untracked" ? "untracked" : "invalid"] ?? 0;
  return CtStateBit[ctInfo ?? "invalid"] ?? 0;
}

function statusBits({ status }: Entry): number {
  const bits: readonly (readonly [boolean, string])[] = [
    [status.expected, "expected"],
    [status.seenReply, "seen-reply"],
    [status.assured, "assured"],
    [status.confirmed, "confirmed"],
    [status.srcNat, "snat"],
    [status.dstNat, "dnat"],
    [status.srcNatDone, "snat-done"],
    [status.dstNatDone, "dnat-done"],
    [status.dying, "dying"],
  ];
  return bits.reduce((sum, [isSet, name]) => (isSet ? sum | (CtStatusBit[name] ?? 0) : sum), 0);
}
