import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ip4Addr, ip6Addr } from "../../../src/addr/index.js";
import {
  type DnsMessage,
  decodeMessage,
  encodeForUdp,
  encodeMessage,
} from "../../../src/simulation/dns/message.js";
import type { DnsRecord } from "../../../src/simulation/dns/record.js";

const seed = 20261123;

const label = fc.stringMatching(/^[a-z0-9_]([a-z0-9-]{0,20}[a-z0-9])?$/);
const name = fc
  .array(label, { minLength: 1, maxLength: 6 })
  .map((labels) => `${labels.join(".")}.`);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const ttl = fc.nat(86400);

const record: fc.Arbitrary<DnsRecord> = fc.oneof(
  fc.record({ name, ttl, type: fc.constant("A" as const), addr: u32.map((n) => ip4Addr(n | 0)) }),
  fc.record({
    name,
    ttl,
    type: fc.constant("AAAA" as const),
    addr: fc.tuple(u32, u32, u32, u32).map((words) => ip6Addr(words)),
  }),
  fc.record({ name, ttl, type: fc.constantFrom("CNAME", "PTR", "NS"), target: name }),
  fc.record({
    name,
    ttl,
    type: fc.constant("TXT" as const),
    text: fc.stringMatching(/^[ -~]{0,40}$/),
  }),
  fc.record({
    name,
    ttl,
    type: fc.constant("SRV" as const),
    priority: u16,
    weight: u16,
    port: u16,
    target: name,
  }),
);

const section = fc.array(record, { maxLength: 5 });
const message: fc.Arbitrary<DnsMessage> = fc.record(
  {
    id: u16,
    question: fc.record({ name, type: fc.constantFrom("A", "AAAA", "SRV", "PTR", "HTTPS") }),
    recursionDesired: fc.boolean(),
    answer: fc.record({
      rcode: fc.constantFrom("NOERROR", "NXDOMAIN", "SERVFAIL"),
      authoritative: fc.boolean(),
      answer: section,
      authority: section,
      additional: section,
    }),
  },
  { requiredKeys: ["id", "question", "recursionDesired"] },
);

/** A reader that stops one byte early. */
function decodeShort(bytes: Uint8Array): DnsMessage | undefined {
  return decodeMessage(bytes.subarray(0, -1));
}

describe("DNS messages", () => {
  test("written and read are the same", () => {
    const types = new Set<string>();
    const law = (decode: typeof decodeMessage) =>
      fc.property(message, (input) => {
        for (const { type } of input.answer?.answer ?? []) types.add(type);
        expect(decode(encodeMessage(input))).toEqual(input);
      });
    fc.assert(law(decodeMessage), { seed, numRuns: 300 });
    expect(types).toEqual(new Set(["A", "AAAA", "CNAME", "PTR", "NS", "TXT", "SRV"]));
    expect(() => fc.assert(law(decodeShort), { seed })).toThrow();
  });

  test("fit into a datagram, and say so when they had to be cut", () => {
    let cut = 0;
    const property = fc.property(message, fc.integer({ min: 300, max: 600 }), (input, size) => {
      const bytes = encodeForUdp(input, size);
      const truncated = decodeMessage(bytes)?.answer?.truncated === true;
      if (truncated) cut++;
      return bytes.length <= size && truncated === encodeMessage(input).length > size;
    });
    fc.assert(property, { seed, numRuns: 300 });
    expect(cut).toBeGreaterThan(20);
  });

  test("of nonsense are nothing, never an exception", () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    const mutated = fc.tuple(message, fc.nat(200), fc.nat(255)).map(([input, at, value]) => {
      const copy = encodeMessage(input).slice();
      copy[at % copy.length] = value;
      return copy;
    });
    const property = fc.property(fc.oneof(bytes, mutated), (input) => {
      decodeMessage(input);
    });
    fc.assert(property, { seed, numRuns: 3000 });
  });
});
