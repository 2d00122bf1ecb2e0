/** Whether a packet meets one match of iptables. The plain ones are here; others have own files. */
import type { Addr } from "../../../addr/index.js";
import { unreachable } from "../../../base/index.js";
import { packetLength, type Segment } from "../../../wire/index.js";
import { protocolOf } from "../../conntrack/tuple.js";
import type {
  AddrBounds,
  IptablesMatch,
  IpvsMatch,
  MarkTest,
  MultiportMatch,
  PhysdevMatch,
  PortRange,
  PortsMatch,
  TcpMatch,
} from "../../iptables.js";
import { protocolName, protocolNumber } from "../../protocol-names.js";
import type { Ask } from "../ask.js";
import { isLaterFragment, matchesLink, portsOf } from "../packet-fields.js";
import { matchesAddrtype } from "./addrtype.js";
import { matchesConnbytes, matchesConntrack } from "./conntrack-match.js";
import { matchesLimit, matchesRecent, matchesStatistic } from "./memory-match.js";
import { unmodelledMatch } from "./unmodelled.js";

/**
 * Whether the packet of a question meets a match. What is not modelled is noted in the question.
 *
 * Follows: iptables-extensions(8); Linux 6.18 net/netfilter/xt_*.c, net/ipv4/netfilter/ip_tables.c.
 */
export function meets(ask: Ask, match: IptablesMatch): boolean {
  switch (match.kind) {
    case "conntrack":
      return matchesConntrack(ask, match);
    case "state":
      return matchesConntrack(ask, { kind: "conntrack", ctstate: match });
    case "mark":
      return hasMark(match, ask.skb.mark);
    case "connmark": {
      const { ct } = ask.skb;
      return ct !== undefined && hasMark(match, ct.mark);
    }
    case "connbytes":
      return matchesConnbytes(ask.skb.ct, match);
    case "addrtype":
      return matchesAddrtype(ask, match);
    case "set":
      return matchesSet(ask, match);
    case "physdev":
      return matchesPhysdev(ask, match);
    case "statistic":
      return matchesStatistic(ask, match);
    case "recent":
      return matchesRecent(ask, match);
    case "limit":
      return matchesLimit(ask, match);
    case "rpfilter": {
      const { loose, validmark, acceptLocal, invert } = match;
      const { questions } = ask.runtime.options;
      const passes = questions.reversePath(ask.skb, { loose, mark: validmark, acceptLocal });
      return passes !== invert;
    }
    case "ipvs":
      return matchesIpvs(ask, match);
    case "owner":
      return matchesOwner(ask, match);
    case "comment":
    case "nfacct":
      return true;
    case "unknown":
      ask.unmodelled ??= unmodelledMatch(match);
      return false;
    default:
      return meetsHeader(ask, match);
  }
}

type Elsewhere =
  | "conntrack"
  | "state"
  | "mark"
  | "connmark"
  | "connbytes"
  | "addrtype"
  | "set"
  | "physdev"
  | "statistic"
  | "recent"
  | "limit"
  | "rpfilter"
  | "ipvs"
  | "owner"
  | "comment"
  | "nfacct"
  | "unknown";

/** The result, turned round where the option was negated. */
export function inverted(option: { readonly not?: boolean }, result: boolean): boolean {
  return result !== (option.not === true);
}

function meetsHeader(ask: Ask, match: Exclude<IptablesMatch, { kind: Elsewhere }>): boolean {
  const { packet, pktType, macSrc } = ask.skb;
  switch (match.kind) {
    case "protocol":
      return inverted(match, protocolOf(packet) === protocolNumber(match.protocol));
    case "source":
      return inverted(match, match.prefix.contains(packet.src));
    case "destination":
      return inverted(match, match.prefix.contains(packet.dst));
    case "in-interface":
      return inverted(match, matchesLink(match.link, ask.iif, "+"));
    case "out-interface":
      return inverted(match, matchesLink(match.link, ask.oif, "+"));
    case "fragment":
      return inverted(match, isLaterFragment(packet));
    case "tcp":
      return matchesTcp(ask, match);
    case "udp":
    case "sctp":
      return matchesPorts(ask, match);
    case "icmp": {
      const { payload } = packet;
      if (payload.kind !== "icmp" || isLaterFragment(packet)) return false;
      const hasCode = match.code === undefined || inRange(match.code, payload.code);
      return inverted(match, match.type === 255 || (match.type === payload.type && hasCode));
    }
    case "multiport":
      return matchesMultiport(ask, match);
    case "iprange": {
      const { src, dst } = match;
      if (src !== undefined && !inverted(src, isBetween(src.range, packet.src))) return false;
      return dst === undefined || inverted(dst, isBetween(dst.range, packet.dst));
    }
    case "mac":
      return macSrc !== undefined && inverted(match, macSrc.toString() === match.source);
    case "pkttype": {
      const type = pktType === "host" ? "unicast" : pktType === "loopback" ? "broadcast" : pktType;
      return inverted(match, type === match.type);
    }
    case "length":
      return inverted(match, inRange(match.range, packetLength(packet)));
    case "ttl":
      return compareTtl(packet.ttl, match.compare, match.value);
    case "dscp":
      return inverted(match, packet.tos >> 2 === match.value);
    case "tos":
      return inverted(match, (packet.tos & (match.mask ?? 255)) === match.value);
    default:
      return unreachable(match);
  }
}

function hasMark(match: MarkTest & { readonly not?: boolean }, mark: number): boolean {
  return inverted(match, ((mark & match.mask) ^ match.value) === 0);
}

function isBetween({ first, last }: AddrBounds, addr: Addr): boolean {
  return first.compare(addr) <= 0 && addr.compare(last) <= 0;
}

function inRange(range: PortRange, value: number): boolean {
  return range.first <= value && value <= range.last;
}

function compareTtl(ttl: number, compare: "eq" | "ne" | "lt" | "gt", value: number): boolean {
  if (compare === "lt") return ttl < value;
  if (compare === "gt") return ttl > value;
  return (ttl === value) === (compare === "eq");
}

function meetsPort(test: (PortRange & { readonly not?: boolean }) | undefined, port: number) {
  return test === undefined || inverted(test, inRange(test, port));
}

function matchesTcp(ask: Ask, match: TcpMatch): boolean {
  const { packet } = ask.skb;
  const segment = packet.payload;
  if (segment.kind !== "tcp" || isLaterFragment(packet)) return false;
  if (!meetsPort(match.sport, segment.sport) || !meetsPort(match.dport, segment.dport))
    return false;
  const { flags, option } = match;
  if (flags !== undefined && !inverted(flags, (segment.flags & flags.mask) === flags.set))
    return false;
  return option === undefined || inverted(option, hasOption(segment, option.number));
}

/** Whether a segment has an option (IANA's numbers); others than these are never sent here. */
function hasOption(segment: Segment, number: number): boolean {
  switch (number) {
    case 2:
      return segment.mss !== undefined;
    case 3:
      return segment.windowScale !== undefined;
    case 4:
      return segment.sackPermitted === true;
    case 8:
      return segment.timestamps !== undefined;
    default:
      return false;
  }
}

function matchesPorts(ask: Ask, match: PortsMatch): boolean {
  const { packet } = ask.skb;
  const { payload } = packet;
  if (payload.kind !== match.kind || isLaterFragment(packet)) return false;
  ask.unmodelled ??= unmodelledMatch(match);
  return meetsPort(match.sport, payload.sport) && meetsPort(match.dport, payload.dport);
}

function matchesMultiport(ask: Ask, match: MultiportMatch): boolean {
  const ports = portsOf(ask.skb.packet);
  if (ports === undefined) return false;
  const holds = (port: number) => match.ranges.some((range) => inRange(range, port));
  const { which } = match;
  const source = which !== "dports" && holds(ports.sport);
  return inverted(match, source || (which !== "sports" && holds(ports.dport)));
}

function matchesSet(ask: Ask, match: IptablesMatch & { readonly kind: "set" }): boolean {
  const answer = ask.runtime.sets.test(match.name, match.directions, ask);
  if (typeof answer === "object") {
    ask.unmodelled ??= answer.unknown;
    return false;
  }
  return inverted(match, answer === "in");
}

/** Follows: Linux 6.18 net/netfilter/xt_physdev.c `physdev_mt`. */
function matchesPhysdev(ask: Ask, match: PhysdevMatch): boolean {
  const { physIn, physOut } = ask.skb;
  const { isBridged, isIn, isOut } = match;
  // Only in the forward and postrouting hooks does a bridge know the port the frame leaves by.
  if (isBridged !== undefined && !inverted(isBridged, physOut !== undefined)) return false;
  if (isIn !== undefined && !inverted(isIn, physIn !== undefined)) return false;
  if (isOut !== undefined && !inverted(isOut, physOut !== undefined)) return false;
  if (match.in !== undefined && !inverted(match.in, matchesLink(match.in.link, physIn, "+"))) {
    return false;
  }
  return match.out === undefined || inverted(match.out, matchesLink(match.out.link, physOut, "+"));
}

/** Follows: Linux 6.1 net/netfilter/xt_ipvs.c `ipvs_mt`. */
function matchesIpvs(ask: Ask, match: IpvsMatch): boolean {
  const { skb } = ask;
  const { vproto, vaddr, vport, vdir, vmethod } = match;
  const asksMore = [vproto, vaddr, vport, vdir, vmethod].some((option) => option !== undefined);
  if (!asksMore) return match.ipvs === undefined || inverted(match.ipvs, skb.ipvs);
  if (!skb.ipvs) return false;
  const protocol = protocolName(protocolOf(skb.packet));
  if (vproto !== undefined && !inverted(vproto, vproto.protocol === protocol)) return false;
  const facts = ask.runtime.options.questions.ipvsConnection?.(skb);
  if (facts === undefined) return false;
  const { virtual, virtualPort, method } = facts;
  if (vport !== undefined && !inverted(vport, vport.port === virtualPort)) return false;
  if (vdir !== undefined) {
    if (skb.ct === undefined) return false;
    if ((skb.ctDirection === "reply") !== (vdir === "REPLY")) return false;
  }
  if (vmethod !== undefined && !inverted(vmethod, vmethod.method === method)) return false;
  return vaddr === undefined || inverted(vaddr, vaddr.prefix.contains(virtual));
}

/** Packets that no socket of this namespace sent have no owner. */
function matchesOwner(ask: Ask, match: IptablesMatch & { readonly kind: "owner" }): boolean {
  const isLocal = ask.skb.iif === undefined;
  if (!isLocal) return inverted(match, false);
  ask.unmodelled ??= unmodelledMatch(match);
  return inverted(match, true);
}
