/**
 * The ranges host-local allocates from. A range as written may leave out its first and last address
 * and its gateway; `canonicalRange` fills them in and refuses what makes no sense, once, so that
 * everything after it may assume a sane range. Texts are those of the plugin: runtimes match on them.
 */
import {
  type Addr,
  addOffset,
  addrBits,
  type Family,
  type LinkAddr,
  Prefix,
  tryParseAddr,
  tryParseLinkAddr,
  unmapAddr,
} from "../../addr/index.js";
import { RefusedError } from "../../base/index.js";

/** CNI's error number for an error without a number of its own. */
export const CNI_UNTYPED = "999";

/** A range as a network configuration writes it. */
export interface RangeText {
  readonly subnet: string;
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
  readonly gateway?: string;
}

/** A range that is complete and sane. */
export interface AddrRange {
  readonly subnet: Prefix;
  /** First and last address that may be handed out, both included. */
  readonly start: Addr;
  readonly end: Addr;
  /** Never handed out. Not necessarily inside the subnet. */
  readonly gateway: Addr;
}

/** Ranges of one family that together give one address. */
export type RangeSet = readonly AddrRange[];

/**
 * Completes a range: gateway and start default to the first address after the network's own, end to
 * the last but one (IPv6: the last).
 *
 * Errors: `RefusedError` 999 with the plugin's words.
 * Follows: containernetworking/plugins, host-local `Range.Canonicalize`.
 */
export function canonicalRange(text: RangeText): AddrRange {
  if (!text.subnet) refuse("IP <nil> not v4 nor v6");
  const written = parseSubnet(text.subnet);
  const { addr, bits, family } = written;
  if (bits > addrBits(family) - 2) refuse(`Network ${written} too small to allocate from`);
  const subnet = new Prefix(addr, bits);
  if (!subnet.addr.equals(addr)) {
    refuse(
      "Network has host bits set. For a subnet mask of length " +
        `${bits} the network address is ${subnet.addr}`,
    );
  }
  const gateway = text.gateway ? parseIp(text.gateway) : addOffset(subnet.addr, 1);
  const start = text.rangeStart ? parseIp(text.rangeStart) : addOffset(subnet.addr, 1);
  const wantedEnd = text.rangeEnd ? parseIp(text.rangeEnd) : undefined;
  const within = (addr: Addr) => isWithin(addr, { subnet, start, end: wantedEnd });
  if (!within(start)) refuse(`RangeStart ${start} not in network ${subnet}`);
  if (wantedEnd !== undefined && !within(wantedEnd)) {
    refuse(`RangeEnd ${wantedEnd} not in network ${subnet}`);
  }
  return { subnet, start, end: wantedEnd ?? lastUsable(subnet), gateway };
}

/** Checks one set: not empty, one family, no two ranges with a common address. */
export function canonicalRangeSet(texts: readonly RangeText[]): RangeSet {
  if (texts.length === 0) refuse("empty range set");
  const set: AddrRange[] = [];
  for (const text of texts) {
    const range = canonicalRange(text);
    if (set[0] !== undefined && set[0].subnet.family !== range.subnet.family) {
      refuse("mixed address families");
    }
    set.push(range);
  }
  set.forEach((a, index) => {
    for (const b of set.slice(index + 1)) {
      if (overlaps(a, b)) refuse(`subnets ${printRange(a)} and ${printRange(b)} overlap`);
    }
  });
  return set;
}

/** True when a range can hand out the address (its gateway counts as inside). */
export function rangeContains(range: AddrRange, addr: Addr): boolean {
  return isWithin(addr, range);
}

/** The range of a set that holds the address. */
export function rangeFor(set: RangeSet, addr: Addr): AddrRange | undefined {
  return set.find((range) => rangeContains(range, addr));
}

/** True when two ranges have an address in common. */
export function overlaps(a: AddrRange, b: AddrRange): boolean {
  if (a.subnet.family !== b.subnet.family) return false;
  return (
    rangeContains(b, a.start) ||
    rangeContains(b, a.end) ||
    rangeContains(a, b.start) ||
    rangeContains(a, b.end)
  );
}

/** `first-last`, as error texts name a range. */
export function printRange(range: AddrRange): string {
  return `${range.start}-${range.end}`;
}

/** All ranges of a set, as error texts name it. */
export function printRangeSet(set: RangeSet): string {
  return set.map(printRange).join(",");
}

/**
 * Refuses what is no address or block at all. The plugin does so while it decodes its input, before
 * it knows of sets.
 */
export function checkRangeText(text: Partial<RangeText>): void {
  if (text.subnet) parseSubnet(text.subnet);
  for (const addr of [text.rangeStart, text.rangeEnd, text.gateway]) if (addr) parseIp(addr);
}

/** Reads an address of a configuration; an IPv4-mapped one is the IPv4 address. */
export function parseIp(text: string): Addr {
  const addr = tryParseAddr(text);
  if (addr === undefined) refuse(`invalid IP address: ${text}`);
  return unmapAddr(addr);
}

/** Refuses in the plugin's words, with CNI's number for untyped errors. */
export function refuse(message: string): never {
  throw new RefusedError(CNI_UNTYPED, message);
}

function parseSubnet(text: string): LinkAddr {
  const written = tryParseLinkAddr(text);
  if (written === undefined || !text.includes("/")) refuse(`invalid CIDR address: ${text}`);
  return written;
}

function isWithin(
  addr: Addr,
  range: { subnet: Prefix; start: Addr; end: Addr | undefined },
): boolean {
  if (addr.family !== range.subnet.family || !range.subnet.contains(addr)) return false;
  if (addr.compare(range.start) < 0) return false;
  return range.end === undefined || addr.compare(range.end) <= 0;
}

function lastUsable(subnet: Prefix): Addr {
  const family: Family = subnet.family;
  return family === "ip4" ? addOffset(subnet.last(), -1) : subnet.last();
}
