/** What a NAT rule asks for (`struct nf_nat_range2`), and how the targets of rules become it. */
import { Addr, type Family, type Prefix, parseAddr } from "../../addr/index.js";
import type { PortRange } from "../iptables.js";

/** Which half of a packet's addresses is rewritten (`enum nf_nat_manip_type`). */
export type Manip = "src" | "dst";

/** What a binding may choose from. */
export interface NatRange {
  /** First and last address; absent: the address stays. */
  readonly addrs?: { readonly first: Addr; readonly last: Addr };
  /** Ports, or ICMP identifiers; absent: the kernel's own ranges. */
  readonly ports?: PortRange;
  /** Choose anew even if the port is free (`--random`, `--random-fully`). */
  readonly random?: boolean;
  /** The address depends on the source alone (`--persistent`). */
  readonly persistent?: boolean;
  /** Shift ports by their distance from this one (`--to-ports a-b/base`). */
  readonly portBase?: number;
}

/** A range of one address. */
export function rangeOfOne(addr: Addr, rest: Omit<NatRange, "addrs"> = {}): NatRange {
  return { ...rest, addrs: { first: addr, last: addr } };
}

/** Where REDIRECT sends packets of local sockets (net/netfilter/nf_nat_redirect.c). */
export function loopbackOf(family: Family): Addr {
  return family === "ip4" ? parseAddr("127.0.0.1") : parseAddr("::1");
}

/**
 * The address NETMAP gives: network bits of the prefix, host bits of the packet.
 *
 * Follows: Linux 6.18 net/netfilter/xt_NETMAP.c `netmap_tg4`, `netmap_tg6`.
 */
export function mapNetwork(addr: Addr, prefix: Prefix): Addr {
  const skipped = addr.family === "ip4" ? 96 : 0;
  const mix = (index: number, network: number, host: number): number => {
    const bits = Math.min(32, Math.max(0, prefix.bits + skipped - 32 * index));
    const mask = bits === 0 ? 0 : 0xffffffff << (32 - bits);
    return (network & mask) | (host & ~mask);
  };
  const { w0, w1, w2, w3 } = prefix.addr;
  return new Addr(
    addr.family,
    mix(0, w0, addr.w0),
    mix(1, w1, addr.w1),
    mix(2, w2, addr.w2),
    mix(3, w3, addr.w3),
  );
}
