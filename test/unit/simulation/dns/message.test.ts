import { describe, expect, test } from "vitest";
import { parseAddr } from "../../../../src/addr/index.js";
import {
  type DnsMessage,
  decodeMessage,
  encodeForUdp,
  encodeMessage,
} from "../../../../src/simulation/dns/message.js";
import type { DnsRecord } from "../../../../src/simulation/dns/record.js";

const name = "web.shop.svc.cluster.local.";
const question: DnsMessage = { id: 7, question: { name, type: "A" }, recursionDesired: true };

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text: string): Uint8Array {
  const bytes = text.match(/../g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16));
}

describe("DNS messages", () => {
  test("a question is twelve bytes of header and the name", () => {
    expect(hex(encodeMessage({ ...question, question: { name: "a.bc.", type: "AAAA" } }))).toBe(
      `000701000001000000000000${"0161026263"}00001c0001`,
    );
  });

  test("an answer reads back, names compressed", () => {
    const records: DnsRecord[] = [
      { name, ttl: 30, type: "A", addr: parseAddr("10.96.0.7") },
      { name, ttl: 30, type: "AAAA", addr: parseAddr("fd00::7") },
      { name, ttl: 30, type: "CNAME", target: "other.shop.svc.cluster.local." },
      { name, ttl: 28800, type: "TXT", text: "1.1.0" },
      { name, ttl: 30, type: "SRV", priority: 0, weight: 50, port: 80, target: name },
    ];
    const rest = { rcode: "NOERROR", authoritative: true, authority: [], additional: [] } as const;
    const message: DnsMessage = { ...question, answer: { ...rest, answer: records } };
    const bytes = encodeMessage(message);
    expect(decodeMessage(bytes)).toEqual(message);
    expect(hex(bytes).match(/c00c/g)?.length).toBe(6);
  });

  test("an answer that does not fit is cut and says so", () => {
    const answer: DnsRecord[] = Array.from({ length: 60 }, (_, i) => ({
      name,
      ttl: 30,
      type: "A",
      addr: parseAddr(`10.244.0.${i}`),
    }));
    const rest = { rcode: "NOERROR", authoritative: true, authority: [], additional: [] } as const;
    const bytes = encodeForUdp({ ...question, answer: { ...rest, answer } });
    expect(bytes.length).toBeLessThanOrEqual(512);
    const read = decodeMessage(bytes)?.answer;
    expect(read?.truncated).toBe(true);
    expect(read?.answer.length).toBe(29);
  });

  test("nonsense is no message", () => {
    const rows = [
      "",
      "0007",
      // A name that points at itself.
      "000701000001000000000000c00c00010001",
      // A name longer than the message.
      "0007010000010000000000003f61",
      // An answer that says it has a record and has none.
      "000785800001000100000000016100000100010161",
    ];
    for (const row of rows) expect([row, decodeMessage(fromHex(row))]).toEqual([row, undefined]);
  });
});
