/**
 * Address text in. The parser here is made for speed: one pass over the characters, no splitting.
 * `addr-parse.reference.ts` says the same slowly, and supplies the reason when text is refused.
 */
import { InputError } from "../base/index.js";
import { Addr, ip4Addr } from "./addr.js";
import { parseAddrSlow } from "./addr-parse.reference.js";

const DOT = 46;
const COLON = 58;
const DIGIT_0 = 48;

/** The longest text an address can have: six groups of four digits and a dotted last word. */
const LENGTH_MAX = 45;

/**
 * Reads an address, or gives undefined when the text is not exactly one.
 *
 * Laws: same answer as `parseAddrSlow`; `parse(print(a)) = a` (test/property/addr).
 * Follows: RFC 4291 §2.2 for IPv6; for IPv4 four decimal numbers without leading zeros, as Go's
 * `netip.ParseAddr` reads them.
 * Cost: one step per character.
 */
export function tryParseAddr(text: string): Addr | undefined {
  const word = readIp4(text, 0, text.length);
  if (word >= 0) return ip4Addr(word);
  return text.length > LENGTH_MAX ? undefined : readIp6(text);
}

/**
 * Reads an address of either family.
 *
 * Errors: `InputError` with code `bad-address` and the reason.
 *
 * @example
 * parseAddr("2001:db8::1").toString()
 */
export function parseAddr(text: string): Addr {
  const addr = tryParseAddr(text);
  if (addr !== undefined) return addr;
  const slow = parseAddrSlow(text);
  throw new InputError({
    code: "bad-address",
    path: "",
    value: text,
    message: slow instanceof Addr ? "is not an address" : slow.reason,
    expected: "an IPv4 or IPv6 address such as 192.0.2.1 or 2001:db8::1",
  });
}

/** Reads dotted decimal in `text[start, end)`: the word unsigned, or -1. */
function readIp4(text: string, start: number, end: number): number {
  if (end - start < 7 || end - start > 15) return -1;
  let word = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || ++dots > 3) return -1;
      word = word * 256 + part;
      part = 0;
      digits = 0;
      continue;
    }
    const digit = code - DIGIT_0;
    if (digit < 0 || digit > 9 || (digits > 0 && part === 0)) return -1;
    part = part * 10 + digit;
    digits++;
    if (part > 255) return -1;
  }
  return dots === 3 && digits > 0 ? word * 256 + part : -1;
}

/**
 * Groups are collected left to right; where `::` stands is remembered, and the groups after it are
 * moved to the end when the text is through.
 */
function readIp6(text: string): Addr | undefined {
  const groups = [0, 0, 0, 0, 0, 0, 0, 0];
  const end = text.length;
  let count = 0;
  let gapAt = -1;
  let i = 0;
  if (end >= 2 && text.charCodeAt(0) === COLON && text.charCodeAt(1) === COLON) {
    gapAt = 0;
    i = 2;
  }
  while (i < end) {
    if (count === 8) return undefined;
    const start = i;
    let value = 0;
    for (let digit = 0; i < end && i - start <= 4; i++) {
      digit = hexDigit(text.charCodeAt(i));
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    if (i < end && text.charCodeAt(i) === DOT) {
      const word = count > 6 ? -1 : readIp4(text, start, end);
      if (word < 0) return undefined;
      groups[count++] = word >>> 16;
      groups[count++] = word & 0xffff;
      return finishIp6(groups, count, gapAt);
    }
    if (i === start || i - start > 4) return undefined;
    groups[count++] = value;
    if (i === end) break;
    if (text.charCodeAt(i++) !== COLON || i === end) return undefined;
    if (text.charCodeAt(i) === COLON) {
      if (gapAt >= 0) return undefined;
      gapAt = count;
      i++;
    }
  }
  return finishIp6(groups, count, gapAt);
}

/** The groups behind the gap belong at the end; pairs of groups are packed into words. */
function finishIp6(groups: number[], count: number, gapAt: number): Addr | undefined {
  if (gapAt < 0) return count === 8 ? packIp6(groups) : undefined;
  if (count > 7) return undefined;
  const shift = 8 - count;
  for (let i = 7; i >= gapAt; i--) {
    groups[i] = i - shift >= gapAt ? (groups[i - shift] as number) : 0;
  }
  return packIp6(groups);
}

function packIp6(groups: readonly number[]): Addr {
  return new Addr(
    "ip6",
    wordAt(groups, 0),
    wordAt(groups, 2),
    wordAt(groups, 4),
    wordAt(groups, 6),
  );
}

function wordAt(groups: readonly number[], at: number): number {
  return ((groups[at] as number) << 16) | (groups[at + 1] as number);
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
