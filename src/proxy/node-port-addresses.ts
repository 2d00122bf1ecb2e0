/** `--nodeport-addresses`: which of a node's addresses take node ports. */
import {
  type Addr,
  addrBits,
  type Family,
  isLoopback,
  type Prefix,
  parsePrefix,
} from "../addr/index.js";
import { releaseFacts } from "./release.js";
import { trySloppyPrefix } from "./services/sloppy-addr.js";
import type { ProxyNode, ProxySettings } from "./settings.js";

/** The setting, read for one family. */
export interface NodePortAddresses {
  /** Every local address takes node ports. */
  readonly matchAll: boolean;
  readonly prefixes: readonly Prefix[];
  readonly containsIp4Loopback: boolean;
}

/**
 * Reads the list. CIDRs of the other family are left out; if none is left, all addresses count.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/util/nodeport_addresses.go `NewNodePortAddresses`.
 */
export function readNodePortAddresses(cidrs: readonly string[], family: Family): NodePortAddresses {
  const own = cidrs.flatMap((text) => {
    const prefix = trySloppyPrefix(text);
    return prefix?.family === family ? [prefix] : [];
  });
  const all = parsePrefix(family === "ip4" ? "0.0.0.0/0" : "::/0");
  const prefixes = own.length === 0 ? [all] : own;
  const zeroAt = prefixes.findIndex((p) => p.bits === 0);
  const seen = zeroAt < 0 ? prefixes : prefixes.slice(0, zeroAt + 1);
  return {
    matchAll: zeroAt >= 0,
    prefixes: zeroAt < 0 ? prefixes : [all],
    containsIp4Loopback: family === "ip4" && seen.some(touchesLoopback),
  };
}

/** The node's addresses inside the list, each once, in order of the list. */
export function nodePortAddrs(
  { prefixes }: NodePortAddresses,
  addrs: readonly Addr[],
): readonly Addr[] {
  const found = new Map<string, Addr>();
  for (const prefix of prefixes) {
    for (const addr of addrs) if (prefix.contains(addr)) found.set(addr.key(), addr);
  }
  return [...found.values()];
}

const LOOPBACK_NET = parsePrefix("127.0.0.0/8");

/** As Go has it: the CIDR's own address is a loopback address, or it contains 127.0.0.0. */
function touchesLoopback(prefix: Prefix): boolean {
  return LOOPBACK_NET.contains(prefix.addr) || prefix.contains(LOOPBACK_NET.addr);
}

/**
 * The configured list with words replaced by addresses: `primary`, nftables mode's default, by the
 * node's own one, unless that is a loopback address. Until release 1.36 it counts only alone.
 *
 * Follows: Kubernetes v1.35.4 cmd/kube-proxy/app/server.go `newProxyServer`, v1.37.0
 * `expandNodePortAddressKeywords`.
 */
export function resolvePrimary(
  { nodePortAddresses, release }: ProxySettings,
  { primaryAddr }: ProxyNode,
): readonly string[] {
  const { nodePortWords } = releaseFacts(release);
  if (!nodePortWords && nodePortAddresses.length !== 1) return nodePortAddresses;
  return nodePortAddresses.flatMap((text) => {
    if (text === "primary") return primaryAddr === undefined ? [] : hostPrefix(primaryAddr);
    return nodePortWords ? (NODE_PORT_WORDS.get(text) ?? [text]) : [text];
  });
}

function hostPrefix(addr: Addr): string[] {
  return isLoopback(addr) ? [] : [`${addr}/${addrBits(addr.family)}`];
}

const NODE_PORT_WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["localhost", ["127.0.0.0/8", "::1/128"]],
  ["all", ["0.0.0.0/0", "::/0"]],
]);
