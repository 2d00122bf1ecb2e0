/**
 * Cluster IPs of one Service range: static requests may take any address, others are given one of the
 * upper band first.
 */
import { type Addr, addOffset, addrBits, addrToBigInt, type Prefix } from "../addr/index.js";
import { type Random, RefusedError } from "../base/index.js";
import { type Band, createBand, freeCount, releaseNumber, takeAny, takeNumber } from "./band.js";

/**
 * What is said of an address outside of the range.
 *
 * Follows: Kubernetes v1.35 pkg/registry/core/service/ipallocator/interfaces.go `ErrMismatchedNetwork`.
 */
const MISMATCH = "the provided network does not match the current range";

/** Shortest prefix of an IPv6 Service range. */
const MIN_BITS_IP6 = 64;

/** The cluster IPs of one range. Immutable. */
export interface ServiceAddrs {
  readonly range: Prefix;
  /** Offset 0 is the first usable address: the one after the network's own. */
  readonly band: Band;
}

/**
 * A Service range with nothing taken.
 *
 * Errors: `RefusedError` `ERANGE` for an IPv6 range wider than /64.
 * Follows: Kubernetes v1.35 pkg/registry/core/service/ipallocator/ipallocator.go
 * `NewIPAllocator`, `hostsPerNetwork`, `calculateRangeOffset`.
 */
export function createServiceAddrs(range: Prefix): ServiceAddrs {
  if (range.family === "ip6" && range.bits < MIN_BITS_IP6) {
    const words = `not a valid subnet: ${range}, IPv6 ranges have a prefix of at least 64 bits`;
    throw new RefusedError("ERANGE", words, { range: range.toString() });
  }
  return { range, band: createBand(usableCount(range), staticBandSize(range)) };
}

/** How many addresses a range can give: all but the network's own and, in IPv4, the broadcast. */
export function usableCount(range: Prefix): bigint {
  const hostBits = BigInt(addrBits(range.family) - range.bits);
  const count = (1n << hostBits) - (range.family === "ip4" ? 2n : 1n);
  if (count <= 0n) return 0n;
  const limit = (1n << 64n) - 1n;
  return count < limit ? count : limit;
}

/** Size of the lower band: a sixteenth of the range, at least 16 and at most 256; none if tiny. */
export function staticBandSize(range: Prefix): bigint {
  const size = 1n << BigInt(addrBits(range.family) - range.bits);
  if (size <= 16n) return 0n;
  const sixteenth = size / 16n;
  return sixteenth < 16n ? 16n : sixteenth > 256n ? 256n : sixteenth;
}

/** How many addresses are free. */
export function freeServiceAddrs(addrs: ServiceAddrs): bigint {
  return freeCount(addrs.band);
}

/**
 * Takes the address a Service asks for.
 *
 * Errors: `RefusedError` `EEXIST` when it is taken, `ERANGE` when it is not of the range.
 */
export function takeServiceAddr(addrs: ServiceAddrs, addr: Addr): ServiceAddrs {
  const n = offsetOf(addrs, addr);
  if (n === undefined) {
    const facts = { addr: addr.toString(), range: addrs.range.toString() };
    throw new RefusedError("ERANGE", MISMATCH, facts);
  }
  const band = takeNumber(addrs.band, n);
  if (band === undefined) {
    throw new RefusedError("EEXIST", "provided IP is already allocated", { addr: addr.toString() });
  }
  return { ...addrs, band };
}

/**
 * Takes any address.
 *
 * Errors: `RefusedError` `ENOSPC` when none is left.
 */
export function takeAnyServiceAddr(
  addrs: ServiceAddrs,
  random: Random,
): { readonly addrs: ServiceAddrs; readonly addr: Addr } {
  const got = takeAny(addrs.band, random);
  if (got === undefined) {
    throw new RefusedError("ENOSPC", "range is full", { range: addrs.range.toString() });
  }
  const addr = addOffset(addrs.range.addr, got.n + 1n);
  return { addrs: { ...addrs, band: got.band }, addr };
}

/** Gives an address back; harmless when it was not taken. */
export function releaseServiceAddr(addrs: ServiceAddrs, addr: Addr): ServiceAddrs {
  const n = offsetOf(addrs, addr);
  return n === undefined ? addrs : { ...addrs, band: releaseNumber(addrs.band, n) };
}

/** True when the address is taken. */
export function hasServiceAddr(addrs: ServiceAddrs, addr: Addr): boolean {
  const n = offsetOf(addrs, addr);
  return n !== undefined && addrs.band.taken.has(n);
}

function offsetOf(addrs: ServiceAddrs, addr: Addr): bigint | undefined {
  if (addr.family !== addrs.range.family || !addrs.range.contains(addr)) return undefined;
  const n = addrToBigInt(addr) - addrToBigInt(addrs.range.addr) - 1n;
  return n >= 0n && n < addrs.band.size ? n : undefined;
}
