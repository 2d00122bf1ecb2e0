/** `reject` and its kinds, in both families. */
import type { NftReject } from "../../nft.js";
import type { RejectWith } from "../../verdict.js";
import type { Ask } from "../ask.js";

const ICMP: Readonly<Record<string, number>> = {
  "net-unreachable": 0,
  "host-unreachable": 1,
  "prot-unreachable": 2,
  "port-unreachable": 3,
  "net-prohibited": 9,
  "host-prohibited": 10,
  "admin-prohibited": 13,
};

const ICMPV6: Readonly<Record<string, number>> = {
  "no-route": 0,
  "admin-prohibited": 1,
  "addr-unreachable": 3,
  "port-unreachable": 4,
  "policy-fail": 5,
  "reject-route": 6,
};

/** Codes for both families (net/netfilter/nft_reject.c `icmp_code_v4`, `icmp_code_v6`). */
const ICMPX: Readonly<Record<string, { readonly ip4: number; readonly ip6: number }>> = {
  "no-route": { ip4: 0, ip6: 0 },
  "port-unreachable": { ip4: 3, ip6: 4 },
  "host-unreachable": { ip4: 1, ip6: 3 },
  "admin-prohibited": { ip4: 13, ip6: 1 },
};

/**
 * How a packet is refused; undefined where the statement's own conditions do not hold: nft tests the
 * family of an ICMP error and the protocol of a reset before it.
 *
 * Follows: Linux 6.18 net/netfilter/nft_reject_inet.c; nftables 1.0.6 src/evaluate.c
 * `stmt_reject_gen_dependency`.
 */
export function rejectAnswer(
  ask: Ask,
  { with: how }: NftReject,
): { readonly kind: "reject"; readonly with: RejectWith } | undefined {
  const { family, payload } = ask.skb.packet;
  const type = family === "ip4" ? 3 : 1;
  const icmp = (code: number | undefined) => {
    if (code === undefined) ask.unmodelled ??= "reject with an unknown code";
    return { kind: "reject", with: { kind: "icmp", type, code: code ?? 0 } } as const;
  };
  switch (how?.kind) {
    case undefined:
      return icmp(family === "ip4" ? 3 : 4);
    case "tcp-reset":
      return payload.kind === "tcp" ? { kind: "reject", with: how } : undefined;
    case "icmp":
      return family === "ip4" ? icmp(codeOf(ICMP, how.code)) : undefined;
    case "icmpv6":
      return family === "ip6" ? icmp(codeOf(ICMPV6, how.code)) : undefined;
    case "icmpx":
      return icmp(Object.hasOwn(ICMPX, how.code) ? ICMPX[how.code]?.[family] : undefined);
  }
}

function codeOf(codes: Readonly<Record<string, number>>, word: string): number | undefined {
  if (/^[0-9]+$/.test(word)) return Number(word);
  return Object.hasOwn(codes, word) ? codes[word] : undefined;
}
