/** The sum that TCP, UDP and ICMPv6 add for the addresses they travel between. */
import type { Addr } from "../../addr/index.js";
import { sumWords } from "./checksum.js";

/** What a pseudo header holds. */
export interface PseudoHeader {
  readonly src: Addr;
  readonly dst: Addr;
  readonly protocol: number;
}

/** Sums the pseudo header (RFC 9293 §3.1 for IPv4, RFC 8200 §8.1 for IPv6). */
export function pseudoSum(header: PseudoHeader, lengthBytes: number): number {
  const addrs = sumWords(header.dst.toBytes(), sumWords(header.src.toBytes()));
  return addrs + (lengthBytes >>> 16) + (lengthBytes & 0xffff) + header.protocol;
}
