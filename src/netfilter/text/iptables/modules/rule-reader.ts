/** The words of one rule, read from left to right, and the fault that stops the reading. */
import { Addr, makePrefix, type Prefix, tryParseAddr } from "../../../../addr/index.js";
import type { MarkTest, PortRange } from "../../../iptables.js";
import { protocolNumber } from "../../../protocol-names.js";
import { servicePort } from "./service-names.js";

/** Stops the reading of one line; becomes a fault with file and line. */
export class LineFault extends Error {
  override readonly name = "LineFault";
  readonly code: string;
  readonly value: unknown;
  readonly expected: string | undefined;

  constructor(code: string, message: string, value?: unknown, expected?: string) {
    super(message);
    this.code = code;
    this.value = value;
    this.expected = expected;
  }
}

/** Reads words one after the other. */
export class RuleReader {
  readonly words: readonly string[];
  at: number;

  constructor(words: readonly string[], start: number) {
    this.words = words;
    this.at = start;
  }

  get atEnd(): boolean {
    return this.at >= this.words.length;
  }

  peek(): string | undefined {
    return this.words[this.at];
  }

  /** The next word, which must be there. */
  word(what: string): string {
    const word = this.words[this.at];
    if (word === undefined) {
      throw new LineFault("missing-word", `${what} is missing`, this.words.at(-1), what);
    }
    this.at++;
    return word;
  }

  /** A whole number, decimal, octal or hexadecimal, from 0 to `max`. */
  number(what: string, max = 0xffffffff): number {
    return parseNumber(this.word(what), what, max);
  }

  addr(what: string): Addr {
    const word = this.word(what);
    const addr = tryParseAddr(word);
    if (addr === undefined) throw new LineFault("bad-address", `not ${what}`, word, "an address");
    return addr;
  }
}

/** Reads a number as `strtoul` with base 0 does: `0x` hexadecimal, leading 0 octal. */
export function parseNumber(word: string, what: string, max = 0xffffffff): number {
  const form = /^(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
  const value = form.test(word)
    ? word.length > 1 && /^0[0-7]/.test(word)
      ? Number.parseInt(word, 8)
      : Number(word)
    : Number.NaN;
  if (!(value <= max)) throw new LineFault("bad-number", `not ${what}`, word, `0 to ${max}`);
  return value;
}

/**
 * `80`, `20:30`, `:30`, `20:`, a service name. Not every module minds a range that runs downwards: such
 * a range holds no port.
 */
export function parsePortRange(word: string): PortRange {
  const colon = word.indexOf(":");
  if (colon < 0) {
    const port = parsePort(word);
    return { first: port, last: port };
  }
  const first = colon === 0 ? 0 : parsePort(word.slice(0, colon));
  const last = colon === word.length - 1 ? 65535 : parsePort(word.slice(colon + 1));
  return { first, last };
}

/** A range of ports for the modules that refuse one that runs downwards. */
export function parseRisingRange(word: string): PortRange {
  const range = parsePortRange(word);
  if (range.last >= range.first) return range;
  throw new LineFault("bad-port", "a range of ports runs upwards", word);
}

function parsePort(word: string): number {
  const code = word.charCodeAt(0);
  if (code >= 48 && code <= 57) return parseNumber(word, "a port", 65535);
  const port = servicePort(word);
  if (port === undefined) {
    throw new LineFault("bad-port", "not a port", word, "0 to 65535 or a service name");
  }
  return port;
}

/** `0x4000/0x4000`, `5` (all bits). */
export function parseMark(word: string): MarkTest {
  const slash = word.indexOf("/");
  if (slash < 0) return { value: parseNumber(word, "a mark"), mask: 0xffffffff };
  return {
    value: parseNumber(word.slice(0, slash), "a mark"),
    mask: parseNumber(word.slice(slash + 1), "a mask"),
  };
}

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`; undefined: a mask with holes. */
export function parseNetwork(word: string): Prefix | undefined {
  const slash = word.indexOf("/");
  const addr = tryParseAddr(slash < 0 ? word : word.slice(0, slash));
  if (addr === undefined) {
    throw new LineFault("bad-address", "not an address or network", word, "an address or prefix");
  }
  const most = addr.family === "ip4" ? 32 : 128;
  if (slash < 0) return makePrefix(addr, most);
  const length = word.slice(slash + 1);
  if (/^[0-9]{1,3}$/.test(length)) {
    const bits = Number(length);
    if (bits > most)
      throw new LineFault("bad-prefix", "the prefix is too long", word, `0 to ${most}`);
    return makePrefix(addr, bits);
  }
  const mask = tryParseAddr(length);
  if (mask === undefined || mask.family !== addr.family) {
    throw new LineFault("bad-prefix", "not a prefix length or mask", word, `0 to ${most}`);
  }
  const bits = maskBits(mask);
  return bits === undefined ? undefined : makePrefix(addr, bits);
}

/** `1.2.3.4/255.255.0.255` as iptables prints it: the address without the bits of the holes. */
export function maskNetwork(word: string): string {
  const [addrText = "", maskText = ""] = word.split("/");
  const addr = tryParseAddr(addrText);
  const mask = tryParseAddr(maskText);
  if (addr === undefined || mask === undefined) return word;
  const { family } = addr;
  const masked = new Addr(
    family,
    addr.s0 & mask.s0,
    addr.s1 & mask.s1,
    addr.s2 & mask.s2,
    addr.s3 & mask.s3,
  );
  return `${masked}/${mask}`;
}

function maskBits(mask: Addr): number | undefined {
  const words = mask.family === "ip4" ? [mask.w3] : [mask.w0, mask.w1, mask.w2, mask.w3];
  const bits = words.map((w) => w.toString(2).padStart(32, "0")).join("");
  const ones = bits.indexOf("0");
  if (ones < 0) return bits.length;
  return bits.includes("1", ones) ? undefined : ones;
}

/** A protocol's own name from a name or number; `all` for 0. */
export function parseProtocol(word: string): number {
  const number = protocolNumber(word.toLowerCase());
  if (number === undefined) throw new LineFault("bad-protocol", "not a protocol", word);
  return number;
}
