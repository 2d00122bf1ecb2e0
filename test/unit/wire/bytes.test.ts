import { describe, expect, test } from "vitest";
import { parseAddr, parseMac } from "../../../src/addr/index.js";
import { InputError } from "../../../src/base/index.js";
import { crc32c } from "../../../src/wire/bytes/crc32c.js";
import {
  arpReply,
  arpRequest,
  bytesPayload,
  decodeFrame,
  decodePacket,
  echoReply,
  echoRequest,
  encodeFrame,
  encodePacket,
  encodePcap,
  encodePcapng,
  fillerPayload,
  icmpError,
  internetChecksum,
  isIcmpError,
  makeFrame,
  makePacket,
  neighborAdvertisement,
  neighborSolicitation,
  packetLength,
  packetProtocol,
  printFrame,
  printPacket,
  protocolName,
  protocolNumber,
  sctpPacket,
  segmentLength,
  TcpFlag,
  tcpSegment,
  tcpSyn,
  udpDatagram,
  vxlanPayload,
} from "../../../src/wire/index.js";

const a = parseAddr;
const macA = parseMac("02:00:00:00:00:0a");
const macB = parseMac("02:00:00:00:00:0b");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const ends4 = { src: a("10.244.1.2"), dst: a("10.244.2.3") };
const ends6 = { src: a("2001:db8::2"), dst: a("2001:db8::3") };

describe("checksums of the documents", () => {
  test("the example of RFC 1071 §3", () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(internetChecksum(bytes)).toBe(~0xddf2 & 0xffff);
  });

  test.each([
    ["123456789", 0xe3069283],
    ["", 0],
  ])("CRC32c of %j", (text, crc) => {
    expect(crc32c(new TextEncoder().encode(text))).toBe(crc);
  });
});

describe("encoding", () => {
  // tcpdump -vv reads these bytes and calls the checksum correct.
  test("a SYN over IPv4", () => {
    const payload = tcpSyn({ sport: 40000, dport: 80, seq: 1000 });
    const bytes = encodePacket(makePacket({ ...ends4, id: 1, payload }));
    expect(hex(bytes)).toBe(
      "4500002c000140004006" +
        "21df" +
        "0af40102" +
        "0af40203" +
        "9c400050" +
        "000003e8" +
        "00000000" +
        "6002faf0" +
        "e3d00000" +
        "020405b4",
    );
  });

  test("a UDP checksum that comes out as zero is sent as all ones", () => {
    const checksumWith = (word: number) => {
      const content = bytesPayload(Uint8Array.of(word >> 8, word));
      const payload = udpDatagram({ sport: 1, dport: 2, payload: content });
      const bytes = encodePacket(makePacket({ ...ends4, payload }));
      return new DataView(bytes.buffer).getUint16(26);
    };
    // A content equal to the checksum of none brings the sum to zero.
    expect(checksumWith(checksumWith(0))).toBe(0xffff);
  });

  test("an error quotes at most 548 bytes in IPv4 and 1232 in IPv6", () => {
    const udp = udpDatagram({ sport: 1, dport: 2, payload: fillerPayload(1400) });
    const long4 = makePacket({ ...ends4, payload: udp });
    const long6 = makePacket({ ...ends6, payload: udp });
    const error4 = makePacket({
      ...ends4,
      payload: icmpError({ type: 3, code: 3, quoted: long4 }),
    });
    const error6 = makePacket({
      ...ends6,
      payload: icmpError({ type: 1, code: 4, quoted: long6 }),
    });
    expect(packetLength(error4)).toBe(576);
    expect(encodePacket(error4)).toHaveLength(576);
    expect(packetLength(error6)).toBe(1280);
    const read = decodePacket(encodePacket(error6));
    expect(read.payload).toMatchObject({ quoted: { payload: { kind: "udp", dport: 2 } } });
  });
});

/** What is wrong, and a change of a good frame's bytes that makes it so. */
const BROKEN: readonly (readonly [string, string, (bytes: Uint8Array) => Uint8Array])[] = [
  ["ethernet", "short-packet", (b) => b.subarray(0, 13)],
  ["ethernet", "not-modelled", (b) => withByte(b, 12, 0x81)],
  ["ip", "bad-packet", (b) => b.subarray(0, 14)],
  ["ip", "bad-packet", (b) => withByte(b, 14, 0x55)],
  ["ip4", "bad-packet", (b) => withByte(b, 14, 0x44)],
  ["ip4", "bad-packet", (b) => withByte(b, 20, 0xc0)],
  ["ip4", "bad-checksum", (b) => withByte(b, 22, 63)],
  ["ip4", "short-packet", (b) => b.subarray(0, b.length - 1)],
  ["tcp", "bad-checksum", (b) => withByte(b, b.length - 1, 0xff)],
  ["tcp", "bad-packet", (b) => withByte(b, 14 + 20 + 12, 0x40)],
  ["tcp", "short-packet", (b) => withByte(b, 14 + 20 + 12, 0xf0)],
];

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}

test.each(BROKEN)("%s: %s", (path, code, change) => {
  const payload = tcpSegment({
    sport: 1,
    dport: 2,
    flags: TcpFlag.ack,
    payload: bytesPayload("x"),
  });
  const good = encodeFrame(makeFrame(macA, macB, makePacket({ ...ends4, payload })));
  try {
    decodeFrame(change(good));
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).faults).toMatchObject([{ path, code }]);
  }
});

test("padding behind a packet is left out, and options are skipped", () => {
  const payload = tcpSegment({ sport: 1, dport: 2, flags: TcpFlag.ack });
  const frame = makeFrame(macA, macB, makePacket({ ...ends4, payload }));
  const padded = new Uint8Array(60);
  padded.set(encodeFrame(frame));
  expect(decodeFrame(padded)).toEqual({
    ...frame,
    payload: { ...frame.payload, payload: { ...payload, payload: bytesPayload("") } },
  });
});

test.each([
  [tcpSegment({ sport: 1, dport: 2, flags: TcpFlag.ack, payload: fillerPayload(7) }), 7],
  [tcpSyn({ sport: 1, dport: 2 }), 1],
  [tcpSegment({ sport: 1, dport: 2, flags: TcpFlag.fin | TcpFlag.ack }), 1],
])("sequence space", (segment, length) => {
  expect(segmentLength(segment)).toBe(length);
});

test("one line per packet", () => {
  const p4 = (payload: Parameters<typeof makePacket>[0]["payload"]) =>
    makePacket({ ...ends4, payload });
  const p6 = (payload: Parameters<typeof makePacket>[0]["payload"]) =>
    makePacket({ ...ends6, payload });
  const syn = p4(tcpSyn({ sport: 40000, dport: 80 }));
  const request = arpRequest(macA, a("10.0.0.1"), a("10.0.0.2"));
  const lines = [
    printPacket(syn),
    printPacket(p6(tcpSegment({ sport: 80, dport: 1, flags: 0x18, payload: fillerPayload(5) }))),
    printPacket(p4(udpDatagram({ sport: 5, dport: 53, payload: bytesPayload("abc") }))),
    printPacket(p4(sctpPacket({ sport: 5, dport: 6, chunks: [1] }))),
    printPacket(p4(echoRequest("ip4", { id: 7, seq: 1 }))),
    printPacket(p6(echoReply("ip6", { id: 7, seq: 1 }))),
    printPacket(p4(icmpError({ type: 3, code: 4, mtu: 1400, quoted: syn }))),
    printPacket(p6(neighborSolicitation(ends6.dst, macA))),
    printPacket(p6(neighborAdvertisement(ends6.dst, macB))),
    printPacket(p4({ kind: "ipip", packet: syn })),
    printPacket(p4({ kind: "other", protocol: 47, payload: fillerPayload(4) })),
    printPacket({ ...syn, fragment: { offsetBytes: 0, more: true } }),
    printFrame(makeFrame(macA, macB, request)),
    printFrame(makeFrame(macB, macA, arpReply(request, macB))),
    printPacket(
      p4(
        udpDatagram({
          sport: 9,
          dport: 8472,
          payload: vxlanPayload(1, makeFrame(macA, macB, syn)),
        }),
      ),
    ),
  ];
  expect(lines).toMatchInlineSnapshot(`
    [
      "10.244.1.2:40000 > 10.244.2.3:80 tcp S",
      "[2001:db8::2]:80 > [2001:db8::3]:1 tcp P. 5 bytes",
      "10.244.1.2:5 > 10.244.2.3:53 udp 3 bytes",
      "10.244.1.2:5 > 10.244.2.3:6 sctp chunks 1",
      "10.244.1.2 > 10.244.2.3 icmp echo request id 7 seq 1",
      "2001:db8::2 > 2001:db8::3 icmp6 echo reply id 7 seq 1",
      "10.244.1.2 > 10.244.2.3 icmp fragmentation needed mtu 1400",
      "2001:db8::2 > 2001:db8::3 icmp6 neighbor solicitation 2001:db8::3",
      "2001:db8::2 > 2001:db8::3 icmp6 neighbor advertisement 2001:db8::3",
      "10.244.1.2 > 10.244.2.3 ipip [10.244.1.2:40000 > 10.244.2.3:80 tcp S]",
      "10.244.1.2 > 10.244.2.3 gre 4 bytes",
      "10.244.1.2:40000 > 10.244.2.3:80 tcp S fragment at 0+",
      "arp who-has 10.0.0.2 tell 10.0.0.1",
      "arp 10.0.0.2 is-at 02:00:00:00:00:0b",
      "10.244.1.2:9 > 10.244.2.3:8472 vxlan 1 [10.244.1.2:40000 > 10.244.2.3:80 tcp S]",
    ]
  `);
});

test("protocol names and numbers", () => {
  expect([1, 6, 17, 58, 132, 200].map(protocolName)).toEqual([
    ...["icmp", "tcp", "udp", "ipv6-icmp", "sctp", "200"],
  ]);
  expect(["TCP", "icmpv6", "132", "256", "x", ""].map(protocolNumber)).toEqual([
    ...[6, 58, 132, undefined, undefined, undefined],
  ]);
  expect(
    packetProtocol(makePacket({ ...ends6, payload: echoRequest("ip6", { id: 1, seq: 1 }) })),
  ).toBe(58);
  expect([isIcmpError("ip4", 3), isIcmpError("ip4", 8), isIcmpError("ip6", 3)]).toEqual([
    ...[true, false, true],
  ]);
});

test("captures", () => {
  const frame = makeFrame(
    macA,
    macB,
    makePacket({ ...ends4, payload: tcpSyn({ sport: 1, dport: 2 }) }),
  );
  const bytes = encodeFrame(frame);
  const pcap = encodePcap([{ atUs: 1_500_000, bytes }]);
  expect(hex(pcap.subarray(0, 4))).toBe("d4c3b2a1");
  expect(hex(pcap.subarray(24, 32))).toBe("0100000020a10700");
  expect(pcap).toHaveLength(24 + 16 + bytes.length);
  const pcapng = encodePcapng(["eth0"], [{ atUs: 2 ** 33, bytes, link: "eth0", comment: "hi" }]);
  expect(hex(pcapng.subarray(0, 4))).toBe("0a0d0d0a");
  expect(pcapng.length % 4).toBe(0);
});
