/**
 * Addresses and CIDRs in old fields, which are read more kindly than new ones: leading zeros are
 * allowed and ignored, an IPv4-mapped IPv6 address counts as IPv4, host bits may be set.
 *
 * Follows: apimachinery v0.35 pkg/util/validation/ip.go (`IsValidIPForLegacyField` without strict
 * validation, `IsValidIP`), k8s.io/utils/net `ParseIPSloppy`, kubernetes v1.35 pkg/apis/core/validation
 * `ValidateEndpointIP`.
 */
import {
  type Addr,
  isLinkLocal,
  isLoopback,
  isMapped,
  isUnspecified,
  makePrefix,
  type Prefix,
  tryParseAddr,
  unmapAddr,
} from "../../addr/index.js";
import type { Fault } from "../../base/index.js";
import { invalid } from "../shape/field-error.js";
import { quote } from "../shape/go-text.js";

/** Reads an address as old fields are read: leading zeros are ignored, mapped IPv4 is IPv4. */
export function parseOldAddr(text: string): Addr | undefined {
  const addr = tryParseAddr(text) ?? tryParseAddr(dropLeadingZeros(text));
  if (addr === undefined) return undefined;
  return isMapped(addr) ? unmapAddr(addr) : addr;
}

function dropLeadingZeros(text: string): string {
  return text.replace(/(^|[.:])0+(?=[0-9a-fA-F])/g, "$1");
}

/** Reads a CIDR as old fields are read; host bits are masked away. */
export function parseOldCidr(text: string): Prefix | undefined {
  const match = /^([^/]+)\/0*(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const addr =
    tryParseAddr(match[1] as string) ?? tryParseAddr(dropLeadingZeros(match[1] as string));
  const bits = Number(match[2]);
  if (addr === undefined || bits > (addr.family === "ip4" ? 32 : 128)) return undefined;
  if (isMapped(addr) && bits >= 96) return makePrefix(unmapAddr(addr), bits - 96);
  return makePrefix(addr, bits);
}

/** Checks an address in an old field. */
export function checkAddr(path: string, text: string, faults: Fault[]): Addr | undefined {
  const addr = parseOldAddr(text);
  if (addr === undefined) {
    const message = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
    faults.push(invalid(path, text, message));
  }
  return addr;
}

/** Checks an address in a new field: it must be spelt as it would be printed. */
export function checkNewAddr(path: string, text: string, faults: Fault[]): Addr | undefined {
  const addr = checkAddr(path, text, faults);
  if (addr === undefined) return undefined;
  const strict = tryParseAddr(text);
  if (strict === undefined) faults.push(invalid(path, text, "must not have leading 0s"));
  else if (isMapped(strict)) {
    faults.push(invalid(path, text, "must not be an IPv4-mapped IPv6 address"));
  } else if (addr.toString() !== text) {
    faults.push(invalid(path, text, `must be in canonical form (${quote(addr.toString())})`));
  } else return addr;
  return undefined;
}

/** Checks a CIDR in an old field. */
export function checkCidr(path: string, text: string, faults: Fault[]): Prefix | undefined {
  const prefix = parseOldCidr(text);
  if (prefix === undefined) {
    const message = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    faults.push(invalid(path, text, message));
  }
  return prefix;
}

/** Checks a CIDR in a new field: it must be spelt as it would be printed. */
export function checkNewCidr(path: string, text: string, faults: Fault[]): void {
  const prefix = checkCidr(path, text, faults);
  if (prefix === undefined) return;
  const [host, bits] = text.split("/") as [string, string];
  const addr = tryParseAddr(host);
  if (addr === undefined || String(Number(bits)) !== bits) {
    faults.push(invalid(path, text, "must not have leading 0s in IP or prefix length"));
  } else if (isMapped(addr)) {
    faults.push(invalid(path, text, "must not have an IPv4-mapped IPv6 address"));
  } else if (!prefix.first().equals(addr)) {
    faults.push(invalid(path, text, "must not have bits set beyond the prefix length"));
  } else if (prefix.toString() !== text) {
    faults.push(invalid(path, text, `must be in canonical form (${quote(prefix.toString())})`));
  }
}

/** Refuses addresses that make no sense as a destination for others. */
export function checkNotSpecial(path: string, text: string, faults: Fault[]): void {
  const addr = parseOldAddr(text);
  if (addr === undefined) {
    faults.push(invalid(path, text, "must be a valid IP address"));
    return;
  }
  if (isUnspecified(addr)) faults.push(invalid(path, text, `may not be unspecified (${text})`));
  if (isLoopback(addr)) {
    faults.push(invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)"));
  }
  if (isLinkLocal(addr)) {
    const range = "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
    faults.push(invalid(path, text, range));
  }
  if (isLinkLocalMulticast(addr)) {
    const range = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
    faults.push(invalid(path, text, range));
  }
}

function isLinkLocalMulticast(addr: Addr): boolean {
  if (addr.family === "ip4") return addr.w3 >>> 8 === 0xe00000;
  return addr.w0 >>> 24 === 0xff && ((addr.w0 >>> 16) & 0x0f) === 0x02;
}
