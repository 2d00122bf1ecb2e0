/**
 * What an expression of nft gives for a packet: its data, or nothing, and then the rule does not
 * match (`NFT_BREAK`).
 */
import type { Packet } from "../../../wire/index.js";
import { packetLength } from "../../../wire/index.js";
import { protocolOf } from "../../conntrack/tuple.js";
import type { Hook } from "../../hook.js";
import type { NftExpr } from "../../nft.js";
import type { Ask } from "../ask.js";
import { isLaterFragment } from "../packet-fields.js";
import { type Datum, typeOf } from "./datum.js";
import { evalCt } from "./eval-ct.js";
import { evalJhash } from "./jhash.js";
import type { SetIndex } from "./set-index.js";
import { datumOf, isAddr } from "./value-test.js";

/** Finds the sets of a table, named and anonymous. */
export interface SetSource {
  /** The set a map expression or a comparison asks. */
  setOf(value: object, expr: NftExpr): SetIndex | undefined;
}

/**
 * The data of an expression; undefined where the packet has none. What is not modelled is noted in
 * the question.
 *
 * Follows: nft(8); Linux 6.18 net/netfilter/nft_payload.c, nft_meta.c, nft_ct.c, nft_fib.c,
 * nft_numgen.c, nft_hash.c, nft_bitwise.c.
 */
export function evalExpr(ask: Ask, expr: NftExpr, sets: SetSource): readonly Datum[] | undefined {
  if (expr.kind === "concat") {
    const data: Datum[] = [];
    for (const part of expr.parts) {
      const datum = evalExpr(ask, part, sets)?.[0];
      if (datum === undefined) return undefined;
      data.push(datum);
    }
    return data;
  }
  if (expr.kind === "map") return evalMap(ask, expr, sets);
  const datum = evalOne(ask, expr, sets);
  return datum === undefined ? undefined : [datum];
}

function evalMap(
  ask: Ask,
  expr: NftExpr & { readonly kind: "map" },
  sets: SetSource,
): readonly Datum[] | undefined {
  const set = sets.setOf(expr.map, expr.expr);
  if (set === undefined || set.unmodelled !== undefined) {
    ask.unmodelled ??= set?.unmodelled ?? "a map that is missing";
    return undefined;
  }
  const keys = evalExpr(ask, expr.expr, sets);
  const data = keys === undefined ? undefined : set.find(keys)?.data;
  if (data === undefined) return undefined;
  const parts = data.kind === "concat" ? data.parts : [data];
  const found = parts.map((part, at) => datumOf(part, set.dataTypes[at] ?? "integer"));
  if (found.every((datum) => datum !== undefined)) return found;
  ask.unmodelled ??= "a map to ranges";
  return undefined;
}

function evalOne(ask: Ask, expr: NftExpr, sets: SetSource): Datum | undefined {
  switch (expr.kind) {
    case "payload":
      return evalPayload(ask, expr);
    case "meta":
      return evalMeta(ask, expr.key);
    case "ct":
      return evalCt(ask, expr);
    case "fib":
      return evalFib(ask, expr);
    case "numgen": {
      const { options, memory } = ask.runtime;
      const drawn =
        expr.mode === "random"
          ? scale(options.random("numgen").nextU32(), expr.mod)
          : memory.count(expr) % expr.mod;
      return drawn + (expr.offset ?? 0);
    }
    case "jhash": {
      const data = expr.expr === undefined ? undefined : evalExpr(ask, expr.expr, sets);
      if (data === undefined || expr.expr === undefined) return undefined;
      const hash = evalJhash(data, expr.expr, expr.seed);
      if (hash === undefined) return note(ask, "jhash of this expression");
      return scale(hash, expr.mod) + (expr.offset ?? 0);
    }
    case "symhash":
      return note(ask, "symhash");
    case "binary":
      return evalBinary(ask, expr, sets);
    case "value":
      return datumOf(expr.value, "integer");
    case "rt":
      return expr.key === "mtu" ? segmentSize(ask) : note(ask, `rt ${expr.key}`);
    default:
      return note(ask, expr.kind);
  }
}

function note(ask: Ask, feature: string): undefined {
  ask.unmodelled ??= feature;
  return undefined;
}

/** A random number brought into 0 to `count` - 1 (`reciprocal_scale`). */
function scale(random: number, count: number): number {
  return Number((BigInt(random) * BigInt(count)) >> 32n);
}

/** The segment size that fits the route's MTU (nft_rt.c `get_tcpmss`). */
function segmentSize(ask: Ask): number {
  const { skb, runtime } = ask;
  return runtime.options.questions.pathMtu(skb) - (skb.packet.family === "ip4" ? 40 : 60);
}

function evalBinary(
  ask: Ask,
  expr: NftExpr & { readonly kind: "binary" },
  sets: SetSource,
): Datum | undefined {
  const left = evalOne(ask, expr.left, sets);
  const right =
    expr.right.kind === "value"
      ? datumOf(expr.right.value, typeOf(expr.left))
      : evalOne(ask, expr.right, sets);
  if (left === undefined) return undefined;
  if (isAddr(left) || isAddr(right)) return note(ask, "bits of an address");
  if (typeof left !== "number" || typeof right !== "number") return note(ask, "bits of a name");
  switch (expr.op) {
    case "&":
      return (left & right) >>> 0;
    case "|":
      return (left | right) >>> 0;
    case "^":
      return (left ^ right) >>> 0;
    case "<<":
      return (left << right) >>> 0;
    case ">>":
      return left >>> right;
  }
}

function evalPayload(
  ask: Ask,
  { protocol, field }: NftExpr & { readonly kind: "payload" },
): Datum | undefined {
  const { packet, macSrc, macDst } = ask.skb;
  switch (protocol) {
    case "ip":
      return packet.family === "ip4" ? ipField(ask, packet, field) : undefined;
    case "ip6":
      return packet.family === "ip6" ? ipField(ask, packet, field) : undefined;
    case "tcp":
    case "udp":
    case "sctp":
      return packet.payload.kind === protocol ? transportField(ask, packet, field) : undefined;
    case "th":
    case "@th":
      return transportField(ask, packet, field);
    case "icmp":
    case "icmpv6":
      return icmpField(ask, packet, protocol, field);
    case "ether": {
      if (field === "type") return packet.family === "ip4" ? 0x0800 : 0x86dd;
      const mac = field === "saddr" ? macSrc : macDst;
      return mac?.toString();
    }
    case "tcp option maxseg":
      return packet.payload.kind === "tcp" ? packet.payload.mss : undefined;
    default:
      return note(ask, `${protocol} ${field}`);
  }
}

function ipField(ask: Ask, packet: Packet, field: string): Datum | undefined {
  switch (field) {
    case "saddr":
      return packet.src;
    case "daddr":
      return packet.dst;
    case "protocol":
    case "nexthdr":
      return protocolOf(packet);
    case "ttl":
    case "hoplimit":
      return packet.ttl;
    case "dscp":
      return packet.tos >> 2;
    case "ecn":
      return packet.tos & 3;
    case "id":
      return packet.id;
    case "version":
      return packet.family === "ip4" ? 4 : 6;
    case "hdrlength":
      return 5;
    case "length":
      return packetLength(packet) - (packet.family === "ip4" ? 0 : 40);
    case "frag-off": {
      const { fragment, df } = packet;
      const flags = (df ? 0x4000 : 0) | (fragment?.more ? 0x2000 : 0);
      return flags | ((fragment?.offsetBytes ?? 0) >> 3);
    }
    default:
      return note(ask, `ip ${field}`);
  }
}

function transportField(ask: Ask, packet: Packet, field: string): Datum | undefined {
  if (isLaterFragment(packet)) return undefined;
  const { payload } = packet;
  const hasPorts = payload.kind === "tcp" || payload.kind === "udp" || payload.kind === "sctp";
  if (!hasPorts) {
    // The bytes where ports would be are something else; no test of a port is meant for them.
    return payload.kind === "icmp" ? (payload.type << 8) | payload.code : undefined;
  }
  switch (field) {
    case "sport":
    case "0,16":
      return payload.sport;
    case "dport":
    case "16,16":
      return payload.dport;
    case "0,32":
      return ((payload.sport << 16) | payload.dport) >>> 0;
    case "flags":
      return payload.kind === "tcp" ? payload.flags : undefined;
    case "sequence":
      return payload.kind === "tcp" ? payload.seq : undefined;
    case "ackseq":
      return payload.kind === "tcp" ? payload.ack : undefined;
    case "window":
      return payload.kind === "tcp" ? payload.window : undefined;
    case "length":
      return packetLength(packet) - (packet.family === "ip4" ? 20 : 40);
    default:
      return note(ask, `${payload.kind} ${field}`);
  }
}

function icmpField(
  ask: Ask,
  packet: Packet,
  protocol: "icmp" | "icmpv6",
  field: string,
): Datum | undefined {
  const { payload, family } = packet;
  if (payload.kind !== "icmp" || isLaterFragment(packet)) return undefined;
  if ((family === "ip4") !== (protocol === "icmp")) return undefined;
  switch (field) {
    case "type":
      return payload.type;
    case "code":
      return payload.code;
    case "id":
      return payload.id;
    case "sequence":
      return payload.seq;
    case "mtu":
    case "packet-too-big":
      return payload.mtu;
    default:
      return note(ask, `${protocol} ${field}`);
  }
}

const PKT_TYPES = { host: 0, broadcast: 1, multicast: 2, otherhost: 3, loopback: 1 } as const;

function evalMeta(ask: Ask, key: string): Datum | undefined {
  const { skb, iif, oif } = ask;
  const { packet } = skb;
  switch (key) {
    case "mark":
      return skb.mark;
    case "l4proto":
      return protocolOf(packet);
    case "nfproto":
      return packet.family === "ip4" ? 2 : 10;
    case "protocol":
      return packet.family === "ip4" ? 0x0800 : 0x86dd;
    case "iifname":
      return iif ?? "";
    case "oifname":
      return oif ?? "";
    case "iif":
      return iif;
    case "oif":
      return oif;
    case "pkttype":
      return PKT_TYPES[skb.pktType];
    case "length":
      return packetLength(packet);
    default:
      return note(ask, `meta ${key}`);
  }
}

/**
 * No route and no link are told by an empty name. What came in by the loopback link is not looked up.
 *
 * Follows: Linux 6.18 include/net/netfilter/nft_fib.h `nft_fib_can_skip`.
 */
function evalFib(ask: Ask, { inputs, result }: NftExpr & { readonly kind: "fib" }): Datum {
  const { skb, runtime } = ask;
  const { questions } = runtime.options;
  const addr = inputs.includes("saddr") ? skb.packet.src : skb.packet.dst;
  const usesIn = inputs.includes("iif");
  if (result === "type") {
    const link = usesIn ? ask.iif : inputs.includes("oif") ? ask.oif : undefined;
    return questions.addrType(addr, link);
  }
  if (ask.iif !== undefined && SKIPPED.has(ask.hook) && isLoopback(ask, ask.iif)) return ask.iif;
  const use = { iif: usesIn, mark: inputs.includes("mark"), saddr: inputs.includes("saddr") };
  return questions.fibLink(skb, addr, use) ?? "";
}

const SKIPPED: ReadonlySet<Hook> = new Set(["ingress", "prerouting", "input"]);

function isLoopback({ runtime }: Ask, link: string): boolean {
  return runtime.options.questions.linkKind(link) === "loopback";
}
