/** Arbitrary packets and frames that are as their own encoding decodes to. */
import * as fc from "fast-check";
import { type Addr, type Family, Mac } from "../../../src/addr/index.js";
import type { Frame, Icmp, Packet, Payload, Transport } from "../../../src/wire/index.js";
import { anyIp4, anyIp6 } from "../addr/arbitrary.js";

const u8 = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 65535 });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const bytes = fc.uint8Array({ maxLength: 40 });

/** Ports that are not VXLAN's, whose datagrams would be read as frames. */
const port = u16.filter((p) => p !== 4789 && p !== 8472);

export const anyMac: fc.Arbitrary<Mac> = fc
  .tuple(fc.integer({ min: 0, max: 0xffffff }), fc.integer({ min: 0, max: 0xffffff }))
  .map(([high, low]) => new Mac(high, low));

const payload: fc.Arbitrary<Payload> = bytes.map((b) => ({ kind: "bytes", bytes: b }));
const empty: Payload = { kind: "bytes", bytes: new Uint8Array() };

const segment: fc.Arbitrary<Transport> = fc.oneof(
  fc.record({
    kind: fc.constant("tcp" as const),
    sport: port,
    dport: port,
    seq: u32,
    ack: u32,
    flags: u8,
    window: u16,
    payload,
  }),
  fc.record({
    kind: fc.constant("tcp" as const),
    sport: port,
    dport: port,
    seq: u32,
    ack: u32,
    flags: u8,
    window: u16,
    mss: u16,
    payload,
  }),
  fc.record(
    {
      kind: fc.constant("tcp" as const),
      sport: port,
      dport: port,
      seq: u32,
      ack: u32,
      flags: u8,
      window: u16,
      mss: u16,
      windowScale: fc.integer({ min: 0, max: 14 }),
      sackPermitted: fc.constant(true),
      timestamps: fc.record({ value: u32, echo: u32 }),
      payload,
    },
    { requiredKeys: ["kind", "sport", "dport", "seq", "ack", "flags", "window", "payload"] },
  ),
);

const datagram: fc.Arbitrary<Transport> = fc.record({
  kind: fc.constant("udp" as const),
  sport: port,
  dport: port,
  payload,
});

/** Without a chunk there is nothing that could carry bytes. */
const sctp: fc.Arbitrary<Transport> = fc
  .record({
    kind: fc.constant("sctp" as const),
    sport: port,
    dport: port,
    tag: u32,
    chunks: fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 4 }),
    payload,
  })
  .map((p) => (p.chunks.length === 0 ? { ...p, payload: empty } : p));

function icmpOf(family: Family, deeper: fc.Arbitrary<Packet>): fc.Arbitrary<Transport> {
  const isIp4 = family === "ip4";
  const of = (types: readonly number[], fields: (type: number) => fc.Arbitrary<Partial<Icmp>>) =>
    fc
      .constantFrom(...types)
      .chain((type) =>
        fields(type).map((f): Icmp => ({ kind: "icmp", type, code: 0, payload: empty, ...f })),
      );
  const echo = of(isIp4 ? [0, 8, 13, 14] : [128, 129], () =>
    fc.record({ id: u16, seq: u16, payload }),
  );
  const errors = of(isIp4 ? [3, 5, 11, 12] : [1, 2, 3, 4], (type) =>
    fc.tuple(fc.option(deeper), u16, anyIp4).map(([quoted, mtu, target]) => ({
      ...(quoted === null ? {} : { quoted }),
      ...(type === 2 && !isIp4 ? { mtu } : {}),
      ...(type === 3 && isIp4 ? { code: 4, mtu } : {}),
      ...(type === 5 && isIp4 ? { target } : {}),
    })),
  );
  const plain = of(isIp4 ? [9, 10, 17] : [134, 143], () => fc.record({ payload, code: u8 }));
  if (isIp4) return fc.oneof(echo, errors, plain);
  const linkAddr = fc.option(anyMac).map((mac) => (mac === null ? {} : { linkAddr: mac }));
  const neighbor = of([135, 136], () =>
    fc
      .tuple(anyIp6, linkAddr, fc.constantFrom(0x80, 0x60, 0xe0))
      .map(([target, link, flags]) => ({ target, flags, ...link })),
  );
  return fc.oneof(
    echo,
    errors,
    plain,
    neighbor,
    of([133], () => linkAddr),
  );
}

function vxlanOf(deeper: fc.Arbitrary<Packet>): fc.Arbitrary<Transport> {
  return fc
    .tuple(
      port,
      fc.constantFrom(4789, 8472),
      fc.integer({ min: 0, max: 0xffffff }),
      frameOf(deeper),
    )
    .map(([sport, dport, vni, frame]) => ({
      kind: "udp",
      sport,
      dport,
      payload: { kind: "vxlan", vni, frame },
    }));
}

function packetOf(family: Family, depth: number): fc.Arbitrary<Packet> {
  const deeper =
    depth > 0 ? fc.oneof(packetOf("ip4", depth - 1), packetOf("ip6", depth - 1)) : null;
  const same = depth > 0 ? packetOf(family, depth - 1) : null;
  const other = fc.record({
    kind: fc.constant("other" as const),
    protocol: fc.constantFrom(2, 47, 50, 51, 89),
    payload,
  });
  const transports: fc.Arbitrary<Transport>[] = [segment, datagram, sctp, other];
  if (deeper !== null && same !== null) {
    transports.push(icmpOf(family, same), vxlanOf(deeper));
    transports.push(deeper.map((packet) => ({ kind: "ipip", packet })));
  }
  const addr: fc.Arbitrary<Addr> = family === "ip4" ? anyIp4 : anyIp6;
  return fc
    .tuple(
      fc.record({ src: addr, dst: addr, ttl: u8, tos: u8 }),
      u16,
      fc.boolean(),
      fc.oneof(...transports),
    )
    .map(([base, id, df, transport]) =>
      family === "ip4"
        ? { family, ...base, id, df, payload: transport }
        : { family, ...base, id: 0, df: true, payload: transport },
    );
}

/** A fragment: the later ones have no transport header. */
const fragment: fc.Arbitrary<Packet> = fc
  .tuple(
    packetOf("ip4", 0),
    packetOf("ip6", 0),
    fc.boolean(),
    fc.integer({ min: 0, max: 100 }),
    bytes,
  )
  .map(([ip4, ip6, isIp4, units, content]) => {
    const packet = isIp4 ? ip4 : ip6;
    const place = { offsetBytes: units * 8, more: units % 2 === 0 };
    const later: Transport = {
      kind: "other",
      protocol: 17,
      payload: { kind: "bytes", bytes: content },
    };
    return { ...packet, fragment: place, payload: units === 0 ? packet.payload : later };
  });

function frameOf(packet: fc.Arbitrary<Packet>): fc.Arbitrary<Frame> {
  const arp = fc.record({
    kind: fc.constant("arp" as const),
    operation: fc.constantFrom("request" as const, "reply" as const),
    senderMac: anyMac,
    sender: anyIp4,
    targetMac: anyMac,
    target: anyIp4,
  });
  return fc.record({
    src: anyMac,
    dst: anyMac,
    payload: fc.oneof({ weight: 4, arbitrary: packet }, arp),
  });
}

export const anyPacket: fc.Arbitrary<Packet> = fc.oneof(
  packetOf("ip4", 2),
  packetOf("ip6", 2),
  fragment,
);

export const anyFrame: fc.Arbitrary<Frame> = frameOf(anyPacket);
