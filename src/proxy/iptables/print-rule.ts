/**
 * Prints rules the way kube-proxy writes its arguments, which is not the way `iptables-save` prints
 * them: comments first, then the protocol with addresses and ports among its options.
 */
import { unreachable } from "../../base/index.js";
import type {
  AddrMatch,
  AddrtypeMatch,
  IptablesMatch,
  IptablesRule,
  IptablesTarget,
  RecentMatch,
} from "../../netfilter/index.js";
import type { MarkPrinter } from "../mark.js";

/**
 * Prints one rule as a line of restore input, without its end of line.
 *
 * Shape: made for the rules kube-proxy writes. Other rules have one text too, but nobody to compare it with.
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`.
 */
export function printProxyRule(chain: string, rule: IptablesRule, mark: MarkPrinter): string {
  let line = `-A ${chain}`;
  const { matches, target } = rule;
  const count = matches.length;
  let first = 0;
  while (first < count && isHeader(matches[first] as IptablesMatch)) first++;
  const owner = matches.some(({ kind }) => kind === "tcp" || kind === "udp" || kind === "sctp");
  if (!owner) line += printProtocol(matches, first);
  let pending = first > 0;
  for (let i = first; i < count; i++) {
    const match = matches[i] as IptablesMatch;
    if (match.kind === "tcp" || match.kind === "udp" || match.kind === "sctp") {
      line += printPorts(match, matches, first);
      pending = false;
      continue;
    }
    if (pending && !owner && !isBeforeHeader(match)) {
      pending = false;
      line += printHeader(matches, first);
    }
    line += printModule(match, mark);
  }
  if (pending) line += printHeader(matches, first);
  return target === undefined ? line : line + printTarget(target, mark);
}

function isHeader({ kind }: IptablesMatch): boolean {
  return (
    kind === "source" || kind === "destination" || kind === "in-interface" || kind === "protocol"
  );
}

/** Modules that are written before addresses and interfaces. */
function isBeforeHeader({ kind }: IptablesMatch): boolean {
  return kind === "comment" || kind === "addrtype" || kind === "set";
}

/** A protocol without a module of its own is written first. */
function printProtocol(matches: readonly IptablesMatch[], first: number): string {
  for (let i = 0; i < first; i++) {
    const header = matches[i] as IptablesMatch;
    if (header.kind === "protocol") return ` -p ${header.protocol}`;
  }
  return "";
}

/** `-m tcp -p tcp -d ADDR --dport PORT`, then the source or the interface. */
function printPorts(
  match: Extract<IptablesMatch, { kind: "tcp" | "udp" | "sctp" }>,
  matches: readonly IptablesMatch[],
  first: number,
): string {
  let line = ` -m ${match.kind} -p ${match.kind}`;
  let rest = "";
  for (let i = 0; i < first; i++) {
    const header = matches[i] as IptablesMatch;
    if (header.kind === "destination") line += printAddr(" -d ", header);
    else rest += printMatch(header);
  }
  if (match.dport !== undefined) line += ` --dport ${match.dport.first}`;
  return line + rest;
}

/** Destination first, then source and interface. */
function printHeader(matches: readonly IptablesMatch[], first: number): string {
  let line = "";
  let rest = "";
  for (let i = 0; i < first; i++) {
    const header = matches[i] as IptablesMatch;
    if (header.kind === "destination") line += printAddr(" -d ", header);
    else rest += printMatch(header);
  }
  return line + rest;
}

/** Prints a source or an interface, with a blank before it. */
export function printMatch(match: IptablesMatch): string {
  if (match.kind === "source") return printAddr(" -s ", match);
  if (match.kind === "in-interface") return `${match.not ? " !" : ""} -i ${match.link}`;
  return "";
}

function printAddr(option: string, { not, prefix, spelling }: AddrMatch): string {
  const bare = prefix.isSingle() && spelling === undefined;
  const text = bare ? prefix.addr.toString() : prefix.toString();
  return not ? ` !${option}${text}` : option + text;
}

function printModule(match: IptablesMatch, mark: MarkPrinter): string {
  switch (match.kind) {
    case "comment":
      return ` -m comment --comment ${quote(match.comment)}`;
    case "statistic":
      return match.mode === "random"
        ? ` -m statistic --mode random --probability ${match.probability}`
        : "";
    case "recent":
      return printRecent(match);
    case "addrtype":
      return (
        " -m addrtype" +
        printAddrType(" --src-type ", match.srcType) +
        printAddrType(" --dst-type ", match.dstType)
      );
    case "conntrack": {
      const not = match.ctstate?.not ? " !" : "";
      return ` -m conntrack${not} --ctstate ${match.ctstate?.states.join(",")}`;
    }
    case "mark": {
      const not = match.not ? " !" : "";
      return ` -m mark${not} --mark ${mark(match.value)}/${mark(match.mask)}`;
    }
    case "nfacct":
      return ` -m nfacct --nfacct-name ${match.name}`;
    case "set":
      return ` -m set --match-set ${match.name} ${match.directions.join(",")}`;
    case "physdev":
      return ` -m physdev${match.isIn?.not ? " !" : ""} --physdev-is-in`;
    case "ipvs": {
      const { vaddr, vproto, vport } = match;
      const addr = vaddr?.prefix.addr;
      return ` -m ipvs --vaddr ${addr} --vproto ${vproto?.protocol} --vport ${vport?.port}`;
    }
    default:
      return "";
  }
}

function printAddrType(option: string, type: AddrtypeMatch["srcType"]): string {
  return type === undefined ? "" : `${type.not ? " !" : ""}${option}${type.types.join(",")}`;
}

function printRecent({ name, action, seconds, reap }: RecentMatch): string {
  const limit = seconds === undefined ? "" : ` --seconds ${seconds}`;
  return ` -m recent --name ${name} --${action}${limit}${reap ? " --reap" : ""}`;
}

/** Quoted when it has blanks; kube-proxy's comments hold no quotes. */
function quote(text: string): string {
  return text.includes(" ") ? `"${text}"` : text;
}

function printTarget(target: IptablesTarget, mark: MarkPrinter): string {
  switch (target.kind) {
    case "jump":
      return ` -j ${target.chain}`;
    case "DNAT": {
      const addr = target.addrs?.first;
      const host = addr?.family === "ip6" ? `[${addr.toString()}]` : addr?.toString();
      return ` -j DNAT --to-destination ${host}:${target.ports?.first}`;
    }
    case "MARK":
      return ` -j MARK --${target.spelling ?? "set"}-mark ${mark(target.value)}`;
    case "MASQUERADE":
      return ` -j MASQUERADE${target.randomFully ? " --random-fully" : ""}`;
    case "ACCEPT":
    case "DROP":
    case "RETURN":
    case "REJECT":
      return ` -j ${target.kind}`;
    default:
      return unreachable(target as never);
  }
}
