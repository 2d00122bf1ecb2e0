import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../../src/base/index.js";
import { crc32cSlow, internetChecksumSlow } from "../../../src/wire/bytes/checksum.reference.js";
import { crc32c } from "../../../src/wire/bytes/crc32c.js";
import {
  decodeFrame,
  decodePacket,
  encodeFrame,
  encodePacket,
  type Frame,
  frameLength,
  internetChecksum,
  type Packet,
  packetLength,
} from "../../../src/wire/index.js";
import { anyFrame, anyPacket } from "../../support/wire/arbitrary.js";
import { checksumOddLow, decodeWithoutTos, flipBit } from "../../support/wire/broken.js";

const OPTIONS = { seed: 1, numRuns: 3_000 };

/** Bytes as plain numbers and fields by name, so that values compare by content. */
function plain(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => {
    if (v instanceof Uint8Array) return [...v];
    if (typeof v !== "object" || v === null || Array.isArray(v)) return v;
    return Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

test("decode after encode is identity, for frames and packets of every kind", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(anyFrame, (frame) => {
      expect(plain(decodeFrame(encodeFrame(frame)))).toBe(plain(frame));
      const kind = "kind" in frame.payload ? "arp" : kindOf(frame.payload);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }),
    OPTIONS,
  );
  expect([...seen.keys()].sort((a, b) => (a < b ? -1 : 1))).toEqual([
    ...["arp", "ip4 fragment", "ip4 icmp", "ip4 ipip", "ip4 other", "ip4 sctp", "ip4 tcp"],
    ...["ip4 udp", "ip6 fragment", "ip6 icmp", "ip6 ipip", "ip6 other", "ip6 sctp", "ip6 tcp"],
    "ip6 udp",
  ]);
});

function kindOf(packet: Packet): string {
  return `${packet.family} ${packet.fragment === undefined ? packet.payload.kind : "fragment"}`;
}

test("a decoder that loses the traffic class breaks the law", () => {
  const law = fc.property(
    anyFrame,
    (frame) => plain(decodeWithoutTos(encodeFrame(frame))) === plain(frame),
  );
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});

test("lengths are those of the encoding", () => {
  fc.assert(
    fc.property(anyPacket, anyFrame, (packet, frame) => {
      expect(packetLength(packet)).toBe(encodePacket(packet).length);
      expect(frameLength(frame)).toBe(encodeFrame(frame).length);
    }),
    OPTIONS,
  );
});

test("decoding never crashes: any bytes give a value or an InputError", () => {
  const seen = { value: 0, refused: 0 };
  const attempt = (decode: () => Frame | Packet) => {
    try {
      decode();
      seen.value++;
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      seen.refused++;
    }
  };
  const flipped = fc.tuple(anyFrame, fc.nat({ max: 4_000 })).map(([f, bit]) => flipBit(f, bit));
  const cut = fc.tuple(anyFrame, fc.nat({ max: 200 })).map(([f, n]) => encodeFrame(f).slice(0, n));
  const noise = fc.uint8Array({ maxLength: 120 });
  fc.assert(
    fc.property(fc.oneof(flipped, cut, noise), (bytes) => {
      attempt(() => decodeFrame(bytes));
      attempt(() => decodeFrame(bytes, { verifyChecksums: false }));
      attempt(() => decodePacket(bytes));
      attempt(() => decodePacket(bytes.subarray(14), { verifyChecksums: false }));
    }),
    OPTIONS,
  );
  expect(Math.min(seen.value, seen.refused)).toBeGreaterThan(500);
});

test("checksums are those of their slow twins", () => {
  const bytes = fc.uint8Array({ maxLength: 70 });
  fc.assert(
    fc.property(bytes, (b) => {
      expect(internetChecksum(b) % 0xffff).toBe(internetChecksumSlow(b) % 0xffff);
      expect(crc32c(b)).toBe(crc32cSlow(b));
    }),
    OPTIONS,
  );
  const broken = fc.property(
    bytes,
    (b) => checksumOddLow(b) % 0xffff === internetChecksumSlow(b) % 0xffff,
  );
  expect(fc.check(broken, OPTIONS).failed).toBe(true);
});
