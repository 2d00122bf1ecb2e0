/**
 * What Services are given: cluster IPs out of the Service ranges, node ports out of their range.
 * An allocator is state of the control plane; a transaction takes things and gives them back
 * unless it is committed, so that a refused Service leaves nothing behind.
 */
import { type Addr, addOffset, type Prefix } from "../../addr/index.js";
import { assert, RefusedError } from "../../base/index.js";
import { parseOldAddr } from "../check/addresses.js";
import type { IPFamily } from "../kinds/enums.js";

/** The ranges of a cluster; the first Service range is the primary family. */
export interface ServiceRanges {
  readonly clusterIps: readonly Prefix[];
  /** First and last node port, both included. */
  readonly nodePorts: readonly [number, number];
}

/** The node ports of a cluster that says nothing else. */
export const DEFAULT_NODE_PORTS: readonly [number, number] = [30000, 32767];

/**
 * Chosen addresses come from above the part of the range that is kept for people to ask for.
 *
 * Follows: kubernetes v1.35 pkg/registry/core/service/ipallocator `calculateRangeOffset`.
 */
const RESERVED_LEAST = 16;
const RESERVED_MOST = 256;
/** The same for node ports: kubernetes v1.35 pkg/registry/core/service/portallocator. */
const PORTS_LEAST = 16;
const PORTS_MOST = 128;

/** What hands out cluster IPs and node ports. */
export interface Allocator {
  /** The families that the cluster has, the primary one first. */
  readonly families: readonly IPFamily[];
  /** Takes an address that was asked for. Errors: `RefusedError` with the server's words. */
  takeIp(text: string): void;
  /** Takes the next free address of a family. Errors: `RefusedError` when none is left. */
  nextIp(family: IPFamily): string;
  /** Takes a node port that was asked for. Errors: `RefusedError` with the server's words. */
  takePort(port: number): void;
  /** Takes the next free node port. Errors: `RefusedError` when none is left. */
  nextPort(): number;
  /** Gives an address back; one that was never taken is ignored. */
  releaseIp(text: string): void;
  /** Gives a node port back. */
  releasePort(port: number): void;
}

/** Hands out cluster IPs and node ports of the ranges of a cluster. */
export class ServiceAllocator implements Allocator {
  readonly ranges: ServiceRanges;
  readonly #ips = new Set<string>();
  readonly #ports = new Set<number>();
  readonly #nextOffset = new Map<IPFamily, number>();
  #nextPort: number;

  constructor(ranges: ServiceRanges) {
    this.ranges = ranges;
    const [first, last] = ranges.nodePorts;
    const count = last - first + 1;
    const reserved = Math.min(Math.max(PORTS_LEAST, Math.floor(count / 32)), PORTS_MOST);
    this.#nextPort = count > reserved ? first + reserved : first;
  }

  /** The families that the cluster has, the primary one first. */
  get families(): readonly IPFamily[] {
    return this.ranges.clusterIps.map((p) => (p.family === "ip4" ? "IPv4" : "IPv6"));
  }

  /** Takes an address that was asked for. Errors: `RefusedError` with the server's words. */
  takeIp(text: string): void {
    const addr = parseOldAddr(text);
    assert(addr !== undefined, "an address that is taken was checked before");
    const range = this.#rangeOf(addr.family === "ip4" ? "IPv4" : "IPv6");
    if (range === undefined || !range.contains(addr) || isEdge(range, addr)) {
      const shown = range === undefined ? "" : range.toString();
      throw new RefusedError(
        "EINVAL",
        `the provided IP (${addr}) is not in the valid range. The range of valid IPs is ${shown}`,
      );
    }
    if (this.#ips.has(addr.key())) {
      throw new RefusedError("EEXIST", "provided IP is already allocated");
    }
    this.#ips.add(addr.key());
  }

  /** Takes the next free address of a family. Errors: `RefusedError` when none is left. */
  nextIp(family: IPFamily): string {
    const range = this.#rangeOf(family);
    assert(range !== undefined, "an address is chosen only in a family that the cluster has");
    const size = usableCount(range);
    const reserved = Math.min(Math.max(RESERVED_LEAST, Math.floor(size / 16)), RESERVED_MOST);
    const first = size > reserved ? reserved + 1 : 1;
    const start = this.#nextOffset.get(family) ?? first;
    for (let i = 0; i < size; i++) {
      const offset = ((start - 1 + i) % size) + 1;
      const addr = addOffset(range.first(), offset);
      if (this.#ips.has(addr.key())) continue;
      this.#ips.add(addr.key());
      this.#nextOffset.set(family, offset + 1);
      return addr.toString();
    }
    throw new RefusedError("ENOSPC", "range is full");
  }

  /** Takes a node port that was asked for. Errors: `RefusedError` with the server's words. */
  takePort(port: number): void {
    const [first, last] = this.ranges.nodePorts;
    if (port < first || port > last) {
      throw new RefusedError(
        "EINVAL",
        `provided port is not in the valid range. The range of valid ports is ${first}-${last}`,
      );
    }
    if (this.#ports.has(port)) {
      throw new RefusedError("EEXIST", "provided port is already allocated");
    }
    this.#ports.add(port);
  }

  /** Takes the next free node port. Errors: `RefusedError` when none is left. */
  nextPort(): number {
    const [first, last] = this.ranges.nodePorts;
    const count = last - first + 1;
    for (let i = 0; i < count; i++) {
      const port = first + ((this.#nextPort - first + i) % count);
      if (this.#ports.has(port)) continue;
      this.#ports.add(port);
      this.#nextPort = port + 1;
      return port;
    }
    throw new RefusedError("ENOSPC", "range is full");
  }

  /** Gives an address back; one that was never taken is ignored. */
  releaseIp(text: string): void {
    const addr = parseOldAddr(text);
    if (addr !== undefined) this.#ips.delete(addr.key());
  }

  /** Gives a node port back. */
  releasePort(port: number): void {
    this.#ports.delete(port);
  }

  #rangeOf(family: IPFamily): Prefix | undefined {
    const wanted = family === "IPv4" ? "ip4" : "ip6";
    return this.ranges.clusterIps.find((p) => p.family === wanted);
  }
}

/** The network address, and the broadcast address of IPv4, are not for Services. */
function isEdge(range: Prefix, addr: Addr): boolean {
  if (addr.equals(range.first())) return true;
  return range.family === "ip4" && addr.equals(range.last());
}

/** Largest part of a range that addresses are chosen from: 2^16. */
const MAX_USABLE_BITS = 16;

function usableCount(range: Prefix): number {
  const bits = (range.family === "ip4" ? 32 : 128) - range.bits;
  const size = 2 ** Math.min(bits, MAX_USABLE_BITS);
  return Math.max(1, bits <= MAX_USABLE_BITS && range.family === "ip4" ? size - 2 : size - 1);
}

/** What was taken on behalf of one Service, to be given back if it is refused. */
export class Taken {
  readonly #allocator: Allocator;
  readonly #ips: string[] = [];
  readonly #ports: number[] = [];

  constructor(allocator: Allocator) {
    this.#allocator = allocator;
  }

  ip(family: IPFamily, wanted: string): string {
    let ip = wanted;
    if (wanted === "") ip = this.#allocator.nextIp(family);
    else this.#allocator.takeIp(wanted);
    this.#ips.push(ip);
    return wanted === "" ? ip : (parseOldAddr(wanted)?.toString() ?? wanted);
  }

  port(wanted: number): number {
    let port = wanted;
    if (wanted === 0) port = this.#allocator.nextPort();
    else this.#allocator.takePort(wanted);
    this.#ports.push(port);
    return port;
  }

  /** Gives everything back. */
  revert(): void {
    for (const ip of this.#ips) this.#allocator.releaseIp(ip);
    for (const port of this.#ports) this.#allocator.releasePort(port);
  }
}
