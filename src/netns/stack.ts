/**
 * `Stack`: everything one running namespace consists of, as plain fields. The functions of folder
 * `path` move packets through it, those of folder `socket` are its processes' side, and `netns.ts`
 * is the door for its users.
 */
import type { Fib, Path } from "../fib/index.js";
import type { Ipvs } from "../ipvs/index.js";
import type { Bridge, LinkTable, NeighborTable, VxlanDevice } from "../link/index.js";
import type { Netfilter } from "../netfilter/index.js";
import type { Datagram, Icmp, Packet, Segment } from "../wire/index.js";
import type { NetnsConfig } from "./config.js";
import type { FragmentStore } from "./path/fragment-store.js";
import type { HopExceptions } from "./path/hop-exceptions.js";
import type { ErrorLimiter } from "./path/icmp/error-limiter.js";
import type { RouteMemo } from "./path/route-memo.js";
import type { Transit, Waiting, Work, World } from "./transit.js";

/** What the stack asks of the sockets above it; each answers whether a socket took it. */
export interface SocketLayer {
  /** A datagram for a port of ours. */
  onDatagram(transit: Transit, datagram: Datagram): boolean;
  /** A segment for a port of ours. */
  onSegment(transit: Transit, segment: Segment): boolean;
  /** An echo reply. */
  onEchoReply(transit: Transit): boolean;
  /** An ICMP error about a packet of ours; routing has learnt from it already. */
  onIcmpError(transit: Transit, message: Icmp, quoted: Packet): boolean;
}

/** One running namespace. */
export interface Stack {
  readonly name: string;
  config: NetnsConfig;
  readonly world: World;
  links: LinkTable;
  fib: Fib;
  routes: RouteMemo;
  readonly netfilter: Netfilter;
  /** Undefined: IPVS is not in use. */
  readonly ipvs: Ipvs | undefined;
  readonly neighbors: NeighborTable<Waiting>;
  bridges: ReadonlyMap<string, Bridge>;
  vxlans: ReadonlyMap<string, VxlanDevice>;
  readonly exceptions: HopExceptions;
  readonly limiter: ErrorLimiter;
  readonly fragments: FragmentStore;
  readonly sockets: SocketLayer;
  readonly backlog: Work[];
  /** The local packet whose OUTPUT hook runs: routing it again changes its path. */
  rerouting: Transit | undefined;
  /** The path of the packet whose POSTROUTING hook runs. */
  outgoing: Path | undefined;
  /** The journey being delivered: what its receiver sends is caused by it. */
  cause: number | undefined;
  /** Work is being done: what comes up meanwhile waits in the backlog. */
  isBusy: boolean;
  /** IPv4 identification of the next packet. */
  nextId: number;
}

/** Reads a sysctl of this namespace as a number. */
export function sysctl(stack: Stack, name: string, fallback: number): number {
  return stack.fib.sysctls.get(name, fallback);
}
