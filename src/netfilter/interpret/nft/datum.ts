/**
 * What expressions of nft give and constants mean: numbers, addresses, names. Words such as
 * `established` are numbers of the type they stand beside.
 */
import { Addr } from "../../../addr/index.js";
import type { NftExpr, NftSetType } from "../../nft.js";
import { protocolNumber } from "../../protocol-names.js";
import { icmpNumbers } from "../../text/iptables/modules/icmp-names.js";
import { servicePort } from "../../text/iptables/modules/service-names.js";

/** One thing a packet has: a number, a name, an address. */
export type Datum = number | string | Addr;

/** A key that is equal for equal data and for no others. */
export function datumKey(datum: Datum): string {
  if (typeof datum === "number") return String(datum);
  return typeof datum === "string" ? `"${datum}` : datum.key();
}

/** Below 0, 0 or above 0; data of different kinds are never equal. */
export function compareData(a: Datum, b: Datum): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (a instanceof Addr && b instanceof Addr) return a.compare(b);
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  return Number.NaN;
}

/** Names of types, as nft's sets have them. */
export type TypeName = string;

const PAYLOAD_TYPES: ReadonlyMap<string, TypeName> = new Map([
  ["ip saddr", "ipv4_addr"],
  ["ip daddr", "ipv4_addr"],
  ["ip protocol", "inet_proto"],
  ["ip dscp", "dscp"],
  ["ip6 saddr", "ipv6_addr"],
  ["ip6 daddr", "ipv6_addr"],
  ["ip6 nexthdr", "inet_proto"],
  ["ip6 dscp", "dscp"],
  ["tcp flags", "tcp_flag"],
  ["icmp type", "icmp_type"],
  ["icmp code", "icmp_code"],
  ["icmpv6 type", "icmpv6_type"],
  ["icmpv6 code", "icmpv6_code"],
  ["ether saddr", "ether_addr"],
  ["ether daddr", "ether_addr"],
  ["ether type", "ether_type"],
]);

const META_TYPES: ReadonlyMap<string, TypeName> = new Map([
  ["mark", "mark"],
  ["l4proto", "inet_proto"],
  ["nfproto", "nf_proto"],
  ["protocol", "ether_type"],
  ["pkttype", "pkt_type"],
  ["iif", "iface_index"],
  ["oif", "iface_index"],
  ["iifname", "ifname"],
  ["oifname", "ifname"],
  ["ibrname", "ifname"],
  ["obrname", "ifname"],
]);

const CT_TYPES: ReadonlyMap<string, TypeName> = new Map([
  ["state", "ct_state"],
  ["status", "ct_status"],
  ["direction", "ct_dir"],
  ["mark", "mark"],
  ["protocol", "inet_proto"],
  ["l3proto", "nf_proto"],
  ["expiration", "time"],
  ["proto-src", "inet_service"],
  ["proto-dst", "inet_service"],
  ["ip saddr", "ipv4_addr"],
  ["ip daddr", "ipv4_addr"],
  ["ip6 saddr", "ipv6_addr"],
  ["ip6 daddr", "ipv6_addr"],
]);

/** The type of what an expression gives. */
export function typeOf(expr: NftExpr): TypeName {
  switch (expr.kind) {
    case "payload":
      if (expr.field === "sport" || expr.field === "dport") return "inet_service";
      return PAYLOAD_TYPES.get(`${expr.protocol} ${expr.field}`) ?? "integer";
    case "meta":
      return META_TYPES.get(expr.key) ?? "integer";
    case "ct":
      return CT_TYPES.get(expr.key) ?? "integer";
    case "fib":
      if (expr.result === "type") return "fib_addrtype";
      return expr.result === "oifname" ? "ifname" : "iface_index";
    case "binary":
      return typeOf(expr.left);
    default:
      return "integer";
  }
}

/** The types of the parts of an expression. */
export function typesOf(expr: NftExpr): readonly TypeName[] {
  return expr.kind === "concat" ? expr.parts.map(typeOf) : [typeOf(expr)];
}

/** The types of a set's keys or values. */
export function setTypes(type: NftSetType): readonly TypeName[] {
  return type.kind === "type" ? type.names : type.exprs.map(typeOf);
}

/** Types whose values are sets of flags. */
export function isFlags(type: TypeName): boolean {
  return type === "ct_state" || type === "ct_status" || type === "tcp_flag";
}

type Words = Readonly<Record<string, number>>;

/** Bits of connection states (include/uapi/linux/netfilter/nf_conntrack_common.h). */
export const CtStateBit: Words = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 };

/** Bits of a connection's status (`enum ip_conntrack_status`). */
export const CtStatusBit: Words = {
  expected: 1,
  "seen-reply": 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  "snat-done": 128,
  "dnat-done": 256,
  dying: 512,
};

const DSCP: Words = {
  cs0: 0,
  cs1: 8,
  cs2: 16,
  cs3: 24,
  cs4: 32,
  cs5: 40,
  cs6: 48,
  cs7: 56,
  df: 0,
  be: 0,
  lephb: 1,
  va: 44,
  ef: 46,
  af11: 10,
  af12: 12,
  af13: 14,
  af21: 18,
  af22: 20,
  af23: 22,
  af31: 26,
  af32: 28,
  af33: 30,
  af41: 34,
  af42: 36,
  af43: 38,
};

const WORDS: ReadonlyMap<TypeName, Words> = new Map<TypeName, Words>([
  ["ct_state", CtStateBit],
  ["ct_status", CtStatusBit],
  ["ct_dir", { original: 0, reply: 1 }],
  ["nf_proto", { ipv4: 2, ipv6: 10 }],
  ["ether_type", { ip: 0x0800, arp: 0x0806, ip6: 0x86dd, vlan: 0x8100, "8021q": 0x8100 }],
  ["pkt_type", { host: 0, unicast: 0, broadcast: 1, multicast: 2, other: 3 }],
  ["tcp_flag", { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 }],
  ["dscp", DSCP],
  [
    "icmp_code",
    {
      "net-unreachable": 0,
      "host-unreachable": 1,
      "prot-unreachable": 2,
      "port-unreachable": 3,
      "frag-needed": 4,
      "net-prohibited": 9,
      "host-prohibited": 10,
      "admin-prohibited": 13,
    },
  ],
  [
    "icmpv6_code",
    {
      "no-route": 0,
      "admin-prohibited": 1,
      "addr-unreachable": 3,
      "port-unreachable": 4,
      "policy-fail": 5,
      "reject-route": 6,
    },
  ],
]);

/** nft's own names of ICMPv6 types, beside those it shares with iptables. */
const ND_TYPES: Words = {
  "nd-router-solicit": 133,
  "nd-router-advert": 134,
  "nd-neighbor-solicit": 135,
  "nd-neighbor-advert": 136,
  "nd-redirect": 137,
  "mld-listener-query": 130,
  "mld-listener-report": 131,
  "mld-listener-done": 132,
  "mld2-listener-report": 143,
};

/** What a word means beside something of this type; undefined where it means nothing we know. */
export function wordDatum(word: string, type: TypeName): Datum | undefined {
  switch (type) {
    case "inet_proto":
      return protocolNumber(word);
    case "inet_service":
      return servicePort(word);
    case "icmp_type":
      return icmpNumbers(word, "ip4")?.type;
    case "icmpv6_type":
      return ND_TYPES[word] ?? icmpNumbers(word, "ip6")?.type;
    case "fib_addrtype":
      return word.toUpperCase();
    case "ether_addr":
      return word.toLowerCase();
    case "ifname":
    case "iface_index":
      return word;
    case "time":
      return parseTimeUs(word) / 1000;
    default: {
      const words = WORDS.get(type);
      return words !== undefined && Object.hasOwn(words, word) ? words[word] : undefined;
    }
  }
}

const UNITS_US: Readonly<Record<string, number>> = {
  w: 604_800_000_000,
  d: 86_400_000_000,
  h: 3_600_000_000,
  m: 60_000_000,
  s: 1_000_000,
  ms: 1_000,
};

/** `1d2h3m4s5ms` in microseconds; a bare number is seconds. */
export function parseTimeUs(text: string): number {
  if (/^[0-9]+$/.test(text)) return Number(text) * 1_000_000;
  let sum = 0;
  for (const found of text.matchAll(/([0-9]+)(ms|[wdhms])/g)) {
    sum += Number(found[1]) * (UNITS_US[found[2] as string] ?? 0);
  }
  return sum;
}
