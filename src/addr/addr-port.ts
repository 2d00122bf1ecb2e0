/** `AddrPort`: an address with a port, as sockets and endpoints have it. */
import { assert, InputError } from "../base/index.js";
import type { Addr } from "./addr.js";
import { tryParseAddr } from "./addr-parse.js";

/** An address and a port: `10.244.1.7:80`, `[2001:db8::7]:80`. Immutable. */
export class AddrPort {
  readonly addr: Addr;
  readonly port: number;

  constructor(addr: Addr, port: number) {
    assert(Number.isInteger(port) && port >= 0 && port <= 65535, "a port is from 0 to 65535", {
      port,
    });
    this.addr = addr;
    this.port = port;
  }

  /** Whether address and port are the same. */
  equals(other: AddrPort): boolean {
    return this.port === other.port && this.addr.equals(other.addr);
  }

  /** By address, then port. */
  compare(other: AddrPort): number {
    return this.addr.compare(other.addr) || this.port - other.port;
  }

  /** IPv6 addresses stand in brackets (RFC 3986 §3.2.2). */
  toString(): string {
    return this.addr.family === "ip4" ? `${this.addr}:${this.port}` : `[${this.addr}]:${this.port}`;
  }

  /** A key for `Map` and `Set`. */
  key(): string {
    return this.toString();
  }

  /** In JSON it is its text. */
  toJSON(): string {
    return this.toString();
  }
}

/** Makes an address with a port. */
export function makeAddrPort(addr: Addr, port: number): AddrPort {
  return new AddrPort(addr, port);
}

/** Reads `ADDR:PORT` or `[ADDR]:PORT`, or gives undefined. */
export function tryParseAddrPort(text: string): AddrPort | undefined {
  const colon = text.lastIndexOf(":");
  const portText = text.slice(colon + 1);
  if (colon < 0 || !/^(0|[1-9][0-9]{0,4})$/.test(portText)) return undefined;
  const host = text.slice(0, colon);
  const isBracketed = host.startsWith("[") && host.endsWith("]");
  const addr = tryParseAddr(isBracketed ? host.slice(1, -1) : host);
  if (addr === undefined || (addr.family === "ip6") !== isBracketed) return undefined;
  const port = Number(portText);
  return port > 65535 ? undefined : new AddrPort(addr, port);
}

/**
 * Reads `ADDR:PORT`; an IPv6 address stands in brackets.
 *
 * Errors: `InputError` with code `bad-address-port`.
 */
export function parseAddrPort(text: string): AddrPort {
  const addrPort = tryParseAddrPort(text);
  if (addrPort !== undefined) return addrPort;
  throw new InputError({
    code: "bad-address-port",
    path: "",
    value: text,
    message: "is not an address with a port",
    expected: "such as 10.244.1.7:80 or [2001:db8::7]:80",
  });
}
