/**
 * DNS messages as bytes (RFC 1035 §4): what travels in the UDP datagrams of a simulated look-up.
 *
 *   header 12 bytes │ question │ answer │ authority │ additional
 *
 * Names are compressed on writing, and compressed names are read. EDNS records are skipped.
 */
import { addrFromBytes } from "../../addr/index.js";
import {
  type DnsAnswer,
  type DnsQuestion,
  type DnsRecord,
  labelsOf,
  type Rcode,
  type RecordType,
  rcodes,
  recordTypes,
} from "./record.js";

/** A message: a question, or an answer to it. */
export interface DnsMessage {
  /** 0 to 65535; an answer repeats its question's. */
  readonly id: number;
  readonly question: DnsQuestion;
  /** The asker wants the server to ask on. */
  readonly recursionDesired: boolean;
  /** Absent in a question. */
  readonly answer?: DnsAnswer;
}

/** Longest answer over UDP without EDNS (RFC 1035 §4.2.1). */
export const maxUdpBytes = 512;

const classInternet = 1;
const Flag = {
  response: 0x8000,
  authoritative: 0x400,
  truncated: 0x200,
  desired: 0x100,
  available: 0x80,
};

/** Writes a message as bytes. */
export function encodeMessage(message: DnsMessage): Uint8Array {
  const { answer } = message;
  const writer = new Writer();
  writer.u16(message.id);
  writer.u16(flagsOf(message));
  writer.u16(1);
  for (const section of sectionsOf(answer)) writer.u16(section.length);
  writer.name(message.question.name);
  writer.u16(recordTypes[message.question.type]);
  writer.u16(classInternet);
  for (const record of sectionsOf(answer).flat()) writeRecord(writer, record);
  return Uint8Array.from(writer.bytes);
}

/**
 * Writes an answer for UDP: what does not fit is left out, last records first, and the answer says
 * that it is cut.
 *
 * Follows: github.com/miekg/dns msg_truncate.go `Truncate`.
 */
export function encodeForUdp(message: DnsMessage, maxBytes: number = maxUdpBytes): Uint8Array {
  const whole = encodeMessage(message);
  if (whole.length <= maxBytes || message.answer === undefined) return whole;
  const sections = sectionsOf(message.answer).map((section) => [...section]);
  const [answer = [], authority = [], additional = []] = sections;
  for (;;) {
    const shorter = { ...message.answer, truncated: true, answer, authority, additional };
    const bytes = encodeMessage({ ...message, answer: shorter });
    if (bytes.length <= maxBytes) return bytes;
    const last = [additional, authority, answer].find((section) => section.length > 0);
    if (last === undefined) return bytes;
    last.pop();
  }
}

function sectionsOf(answer: DnsAnswer | undefined): readonly (readonly DnsRecord[])[] {
  return answer === undefined ? [[], [], []] : [answer.answer, answer.authority, answer.additional];
}

function flagsOf({ answer, recursionDesired }: DnsMessage): number {
  const desired = recursionDesired ? Flag.desired : 0;
  if (answer === undefined) return desired;
  const authoritative = answer.authoritative ? Flag.authoritative : Flag.available;
  const truncated = answer.truncated ? Flag.truncated : 0;
  return Flag.response | authoritative | truncated | desired | rcodes[answer.rcode];
}

class Writer {
  readonly bytes: number[] = [];
  /** Where names, by the text of their labels from here on, were written first. */
  readonly #places = new Map<string, number>();

  u16(value: number): void {
    this.bytes.push((value >>> 8) & 0xff, value & 0xff);
  }

  u32(value: number): void {
    this.u16(value >>> 16);
    this.u16(value & 0xffff);
  }

  name(name: string): void {
    const labels = labelsOf(name);
    for (const [index, label] of labels.entries()) {
      const rest = labels.slice(index).join(".");
      const place = this.#places.get(rest);
      if (place !== undefined) {
        this.u16(0xc000 | place);
        return;
      }
      if (this.bytes.length < 0x4000) this.#places.set(rest, this.bytes.length);
      this.bytes.push(Math.min(label.length, 63), ...textBytes(label.slice(0, 63)));
    }
    this.bytes.push(0);
  }
}

function textBytes(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0) & 0xff);
}

function writeRecord(writer: Writer, record: DnsRecord): void {
  writer.name(record.name);
  writer.u16(recordTypes[record.type]);
  writer.u16(classInternet);
  writer.u32(record.ttl);
  const lengthAt = writer.bytes.length;
  writer.u16(0);
  writeData(writer, record);
  const length = writer.bytes.length - lengthAt - 2;
  writer.bytes[lengthAt] = length >>> 8;
  writer.bytes[lengthAt + 1] = length & 0xff;
}

function writeData(writer: Writer, record: DnsRecord): void {
  switch (record.type) {
    case "A":
      writer.u32(record.addr.w3);
      break;
    case "AAAA": {
      const { w0, w1, w2, w3 } = record.addr;
      for (const word of [w0, w1, w2, w3]) writer.u32(word);
      break;
    }
    case "CNAME":
    case "PTR":
    case "NS":
      writer.name(record.target);
      break;
    case "TXT":
      writer.bytes.push(record.text.length & 0xff, ...textBytes(record.text.slice(0, 255)));
      break;
    case "SRV":
      for (const value of [record.priority, record.weight, record.port]) writer.u16(value);
      writer.name(record.target);
      break;
    case "SOA": {
      writer.name(record.server);
      writer.name(record.mailbox);
      const { serial, refresh, retry, expire, minimumTtl } = record;
      for (const value of [serial, refresh, retry, expire, minimumTtl]) writer.u32(value);
      break;
    }
  }
}

/**
 * Reads a message.
 *
 * Returns: undefined for bytes that are no message of one question, or that lie about their length.
 */
export function decodeMessage(bytes: Uint8Array): DnsMessage | undefined {
  const reader = new Reader(bytes);
  const id = reader.u16();
  const flags = reader.u16();
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()];
  if (counts[0] !== 1) return undefined;
  const name = reader.name();
  const type = typeOf(reader.u16());
  reader.u16();
  const sections = counts.slice(1).map((count) => readRecords(reader, count));
  if (reader.failed || type === undefined) return undefined;
  const message = { id, question: { name, type }, recursionDesired: (flags & Flag.desired) !== 0 };
  if ((flags & Flag.response) === 0) return message;
  const [answer = [], authority = [], additional = []] = sections;
  const rcode = rcodeOf(flags & 0xf);
  const authoritative = (flags & Flag.authoritative) !== 0;
  const truncated = (flags & Flag.truncated) !== 0 ? { truncated: true } : {};
  return {
    ...message,
    answer: { rcode, authoritative, ...truncated, answer, authority, additional },
  };
}

function typeOf(value: number): RecordType | undefined {
  const found = Object.entries(recordTypes).find(([, number]) => number === value);
  return found?.[0] as RecordType | undefined;
}

function rcodeOf(value: number): Rcode {
  const found = Object.entries(rcodes).find(([, number]) => number === value);
  return (found?.[0] as Rcode | undefined) ?? "SERVFAIL";
}

/** Most pointers followed in one name, so that a loop of them ends. */
const maxPointers = 64;

class Reader {
  failed = false;
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(at = this.at++): number {
    const value = this.#bytes[at];
    if (value === undefined) this.failed = true;
    return value ?? 0;
  }

  u16(): number {
    return (this.u8() << 8) | this.u8();
  }

  u32(): number {
    return this.u16() * 0x10000 + this.u16();
  }

  take(count: number): Uint8Array {
    const part = this.#bytes.subarray(this.at, this.at + count);
    if (part.length < count) this.failed = true;
    this.at += count;
    return part;
  }

  name(): string {
    const labels: string[] = [];
    let at = this.at;
    let end: number | undefined;
    for (let pointers = 0; pointers < maxPointers && !this.failed; ) {
      const length = this.u8(at);
      if (length === 0) {
        this.at = end ?? at + 1;
        return `${labels.join(".")}.`;
      }
      if (length >= 0xc0) {
        end ??= at + 2;
        at = ((length & 0x3f) << 8) | this.u8(at + 1);
        pointers++;
        continue;
      }
      const letters = this.#bytes.subarray(at + 1, at + 1 + length);
      labels.push(String.fromCharCode(...letters));
      at += 1 + length;
    }
    this.failed = true;
    return ".";
  }
}

function readRecords(reader: Reader, count: number): DnsRecord[] {
  const records: DnsRecord[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const record = readRecord(reader);
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** Reads one record; undefined for a type without a form of its own, such as EDNS. */
function readRecord(reader: Reader): DnsRecord | undefined {
  const name = reader.name();
  const type = typeOf(reader.u16());
  reader.u16();
  const ttl = reader.u32();
  const length = reader.u16();
  const end = reader.at + length;
  const data = type === undefined ? undefined : readData(reader, type, length);
  reader.at = end;
  return data === undefined ? undefined : { name, ttl, ...data };
}

function readData(reader: Reader, type: RecordType, length: number) {
  switch (type) {
    case "A":
    case "AAAA":
      if (length !== (type === "A" ? 4 : 16)) return undefined;
      return readAddr(reader, type, length);
    case "CNAME":
    case "PTR":
    case "NS":
      return { type, target: reader.name() } as const;
    case "TXT":
      return { type, text: String.fromCharCode(...reader.take(reader.u8())) } as const;
    case "SRV": {
      const [priority, weight, port] = [reader.u16(), reader.u16(), reader.u16()];
      return { type, priority, weight, port, target: reader.name() } as const;
    }
    case "SOA": {
      const [server, mailbox] = [reader.name(), reader.name()];
      const [serial, refresh, retry] = [reader.u32(), reader.u32(), reader.u32()];
      const times = { serial, refresh, retry, expire: reader.u32(), minimumTtl: reader.u32() };
      return { type, server, mailbox, ...times } as const;
    }
    case "MX":
    case "HTTPS":
      return undefined;
  }
}

function readAddr(reader: Reader, type: "A" | "AAAA", length: number) {
  const bytes = reader.take(length);
  return reader.failed ? undefined : { type, addr: addrFromBytes(bytes) };
}
