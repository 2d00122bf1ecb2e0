/**
 * Pieces of rules. A rule's matches stand in the order the kernel evaluates them, which is also the
 * order `iptables-save` shows: source, destination, interfaces, protocol, then the modules.
 */
import { type Addr, type Prefix, singlePrefix } from "../../addr/index.js";
import type { Origin } from "../../base/index.js";
import type { IptablesMatch, IptablesRule, IptablesTarget } from "../../netfilter/index.js";

/** `-s` one address. */
export function fromAddr(addr: Addr): IptablesMatch {
  return { kind: "source", prefix: singlePrefix(addr) };
}

/** `-d` one address. */
export function toAddr(addr: Addr): IptablesMatch {
  return { kind: "destination", prefix: singlePrefix(addr) };
}

/** `-s` a block, written with its length. */
export function fromPrefix(prefix: Prefix): IptablesMatch {
  return prefix.isSingle()
    ? { kind: "source", prefix, spelling: "prefix" }
    : { kind: "source", prefix };
}

/** `-m comment`. */
export function comment(text: string): IptablesMatch {
  return { kind: "comment", comment: text };
}

/** `-m conntrack --ctstate`. */
export function ctstate(...states: ("INVALID" | "NEW" | "RELATED" | "ESTABLISHED")[]) {
  return { kind: "conntrack", ctstate: { states } } as const satisfies IptablesMatch;
}

/** `-m addrtype --src-type LOCAL`. */
export const FROM_LOCAL: IptablesMatch = { kind: "addrtype", srcType: { types: ["LOCAL"] } };

/** `-m addrtype --dst-type LOCAL`. */
export const TO_LOCAL: IptablesMatch = { kind: "addrtype", dstType: { types: ["LOCAL"] } };

/** `-p tcp` and the like. */
export function ofProtocol(protocol: string): IptablesMatch {
  return PROTOCOLS.get(protocol) ?? { kind: "protocol", protocol };
}

/** `-m tcp --dport 80` and the like. */
export function toPort(protocol: string, port: number): IptablesMatch {
  return { kind: moduleOf(protocol), dport: { first: port, last: port } };
}

/** `-m tcp` and the like, without a port. */
export function anyPort(protocol: string): IptablesMatch {
  return ANY_PORT.get(protocol) ?? { kind: moduleOf(protocol) };
}

/** `-j` to a chain. */
export function jump(chain: string): IptablesTarget {
  return { kind: "jump", chain };
}

/** `-j KUBE-MARK-MASQ`: asks for masquerading. */
export const MARK_MASQ: IptablesTarget = jump("KUBE-MARK-MASQ");

/** A rule that comes from an object. */
export function rule(
  matches: readonly IptablesMatch[],
  target: IptablesTarget,
  origin: Origin,
): IptablesRule {
  return { matches, target, origin };
}

const KNOWN = ["tcp", "udp", "sctp"] as const;

const PROTOCOLS: ReadonlyMap<string, IptablesMatch> = new Map(
  KNOWN.map((protocol) => [protocol, { kind: "protocol", protocol }]),
);

const ANY_PORT: ReadonlyMap<string, IptablesMatch> = new Map(
  KNOWN.map((protocol) => [protocol, { kind: protocol }]),
);

function moduleOf(protocol: string): "tcp" | "udp" | "sctp" {
  return protocol === "udp" || protocol === "sctp" ? protocol : "tcp";
}
