/**
 * Addresses as the Kubernetes API let them in: IPv4 parts may have leading zeros, which count as
 * decimal, and an IPv4 address may be written inside IPv6. `addr` is strict about both.
 */
import {
  type Addr,
  addrBits,
  makePrefix,
  type Prefix,
  tryParseAddr,
  unmapAddr,
} from "../../addr/index.js";

/**
 * Reads an address the way Kubernetes does.
 *
 * Returns: `undefined` for anything that is no address.
 * Follows: k8s.io/utils/net `ParseIPSloppy` (Go 1.16's `net.ParseIP`), Kubernetes v1.35.
 */
export function trySloppyAddr(text: string): Addr | undefined {
  const direct = tryParseAddr(text);
  if (direct !== undefined) return unmapAddr(direct);
  const last = text.slice(text.lastIndexOf(":") + 1);
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(last)) return undefined;
  const parts = last.split(".").map((part) => part.replace(/^0+(?=\d)/, ""));
  const strict = text.slice(0, text.length - last.length) + parts.join(".");
  const parsed = tryParseAddr(strict);
  return parsed === undefined ? undefined : unmapAddr(parsed);
}

/**
 * Reads `address/bits` the way Kubernetes does; host bits are cut.
 *
 * Follows: k8s.io/utils/net `ParseCIDRSloppy`.
 */
export function trySloppyPrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const addr = trySloppyAddr(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (addr === undefined || !/^\d{1,9}$/.test(digits)) return undefined;
  const bits = Number(digits);
  return bits <= addrBits(addr.family) ? makePrefix(addr, bits) : undefined;
}
