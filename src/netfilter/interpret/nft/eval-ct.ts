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
    case "packets":
    case "bytes":
    case "avgpkt":
      return countOf(ct, key, direction);
    case "expiration":
      return leftMs(ask, ct);
    default:
      return tupleField(ask, ct[direction ?? skb.ctDirection], key);
  }
}

/** What was counted one way or both; nothing was where packets are not counted. */
function countOf(
  { counters }: Entry,
  key: "packets" | "bytes" | "avgpkt",
  direction: "original" | "reply" | undefined,
): number {
  if (counters === undefined) return 0;
  const { original, reply } = counters;
  const sides = direction === undefined ? [original, reply] : [counters[direction]];
  const packets = sides.reduce((sum, side) => sum + side.packets, 0);
  const bytes = sides.reduce((sum, side) => sum + side.bytes, 0);
  if (key === "packets") return packets;
  return key === "bytes" ? bytes : packets === 0 ? 0 : Math.floor(bytes / packets);
}

/** Before it is confirmed, a connection's time does not run, and the kernel takes it to be over. */
function leftMs(ask: Ask, { status, expiresUs }: Entry): number {
  if (!status.confirmed) return 0;
  return Math.max(0, Math.floor((expiresUs - ask.runtime.options.nowUs()) / 1000));
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
