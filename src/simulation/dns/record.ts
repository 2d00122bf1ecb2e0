/** DNS names, questions and records as values (RFC 1035), and their text. */
import { type Addr, tryParseAddr } from "../../addr/index.js";

/** Record types that have a form of their own, by name. */
export const recordTypes = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  HTTPS: 65,
} as const;

/** A record type's name. */
export type RecordType = keyof typeof recordTypes;

/** Answer codes (RFC 1035 §4.1.1). */
export const rcodes = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
} as const;

/** An answer code's name. */
export type Rcode = keyof typeof rcodes;

/** What is asked: a name ending in a dot, as it was spelled, and a type. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: RecordType;
}

/** One record; names end in a dot. */
export type DnsRecord = { readonly name: string; readonly ttl: number } & RecordData;

/** What a record of each type holds. */
export type RecordData =
  | { readonly type: "A" | "AAAA"; readonly addr: Addr }
  | { readonly type: "CNAME" | "PTR" | "NS"; readonly target: string }
  | { readonly type: "TXT"; readonly text: string }
  | {
      readonly type: "SRV";
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | {
      readonly type: "SOA";
      readonly server: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      readonly minimumTtl: number;
    };

/** A whole answer. */
export interface DnsAnswer {
  readonly rcode: Rcode;
  readonly authoritative: boolean;
  readonly truncated?: boolean;
  readonly answer: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

/** The name with a dot at its end. */
export function withDot(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}

/** The labels of a name, from left to right; none for the root. */
export function labelsOf(name: string): string[] {
  const trimmed = name.endsWith(".") ? name.slice(0, -1) : name;
  return trimmed === "" ? [] : trimmed.split(".");
}

/** Whether `child` is `parent` or below it, case aside. */
export function isBelow(parent: string, child: string): boolean {
  const above = labelsOf(parent.toLowerCase());
  const below = labelsOf(child.toLowerCase());
  const skipped = below.length - above.length;
  return skipped >= 0 && above.every((label, index) => label === below[index + skipped]);
}

/** Reads an address as Go's `net.ParseIP` does: an IPv4 address mapped into IPv6 counts as IPv4. */
export function parseHost(text: string): Addr | undefined {
  const addr = tryParseAddr(text);
  if (addr?.family !== "ip6" || addr.w0 !== 0 || addr.w1 !== 0 || addr.w2 !== 0xffff) return addr;
  const bytes = [24, 16, 8, 0].map((shift) => (addr.w3 >>> shift) & 0xff);
  return tryParseAddr(bytes.join("."));
}

/** Prints a record as `dig` does: name, time to live, class, type, data. */
export function printRecord(record: DnsRecord): string {
  return `${record.name} ${record.ttl} IN ${record.type} ${printData(record)}`;
}

function printData(record: DnsRecord): string {
  switch (record.type) {
    case "A":
    case "AAAA":
      return record.addr.toString();
    case "CNAME":
    case "PTR":
    case "NS":
      return record.target;
    case "TXT":
      return JSON.stringify(record.text);
    case "SRV":
      return `${record.priority} ${record.weight} ${record.port} ${record.target}`;
    case "SOA": {
      const { server, mailbox, serial, refresh, retry, expire, minimumTtl } = record;
      return `${server} ${mailbox} ${serial} ${refresh} ${retry} ${expire} ${minimumTtl}`;
    }
  }
}
