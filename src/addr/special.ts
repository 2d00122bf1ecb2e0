/**
 * Addresses with a meaning of their own, and the addresses that are made of others. Questions that
 * depend on a namespace (is it local here?) are not asked here.
 */
import { Addr, ip4Addr, ip6Addr } from "./addr.js";
import { Mac } from "./mac.js";

/** `0.0.0.0` or `::`. */
export function isUnspecified(addr: Addr): boolean {
  return (addr.s0 | addr.s1 | addr.s2 | addr.s3) === 0;
}

/** 127.0.0.0/8 or `::1` (RFC 1122 §3.2.1.3, RFC 4291 §2.5.3). */
export function isLoopback(addr: Addr): boolean {
  if (addr.family === "ip4") return addr.s3 >>> 24 === 127;
  return (addr.s0 | addr.s1 | addr.s2) === 0 && addr.s3 === 1;
}

/** 224.0.0.0/4 or ff00::/8 (RFC 5771, RFC 4291 §2.7). */
export function isMulticast(addr: Addr): boolean {
  return addr.family === "ip4" ? addr.s3 >>> 28 === 0xe : addr.s0 >>> 24 === 0xff;
}

/** 169.254.0.0/16 or fe80::/10 (RFC 3927, RFC 4291 §2.5.6). */
export function isLinkLocal(addr: Addr): boolean {
  return addr.family === "ip4" ? addr.s3 >>> 16 === 0xa9fe : addr.s0 >>> 22 === 0x3fa;
}

/** 255.255.255.255 (RFC 919). IPv6 has no broadcast. */
export function isLimitedBroadcast(addr: Addr): boolean {
  return addr.family === "ip4" && addr.s3 === -1;
}

/** Whether an IPv6 address is an IPv4 address in disguise, ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
export function isMapped(addr: Addr): boolean {
  return addr.family === "ip6" && addr.s0 === 0 && addr.s1 === 0 && addr.s2 === 0xffff;
}

/** The IPv4 address inside an IPv4-mapped one; other addresses stay as they are. */
export function unmapAddr(addr: Addr): Addr {
  return isMapped(addr) ? ip4Addr(addr.s3) : addr;
}

/** The multicast address that neighbour solicitations for `addr` go to (RFC 4291 §2.7.1). */
export function solicitedNodeAddr(addr: Addr): Addr {
  return ip6Addr([0xff02_0000, 0, 1, 0xff00_0000 | (addr.s3 & 0xff_ffff)]);
}

/** The link-layer address that multicast goes to (RFC 1112 §6.4, RFC 2464 §7). */
export function multicastMac(group: Addr): Mac {
  if (group.family === "ip4") return new Mac(0x01_005e, group.s3 & 0x7f_ffff);
  return new Mac(0x33_3300 | (group.s3 >>> 24), group.s3 & 0xff_ffff);
}

/** The link-local address that Linux makes of a link-layer address (RFC 4291 appendix A). */
export function linkLocalAddr(mac: Mac): Addr {
  const high = (mac.high ^ 0x02_0000) & 0xff_ffff;
  const w2 = (high << 8) | 0xff;
  return new Addr("ip6", 0xfe80_0000, 0, w2, 0xfe00_0000 | mac.low);
}
