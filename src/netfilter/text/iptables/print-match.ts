/** The words of one match. Each begins with a blank, as iptables builds its lines. */
import type { Family } from "../../../addr/index.js";
import { unreachable } from "../../../base/index.js";
import type {
  AddrtypeMatch,
  ConntrackMatch,
  IprangeMatch,
  IptablesMatch,
  IpvsMatch,
  MarkTest,
  MultiportMatch,
  PhysdevMatch,
  PortRange,
  PortsMatch,
  RecentMatch,
  StatisticMatch,
  TcpMatch,
} from "../../iptables.js";
import { protocolNumber } from "../../protocol-names.js";
import { ADDR_TYPES } from "./modules/packet-modules.js";
import { printTcpFlags } from "./modules/tcp-flags.js";
import { quoteForSave, quoteIfNeeded } from "./words.js";

/** `! ` before an option that is negated. */
export function bang(value: { readonly not?: boolean } | undefined): string {
  return value?.not === true ? " !" : "";
}

/** `0x4000/0x4000`, or `0x5` where all bits count. */
function printMarkTest({ value, mask }: MarkTest): string {
  return mask === 0xffffffff ? printHex(value) : `${printHex(value)}/${printHex(mask)}`;
}

/** `80`, `80:90`. */
export function printPortRange({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}:${last}`;
}

/** `-m` and the module's name; nothing for the options iptables knows without a module. */
export function printModule(match: IptablesMatch, family: Family): string {
  switch (match.kind) {
    case "protocol":
    case "source":
    case "destination":
    case "in-interface":
    case "out-interface":
    case "fragment":
      return "";
    case "icmp":
      return family === "ip4" ? " -m icmp" : " -m icmp6";
    case "ttl":
      return family === "ip4" ? " -m ttl" : " -m hl";
    case "unknown":
      return match.words[0]?.match(/^(!|-[sd])$/) ? "" : ` -m ${match.module}`;
    default:
      return ` -m ${match.kind}`;
  }
}

/** `0x4000`. */
export function printHex(bits: number): string {
  return `0x${bits.toString(16)}`;
}

/** The options of a match, without its `-m`. */
export function printMatchOptions(match: IptablesMatch, family: Family): string {
  switch (match.kind) {
    case "protocol":
      return `${bang(match)} -p ${match.protocol}`;
    case "source":
    case "destination": {
      const { prefix } = match;
      return `${bang(match)} ${match.kind === "source" ? "-s" : "-d"} ${prefix}`;
    }
    case "in-interface":
      return `${bang(match)} -i ${match.link}`;
    case "out-interface":
      return `${bang(match)} -o ${match.link}`;
    case "fragment":
      return `${bang(match)} -f`;
    case "tcp":
      return printTcp(match);
    case "udp":
    case "sctp":
      return printPorts(match);
    case "icmp":
      return printIcmp(match, family);
    case "multiport":
      return printMultiport(match);
    case "conntrack":
      return printConntrack(match);
    case "state":
      return `${bang(match)} --state ${match.states.join(",")}`;
    case "mark":
    case "connmark":
      return `${bang(match)} --mark ${printMarkTest(match)}`;
    case "comment":
      return ` --comment ${quoteForSave(match.comment)}`;
    case "addrtype":
      return printAddrtype(match);
    case "set":
      return `${bang(match)} --match-set ${match.name} ${match.directions.join(",")}`;
    case "physdev":
      return printPhysdev(match);
    case "statistic":
      return printStatistic(match);
    case "recent":
      return printRecent(match, family);
    case "iprange":
      return printIprange(match);
    default:
      return printSimple(match, family);
  }
}

type Printed =
  | "protocol"
  | "source"
  | "destination"
  | "in-interface"
  | "out-interface"
  | "fragment"
  | "tcp"
  | "udp"
  | "sctp"
  | "icmp"
  | "multiport"
  | "conntrack"
  | "state"
  | "mark"
  | "connmark"
  | "comment"
  | "addrtype"
  | "set"
  | "physdev"
  | "statistic"
  | "recent"
  | "iprange";

function printSimple(match: Exclude<IptablesMatch, { kind: Printed }>, family: Family): string {
  switch (match.kind) {
    case "limit": {
      const burst = match.burst === 5 ? "" : ` --limit-burst ${match.burst}`;
      return ` --limit ${match.average}${burst}`;
    }
    case "mac":
      return `${bang(match)} --mac-source ${match.source}`;
    case "pkttype":
      return `${bang(match)} --pkt-type ${match.type}`;
    case "length":
      return `${bang(match)} --length ${printPortRange(match.range)}`;
    case "ttl": {
      const name = family === "ip4" ? "ttl" : "hl";
      const not = match.compare === "ne" ? " !" : "";
      return `${not} --${name}-${match.compare === "ne" ? "eq" : match.compare} ${match.value}`;
    }
    case "dscp":
      return `${bang(match)} --dscp ${printByte(match.value)}`;
    case "tos":
      return `${bang(match)} --tos ${printByte(match.value)}/${printByte(match.mask ?? 255)}`;
    case "connbytes": {
      const range = match.last === undefined ? match.first : `${match.first}:${match.last}`;
      return `${bang(match)} --connbytes ${range} --connbytes-mode ${match.mode} --connbytes-dir ${match.direction}`;
    }
    case "nfacct":
      return ` --nfacct-name ${quoteForSave(match.name)}`;
    case "rpfilter":
      return `${match.loose ? " --loose" : ""}${match.validmark ? " --validmark" : ""}${
        match.acceptLocal ? " --accept-local" : ""
      }${match.invert ? " --invert" : ""}`;
    case "ipvs":
      return printIpvs(match);
    case "owner":
      return `${match.socketExists ? `${bang(match)} --socket-exists` : ""}${
        match.uid === undefined ? "" : `${bang(match)} --uid-owner ${match.uid}`
      }${match.gid === undefined ? "" : `${bang(match)} --gid-owner ${match.gid}`}`;
    case "unknown":
      return match.words.map((word) => ` ${quoteIfNeeded(word)}`).join("");
    default:
      return unreachable(match);
  }
}

/** `0x0a`: a byte as iptables prints it. */
export function printByte(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

function printPorts(match: PortsMatch): string {
  const sport = match.sport && `${bang(match.sport)} --sport ${printPortRange(match.sport)}`;
  const dport = match.dport && `${bang(match.dport)} --dport ${printPortRange(match.dport)}`;
  const chunks =
    match.chunkTypes && `${bang(match.chunkTypes)} --chunk-types ${match.chunkTypes.words}`;
  return `${sport ?? ""}${dport ?? ""}${chunks ?? ""}`;
}

function printTcp(match: TcpMatch): string {
  const sport = match.sport && `${bang(match.sport)} --sport ${printPortRange(match.sport)}`;
  const dport = match.dport && `${bang(match.dport)} --dport ${printPortRange(match.dport)}`;
  const option = match.option && `${bang(match.option)} --tcp-option ${match.option.number}`;
  const { flags } = match;
  const set = flags && printTcpFlags(flags.set);
  const shown = flags && `${bang(flags)} --tcp-flags ${printTcpFlags(flags.mask)} ${set}`;
  return `${sport ?? ""}${dport ?? ""}${option ?? ""}${shown ?? ""}`;
}

function printIcmp(match: IptablesMatch & { kind: "icmp" }, family: Family): string {
  const option = family === "ip4" ? "--icmp-type" : "--icmpv6-type";
  const code = match.code === undefined ? "" : `/${match.code.first}`;
  const type = family === "ip4" && match.type === 255 ? "any" : `${match.type}${code}`;
  return `${bang(match)} ${option} ${type}`;
}

function printMultiport(match: MultiportMatch): string {
  return `${bang(match)} --${match.which} ${match.ranges.map(printPortRange).join(",")}`;
}

const STATES = ["INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT"];
const STATUSES = ["NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"];

/** Words in iptables' own order. */
function printWords(words: readonly string[], order: readonly string[]): string {
  return order.filter((word) => words.includes(word)).join(",");
}

function printConntrack(match: ConntrackMatch): string {
  const { ctstate, ctproto, ctstatus } = match;
  const state = ctstate && `${bang(ctstate)} --ctstate ${printWords(ctstate.states, STATES)}`;
  const number = ctproto && protocolNumber(ctproto.protocol);
  const proto = ctproto && `${bang(ctproto)} --ctproto ${number}`;
  const status =
    ctstatus && `${bang(ctstatus)} --ctstatus ${printWords(ctstatus.statuses, STATUSES)}`;
  const addrs = (["ctorigsrc", "ctorigdst", "ctreplsrc", "ctrepldst"] as const).map((field) => {
    const test = match[field];
    return test && `${bang(test)} --${field} ${printHostOrPrefix(test.prefix)}`;
  });
  const ports = (["ctorigsrcport", "ctorigdstport", "ctreplsrcport", "ctrepldstport"] as const).map(
    (field) => match[field] && `${bang(match[field])} --${field} ${printPortRange(match[field])}`,
  );
  const direction = match.ctdir && ` --ctdir ${match.ctdir}`;
  return [state, proto, ...addrs, ...ports, status, direction].filter((p) => p).join("");
}

function printHostOrPrefix(prefix: { readonly bits: number; toString(): string }): string {
  const text = prefix.toString();
  return text.replace(/^([0-9.]+)\/32$|^([0-9a-f:.]+)\/128$/, "$1$2");
}

function printAddrtype(match: AddrtypeMatch): string {
  const { srcType, dstType } = match;
  const src = srcType && `${bang(srcType)} --src-type ${printWords(srcType.types, ADDR_TYPES)}`;
  const dst = dstType && `${bang(dstType)} --dst-type ${printWords(dstType.types, ADDR_TYPES)}`;
  const limits = `${match.limitIn ? " --limit-iface-in" : ""}${match.limitOut ? " --limit-iface-out" : ""}`;
  return `${src ?? ""}${dst ?? ""}${limits}`;
}

function printPhysdev(match: PhysdevMatch): string {
  const isIn = match.isIn && `${bang(match.isIn)} --physdev-is-in`;
  const link = match.in && `${bang(match.in)} --physdev-in ${match.in.link}`;
  const isOut = match.isOut && `${bang(match.isOut)} --physdev-is-out`;
  const out = match.out && `${bang(match.out)} --physdev-out ${match.out.link}`;
  const bridged = match.isBridged && `${bang(match.isBridged)} --physdev-is-bridged`;
  return [isIn, link, isOut, out, bridged].filter((p) => p).join("");
}

function printStatistic(match: StatisticMatch): string {
  if (match.mode === "nth") {
    return ` --mode nth${bang(match)} --every ${match.every} --packet ${match.packet}`;
  }
  const text = (probabilityBits(match.probability) / 2 ** 31).toFixed(11);
  return ` --mode random${bang(match)} --probability ${text}`;
}

/** A probability as the kernel holds it: so many of 2^31 (extensions/libxt_statistic.c). */
export function probabilityBits(probability: string): number {
  // lround: halves away from zero, which for positive numbers is what Math.round does.
  return Math.round(Number(probability) * 2 ** 31);
}

function printRecent(match: RecentMatch, family: Family): string {
  const seconds = match.seconds === undefined ? "" : ` --seconds ${match.seconds}`;
  const reap = match.reap ? " --reap" : "";
  const hitcount = match.hitcount === undefined ? "" : ` --hitcount ${match.hitcount}`;
  const rttl = match.rttl ? " --rttl" : "";
  const limits = `${seconds}${reap}${hitcount}${rttl}`;
  const action = `${bang(match)} --${match.action}`;
  const all = family === "ip4" ? "255.255.255.255" : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  return `${action}${limits} --name ${match.name} --mask ${match.mask ?? all} --${match.side}`;
}

function printIprange({ src, dst }: IprangeMatch): string {
  const from = src && `${bang(src)} --src-range ${src.range.first}-${src.range.last}`;
  const to = dst && `${bang(dst)} --dst-range ${dst.range.first}-${dst.range.last}`;
  return `${from ?? ""}${to ?? ""}`;
}

function printIpvs(match: IpvsMatch): string {
  const { ipvs, vproto, vaddr, vport, vmethod } = match;
  const is = ipvs && `${bang(ipvs)} --ipvs`;
  const number = vproto && protocolNumber(vproto.protocol);
  const protocol = vproto && `${bang(vproto)} --vproto ${number}`;
  const addr = vaddr && `${bang(vaddr)} --vaddr ${printHostOrPrefix(vaddr.prefix)}`;
  const port = vport && `${bang(vport)} --vport ${vport.port}`;
  const direction = match.vdir && ` --vdir ${match.vdir}`;
  const method = vmethod && `${bang(vmethod)} --vmethod ${vmethod.method}`;
  return [is, protocol, addr, port, direction, method].filter((p) => p).join("");
}
